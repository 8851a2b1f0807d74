package replay

import (
	"fmt"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// group is a security group as it would have been with sgwarden.
type group struct {
	id, name, account, region string
	// live are the rules, and marks says of each what the replay knows beside.
	live  []secgroup.LiveRule
	marks []mark
	// revoked are the rules that sgwarden would have revoked, by their sgr- id. A call may
	// name such a rule, which was there in the history.
	revoked map[string]rule.Rule
	// removed are rules that calls removed before the replay knew the group.
	removed map[rule.Rule]bool
	// pending are approvals that sgwarden would have written for trusted principals.
	pending []*baseline.Approval
	known   knowledge
	calls   int64
}

// mark is what is known of a live rule beside what EC2 says.
type mark struct {
	reported bool   // sgwarden would have reported the rule since it was opened
	opener   opener // the zero value where the history does not have the call
	isNew    bool   // the rule came with the new group
}

// opener is the call that opened a rule.
type opener struct{ actor, eventID, eventName string }

func openerOf(t trail.Trigger) opener { return opener{actorOf(t), t.EventID, t.EventName} }

// knowledge is where the rules of a group are known from.
type knowledge uint8

const (
	assumed knowledge = iota // what the calls of the history imply
	created                  // the history has the group's creation
	described
)

func (g *group) knownText() string {
	switch g.known {
	case created:
		return "known from its creation"
	case described:
		return "known from a description"
	}
	if g.calls == 1 {
		return "assumed from 1 call"
	}
	return fmt.Sprintf("assumed from %d calls", g.calls)
}

// group returns the group of a call, which begins without rules.
func (r *Replay) group(id string, t trail.Trigger) *group {
	g := r.groups[id]
	if g == nil {
		g = &group{id: id, account: t.Account, region: t.Region}
		if doc := r.options.Documents.Baselines[id]; doc != nil {
			g.name = doc.GroupName
		}
		r.groups[id] = g
		r.await(g, t.Time)
	}
	return g
}

// add makes a rule live. A rule of the same id, or with the same traffic, is replaced:
// EC2 has no two rules that read the same.
func (g *group) add(l secgroup.LiveRule, m mark) {
	i := slices.IndexFunc(g.live, func(other secgroup.LiveRule) bool {
		return other.Rule == l.Rule || l.ID != "" && other.ID == l.ID
	})
	delete(g.revoked, l.ID)
	if i < 0 {
		g.live, g.marks = append(g.live, l), append(g.marks, m)
		return
	}
	if l.ID == "" {
		l.ID = g.live[i].ID
	}
	g.live[i], g.marks[i] = l, m
}

// index finds a live rule, -1 if there is none.
func (g *group) index(id string, r rule.Rule) int {
	return slices.IndexFunc(g.live, func(l secgroup.LiveRule) bool { return l.ID == id && l.Rule == r })
}

func (g *group) removeAt(i int) {
	g.live, g.marks = slices.Delete(g.live, i, i+1), slices.Delete(g.marks, i, i+1)
}

func (g *group) removeWhere(is func(secgroup.LiveRule) bool) {
	for i := len(g.live) - 1; i >= 0; i-- {
		if is(g.live[i]) {
			g.removeAt(i)
		}
	}
}

// mostRevoked bounds the memory for one group. In a group of which more rules would have
// been revoked, the direction of an early one is forgotten.
const mostRevoked = 1000

// revoke takes a live rule out, as sgwarden would have done.
func (g *group) revoke(i int) {
	l := g.live[i]
	g.removeAt(i)
	if l.ID == "" {
		return
	}
	if g.revoked == nil || len(g.revoked) >= mostRevoked {
		g.revoked = map[string]rule.Rule{}
	}
	g.revoked[l.ID] = l.Rule
}

// wasRevoked reports whether sgwarden would have revoked a rule that was there in the
// history. Answers without ids are compared by what the rule says.
func (g *group) wasRevoked(l secgroup.LiveRule) bool {
	if _, found := g.revoked[l.ID]; found {
		return true
	}
	if l.ID != "" {
		return false
	}
	for _, r := range g.revoked {
		if r == l.Rule {
			return true
		}
	}
	return false
}

// approvals are all approvals of a group: those that were given, and those that sgwarden
// would have written.
func (r *Replay) approvals(g *group, now time.Time) []*baseline.Approval {
	// What waited for approval once and ended a day ago says nothing any more.
	g.pending = slices.DeleteFunc(g.pending, func(a *baseline.Approval) bool { return now.Sub(a.Expires) > 24*time.Hour })
	return slices.Concat(r.options.Documents.Approvals[g.id], g.pending)
}
