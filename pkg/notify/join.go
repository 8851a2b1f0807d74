package notify

import (
	"cmp"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// strengths order actions: the strongest is the one that a mail has of a rule.
var strengths = map[alert.Action]int{
	alert.ActionFailed: 6, alert.ActionRevoked: 5, alert.ActionRestored: 4, alert.ActionPending: 3, alert.ActionNone: 2, alert.ActionAlreadyGone: 1,
}

// strength is 0 for a rule that is to be revoked later: any judgement of the rule says more.
func (m *merger) strength(p position) int {
	if isDocumentChange(m.came[p.alert].Kind) {
		return 0
	}
	return strengths[m.at(p).Action]
}

// opened reports whether the event of an alert brought a finding about. Who changes a
// document opens no rule.
func (m *merger) opened(p position) bool {
	return m.at(p).OpenedByEvent && !isDocumentChange(m.came[p.alert].Kind)
}

// rank puts a finding first whose alert says who opened it, and then one that an event
// opened.
func (m *merger) rank(p position) int {
	switch {
	case !m.opened(p):
		return 2
	case m.came[p.alert].Actor == nil:
		return 1
	}
	return 0
}

// join leaves one of the findings at some positions. The finding stays in the alert of its
// event, and has the strongest action that is still true.
func (m *merger) join(act []position) {
	stillTrue := m.stillTrue(act)
	stands := func(p position) int { return map[bool]int{true: 0, false: 1}[slices.Contains(stillTrue, p)] }
	byStrength := func(a, b position) int { return cmp.Compare(m.strength(b), m.strength(a)) }
	byPosition := func(a, b position) int {
		return cmp.Or(cmp.Compare(a.alert, b.alert), cmp.Compare(a.finding, b.finding))
	}
	owner := slices.MinFunc(act, func(a, b position) int {
		return cmp.Or(cmp.Compare(m.rank(a), m.rank(b)), cmp.Compare(stands(a), stands(b)), byStrength(a, b), byPosition(a, b))
	})
	strongest := slices.MinFunc(stillTrue, func(a, b position) int {
		return cmp.Or(byStrength(a, b), cmp.Compare(m.rank(a), m.rank(b)), byPosition(a, b))
	})
	f := m.at(strongest)
	f.OpenedByEvent = m.opened(owner)
	if f.RuleID == "" || isDocument(m.came[strongest.alert].Kind) {
		f.RuleID = cmp.Or(m.at(owner).RuleID, m.ruleID(act))
	}
	m.findings[owner.alert][owner.finding] = f
	m.take(owner, strongest, f)
	for _, p := range act {
		if p.alert != owner.alert {
			m.alerts[owner.alert].adopt(m.came[p.alert])
		}
		if p != owner {
			m.touched[p.alert] = true
		}
	}
}

// take gives the owner's alert what belongs to a finding of another alert.
func (m *merger) take(owner, from position, f alert.Finding) {
	if m.at(owner) == f {
		return
	}
	to, source := &m.alerts[owner.alert], m.came[from.alert]
	m.touched[owner.alert] = true
	if source.Outcome == alert.WouldRevert && f.Action == alert.ActionNone {
		to.Outcome = alert.WouldRevert
	}
	if f.Action == alert.ActionPending && source.PendingName != "" {
		to.PendingName = source.PendingName
	}
}

// ruleID is the first id of the findings at some positions, in the order of the alphabet.
func (m *merger) ruleID(act []position) (id string) {
	for _, p := range act {
		if own := m.at(p).RuleID; own != "" && (id == "" || own < id) {
			id = own
		}
	}
	return id
}

// stillTrue leaves out what is not true any more: a rule that stayed and was ended later,
// and a rule that was ended and is there again.
func (m *merger) stillTrue(act []position) []position {
	act = slices.DeleteFunc(slices.Clone(act), func(p position) bool {
		return stays(m.at(p)) && slices.ContainsFunc(act, func(q position) bool { return m.ended(q) && m.sameID(p, q) })
	})
	return slices.DeleteFunc(slices.Clone(act), func(p position) bool {
		return slices.ContainsFunc(act, func(q position) bool { return m.outdates(q, p) })
	})
}

// ended reports whether sgwarden ended a finding: it revoked the rule or put it back.
func (m *merger) ended(p position) bool {
	action := m.at(p).Action
	return !isDocumentChange(m.came[p.alert].Kind) && (action == alert.ActionRevoked || action == alert.ActionRestored)
}

// sameID reports whether two findings are of one rule id. EC2 never gives the id of a
// revoked rule again.
func (m *merger) sameID(p, q position) bool {
	return m.at(p).RuleID != "" && m.at(p).RuleID == m.at(q).RuleID
}

// outdates reports whether what a finding says is true, and what another one says is not
// any more. The later alert is right. Of two at one time, the rule of another id is the
// one that is there: a group never holds a rule twice.
func (m *merger) outdates(p, old position) bool {
	if isDocumentChange(m.came[p.alert].Kind) {
		return false
	}
	age := m.came[p.alert].MadeAt.Compare(m.came[old.alert].MadeAt)
	switch {
	case m.ended(p) && stays(m.at(old)):
		return age > 0
	case stays(m.at(p)) && m.ended(old) && !m.sameID(p, old):
		known := m.at(p).RuleID != "" && m.at(old).RuleID != ""
		return age > 0 || age == 0 && known
	case stays(m.at(p)) && m.ended(old) && m.at(old).Action == alert.ActionRestored:
		return age > 0
	}
	return false
}
