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
// direction, revoke, and authorise once more.
type door struct {
	revoking bool
	// before and after hold the ids that the SDK gave the Authorize calls before
	// the first revoke and after it, by direction. A retry has the id of its call.
	before, after map[string][]string
	last          map[string]outcome // of the last Authorize call, by action
}

func (i *invocation) door(group string) *door {
	if i.doors[group] == nil {
		i.doors[group] = &door{before: map[string][]string{}, after: map[string][]string{}, last: map[string]outcome{}}
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
		door.revoking = true
	case strings.HasPrefix(c.action, "Authorize"):
		door.last[c.action] = transient // until it is answered
		calls := door.before
		if door.revoking {
			calls = door.after
		}
		if of := calls[c.action]; len(of) > 0 && of[len(of)-1] == c.id {
			return // a retry of the SDK
		}
		calls[c.action] = append(calls[c.action], c.id)
		if len(calls[c.action]) == 2 {
			w.broken("door", "%v makes more than one call of %s for %s on the same side of its revoke", c.by, c.action, group)
		}
	}
}

// receives notes an answer that has reached its function.
func (c *call) receives(a answer) {
	if strings.HasPrefix(c.action, "Authorize") {
		c.by.door(c.form.Get("GroupId")).last[c.action] = a.outcome()
	}
}

func (a answer) outcome() outcome {
	switch a.code {
	case quotaCode:
		return noRoom
	case "UnauthorizedOperation", "InvalidPermission.Duplicate", "InvalidGroup.NotFound", "OperationNotPermitted", unknownRule:
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
