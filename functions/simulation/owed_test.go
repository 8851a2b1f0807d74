package simulation

import (
	"slices"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// verdict is the judge's opinion of a rule, by the documents that AWS answered.
type verdict func(rule naive.Rule) bool

// verdict returns what was a violation by the documents, and whether there was a
// document to judge by at all.
func (w *world) verdict(by answered) (violates verdict, judged bool) {
	if by.baseline != "" {
		d := w.effective(by)
		return func(r naive.Rule) bool { return !d.permitsRule(r, by.at()) }, d.usable()
	}
	g := w.papers.guardrails[by.guardrail]
	approvals := w.papers.approvalsOf(by.approvals)
	return func(r naive.Rule) bool { return r.BreaksAlone() && !approves(approvals, r, by.at()) }, g != nil && g.usable()
}

// owed is a violation that an invocation has come to know of.
type owed struct {
	owned
	byEvent bool // by the event, or by a sweep's first look; else shown live by EC2
}

// owes lists the violations that an invocation has come to know of in a group.
func (w *world) owes(i *invocation, l *look, group string) []owed {
	s := l.seen[group]
	violates, judged := w.verdict(s.documents)
	if !judged {
		return nil
	}
	var all []owed
	for _, o := range s.rules {
		if violates(naive.Universe[o.rule]) && !w.leaves(i, group, o, s.documents.trust) {
			all = append(all, owed{o, false})
		}
	}
	if e := i.delivery.event; e != nil && e.group == group {
		for _, o := range e.rules {
			if violates(naive.Universe[o.rule]) && (!e.modified || s.shows(o.id) || violates(naive.Universe[o.rule].OtherDirection())) {
				all = append(all, owed{o, true})
			}
		}
	}
	if before, listed := l.listed[group]; listed {
		violated, judged := w.verdict(before)
		for _, o := range l.inventory[group] {
			if judged && violated(naive.Universe[o.rule]) && violates(naive.Universe[o.rule]) {
				all = append(all, owed{o, true})
			}
		}
	}
	return all
}

// shows says whether the live rules show the direction of a modified rule.
func (s *sighting) shows(id string) bool {
	return slices.ContainsFunc(s.rules, func(o owned) bool { return o.id == id })
}
