package simulation

import (
	"maps"
	"slices"
	"strings"
)

// outcome is what became of an Authorize call, as far as the function knows.
type outcome int

const (
	notCalled outcome = iota
	done
	refused   // for good: denied, invalid, a duplicate, or the peer is gone
	noRoom    // the group's quota of rules is used up
	transient // throttled, failed with a 5xx, cut, or not answered
)

// door is what an invocation does to a group. It may authorise once in each
// direction, revoke, and authorise once more. What it restores comes behind, in as
// many calls as it takes.
type door struct {
	revoking bool
	before   map[string]int // Authorize calls before the first revoke, by action
	calls    map[string]int // all Authorize calls that did not fail for now, by action
	lastID   map[string]string
	last     map[string]outcome // of the last Authorize call, by action
	// duplicates says that EC2 refused a call for a rule that was there.
	duplicates bool
}

func (i *invocation) door(group string) *door {
	if i.doors[group] == nil {
		i.doors[group] = &door{before: map[string]int{}, calls: map[string]int{}, lastID: map[string]string{}, last: map[string]outcome{}}
	}
	return i.doors[group]
}

// departs notes a call that leaves its function.
func (w *world) departs(c *call) {
	group := c.writesFor()
	if group == "" {
		return
	}
	c.by.sighting(group).written = true
	door := c.by.door(group)
	switch {
	case strings.HasPrefix(c.action, "Revoke"):
		w.judgeCalls(c.by, group, door.before, 1)
		door.revoking = true
	case strings.HasPrefix(c.action, "Authorize"):
		door.last[c.action] = transient                      // until it is answered
		if !door.revoking && door.lastID[c.action] != c.id { // else it is a retry of the SDK
			door.before[c.action]++
		}
		door.lastID[c.action] = c.id
	}
}

// receives notes an answer that has reached its function.
func (w *world) receives(c *call, a answer) {
	c.by.readsApart(c, a)
	if !strings.HasPrefix(c.action, "Authorize") {
		return
	}
	group := c.form.Get("GroupId")
	door := c.by.door(group)
	door.duplicates = door.duplicates || a.code == duplicateCode
	if door.last[c.action] = a.outcome(); door.last[c.action] != transient {
		door.calls[c.action]++
	}
	if door.revoking {
		w.judgeCalls(c.by, group, door.calls, 2)
	}
}

// judgeCalls holds a function to the number of Authorize calls that it may make in
// one direction.
func (w *world) judgeCalls(by *invocation, group string, calls map[string]int, most int) {
	if d := w.papers.documents[by.sighting(group).documents.baseline]; d == nil || d.restore {
		return
	}
	for _, action := range slices.Sorted(maps.Keys(calls)) {
		if calls[action] == most+1 {
			w.broken("door", "%v made %d calls of %s for %s", by, calls[action], action, group)
		}
	}
}

func (a answer) outcome() outcome {
	switch a.code {
	case quotaCode:
		return noRoom
	case "UnauthorizedOperation", duplicateCode, "InvalidGroup.NotFound", "OperationNotPermitted", unknownRule:
		return refused
	}
	if a.cut != nil || a.status >= 400 {
		return transient
	}
	return done
}

// judgeDoor: an invocation whose calls AWS did not fail leaves no violation open
// that it knew of.
func (w *world) judgeDoor(i *invocation) {
	if i.err != nil || !w.settings.Enforce || i.onlyTells() {
		return
	}
	for _, group := range slices.Sorted(maps.Keys(i.seen)) {
		s, g := i.seen[group], w.ec2.group(group)
		if g == nil || g.managed || !s.complete() || !w.enforced(s.documents) {
			continue
		}
		for _, o := range w.owes(i, group, s) {
			closable := !o.named || i.opened(o.owned)
			if closable && o.id != "" && g.has(o.owned) {
				w.broken("door", "%v knew of %s (%s) of %s, AWS failed nothing, and it is still open", i, o.id, universe[o.rule].text, group)
			}
		}
	}
}

// enforced says whether the documents may lead to a revoke.
func (w *world) enforced(by answered) bool {
	if by.baseline != "" {
		return w.papers.documents[by.baseline].enforces()
	}
	g := w.papers.guardrails[by.guardrail]
	return g != nil && g.usable() && g.enforce
}

// onlyTells: the run at the deletion of a baseline judges nothing.
func (i *invocation) onlyTells() bool {
	return i.delivery.event != nil && i.delivery.event.name == "ParameterDelete"
}

// opened says whether the invocation's own Authorize event opened the rule, which
// is still what it was then.
func (i *invocation) opened(o owned) bool {
	e := i.delivery.event
	return e != nil && slices.Contains(e.opened, o)
}
