package simulation

import (
	"maps"
	"slices"
	"strings"
)

// failed counts a fault of an invocation.
func (i *invocation) failed() {
	i.faults++
	i.openings++
}

// fails counts a fault of a call. That nothing can be authorised holds a revoke
// back only where it may pass, and in a run at a young event.
func (c *call) fails(f fault) {
	c.by.failed()
	final := f == denied || f == authorizeDenied
	if strings.HasPrefix(c.action, "Authorize") && (final || !c.by.mayHoldBack(c.by.started)) {
		c.by.openings--
	}
}

// judgeDoor: an invocation leaves no violation open that it knew of, unless AWS
// failed one of its calls. It goes without an excuse where AWS failed only Authorize
// calls that the revoke does not wait for.
func (w *world) judgeDoor(i *invocation) {
	if i.openings > 0 || !w.settings.Enforce || i.onlyTells() {
		return
	}
	for _, l := range i.looks {
		for _, group := range slices.Sorted(maps.Keys(l.seen)) {
			s, g := l.seen[group], w.ec2.group(group)
			if g == nil || g.managed || !s.complete() || !w.enforced(s.documents) {
				continue
			}
			for _, o := range w.owes(i, l, group) {
				closable := !o.named || i.opened(o.owned)
				if closable && o.id != "" && g.has(o.owned) {
					w.broken("door", "%v knew of %s (%s) of %s, AWS failed nothing that excuses it, and it is still open", i, o.id, universe[o.rule].text, group)
				}
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
