package sweep

import (
	"context"
	"errors"
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// rules are a group's: only what judging needs, since a region may have
// hundreds of thousands and the function little memory.
type rules struct {
	canonical    []rule.Rule
	notCanonical []rule.Direction // of each rule that has no canonical form
}

// readRules reads all rules of the region. Where a page fails, what was read
// before it is judged all the same. Groups of other accounts are counted and left alone.
func (r *run) readRules(ctx context.Context) {
	names := map[string]string{}
	for found, err := range r.Rules.AllRules(ctx) {
		if err != nil {
			r.partial = true
			r.fail(fmt.Errorf("read the rules of the region: %w", err))
			break
		}
		if secgroup.IsForeign(found.GroupOwner, r.account) {
			r.foreign[found.GroupID] = true
			continue
		}
		group := r.rules[found.GroupID]
		if found.NotCanonical != nil {
			group.notCanonical = append(group.notCanonical, found.Rule.Direction)
		} else {
			found.Rule.Peer.ID = intern(names, found.Rule.Peer.ID)
			group.canonical = append(group.canonical, found.Rule)
		}
		r.rules[found.GroupID] = group
		r.summary.Rules++
	}
	r.summary.Groups, r.summary.Foreign = len(r.rules), len(r.foreign)
}

// intern keeps one copy of an id that many rules refer to.
func intern(names map[string]string, s string) string {
	if known, ok := names[s]; ok {
		return known
	}
	names[s] = s
	return s
}

var errNotCanonical = errors.New("it has no canonical form")

// liveOf returns the rules of a group as judging takes them. The next call uses the
// same memory.
func (r *run) liveOf(groupID string) []secgroup.LiveRule {
	r.live = r.live[:0]
	group := r.rules[groupID]
	for _, canonical := range group.canonical {
		r.live = append(r.live, secgroup.LiveRule{Rule: canonical})
	}
	for _, direction := range group.notCanonical {
		r.live = append(r.live, secgroup.LiveRule{Rule: rule.Rule{Direction: direction}, NotCanonical: errNotCanonical})
	}
	return r.live
}
