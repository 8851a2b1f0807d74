package remediate

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// lookTime is all that an alert waits for what it says about the group: its name,
// what uses it, and the names of other groups.
const lookTime = 3 * time.Second

// surroundings is where a group stands. A field that could not be read is empty.
type surroundings struct {
	group      secgroup.Group
	notFound   bool              // there is no such group
	interfaces *alert.Interfaces // that use the group
	peers      map[string]string // names of the groups that rules refer to, by id
}

// readSurroundings reads where a group stands, all at once, beside the revoke. It never
// fails: an alert with a line less is better than none.
func (r *Remediator) readSurroundings(ctx context.Context, groupID string, peers []string) (at surroundings) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	var all sync.WaitGroup
	all.Go(func() { at.group, at.notFound = r.describe(ctx, groupID) })
	all.Go(func() { at.interfaces = r.countInterfaces(ctx, groupID) })
	if len(peers) > 0 {
		all.Go(func() { at.peers = r.namePeers(ctx, groupID, peers) })
	}
	all.Wait()
	return at
}

func (r *Remediator) describe(ctx context.Context, groupID string) (group secgroup.Group, notFound bool) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	group, err := r.Groups.Group(ctx, groupID)
	if err != nil {
		r.Log.WarnContext(ctx, "the alert goes without the group's name", "group", groupID, "reason", err.Error())
	}
	return group, errors.Is(err, secgroup.ErrNotFound)
}

func (r *Remediator) countInterfaces(ctx context.Context, groupID string) *alert.Interfaces {
	count, err := r.Around.Interfaces(ctx, groupID)
	if err != nil {
		r.Log.WarnContext(ctx, "the alert goes without the network interfaces that use the group", "group", groupID, "reason", err.Error())
		return nil
	}
	found := alert.Interfaces(count)
	return &found
}

func (r *Remediator) namePeers(ctx context.Context, groupID string, peers []string) map[string]string {
	names, err := r.Around.GroupNames(ctx, peers)
	if err != nil {
		r.Log.WarnContext(ctx, "the alert goes without the names of the groups that rules refer to", "group", groupID, "reason", err.Error())
	}
	return names
}

// mostPeers is how many groups an alert names at most: as many as a filter of EC2's
// takes in one call.
const mostPeers = 200

// peers lists the other groups that the plan's rules refer to.
func (p *plan) peers(groupID string) []string {
	var ids []string
	note := func(r rule.Rule) {
		if r.Peer.Kind == rule.Group && r.Peer.ID != groupID {
			ids = append(ids, r.Peer.ID)
		}
	}
	for _, v := range slices.Concat(p.Violations, p.Pending) {
		note(v.Rule)
	}
	for _, a := range slices.Concat(p.Missing, p.Protect) {
		note(a.Rule)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids[:min(len(ids), mostPeers)]
}
