package simulation

import (
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// justified says whether a document in force while the function may have decided
// forbade one of the rules that the id stood for, of those that EC2 may have shown
// the function.
func (w *world) justified(by *invocation, group, id string, at time.Time) bool {
	from := by.judgesFrom(group, at)
	for _, rule := range w.ec2.contents(id, by.decided(at).Add(-staleBound), at) {
		for _, h := range w.moments(group, from, at) {
			if h.baseline == "" && !approves(h.approvals, naive.Universe[rule], h.until) && w.guardrailForbade(by, group, h, owned{id, rule}, from, at) {
				return true
			}
			d := h.document
			if d.enforces() && (!d.permits(rule, h.until) || w.inTheWay(by, group, d, rule, h.until)) {
				return true
			}
		}
	}
	return false
}

// inTheWay says whether a permitted rule had to make room for an approved one: the
// group was full, the baseline restores, it doesn't have the rule itself, and live
// rules that the baseline has carry all of the rule's traffic.
func (w *world) inTheWay(by *invocation, group string, d *document, rule int, at time.Time) bool {
	if !d.restore || !by.full || slices.Contains(d.permitted(by.started), rule) {
		return false
	}
	var written []int
	for _, o := range w.lived(group, by.decided(at), at) {
		if slices.Contains(d.permitted(by.started), o.rule) {
			written = append(written, o.rule)
		}
	}
	return naive.Universe[rule].Carried.Without(naive.Together(written)).Empty()
}

// guardrailForbade says whether an enforcing guardrail was in force that the rule
// broke: by itself, or with the group's other rules. Of rules that break it
// together, those are revoked that the event opened. Another is revoked only if the group still
// broke it without them, without what breaks it alone, and without what the
// function revoked beside. An approved rule stays, and is counted.
func (w *world) guardrailForbade(by *invocation, group string, h moment, o owned, from, to time.Time) bool {
	inForce := slices.ContainsFunc(w.ssm.during(guardrailName, from, to), func(h heldValue) bool {
		g := w.papers.guardrails[h.value]
		return g != nil && g.usable() && g.enforce
	})
	switch {
	case !inForce || naive.Universe[o.rule].Public == 0:
		return false
	case naive.Universe[o.rule].BreaksAlone():
		return true
	}
	lived := w.lived(group, by.decided(to), to)
	if by.opened(o) {
		return naive.Breaks(rulesOf(lived))
	}
	return naive.Breaks(rulesOf(slices.DeleteFunc(lived, func(other owned) bool {
		return other != o && (by.opened(other) || naive.Universe[other.rule].BreaksAlone() || by.hasRevoked(w, group, other.id)) && !approves(h.approvals, naive.Universe[other.rule], h.until)
	})))
}

// hasRevoked says whether the invocation has revoked a rule.
func (i *invocation) hasRevoked(w *world, group, id string) bool {
	return slices.ContainsFunc(w.ec2.changes, func(c change) bool {
		return c.by == i && c.group == group && c.id == id && c.after < 0
	})
}
