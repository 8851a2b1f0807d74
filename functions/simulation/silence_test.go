package simulation

import (
	"maps"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// judgeSilence holds a history to the third promise.
func (w *world) judgeSilence() {
	reported := w.reports()
	for _, i := range w.runs {
		w.judgeUnusable(reported, i)
		w.judgePauseReported(reported, i)
		w.judgeApprovalReported(reported, i)
		for _, l := range i.looks {
			for _, group := range slices.Sorted(maps.Keys(l.seen)) {
				if l.seen[group].complete() {
					w.judgeSighting(reported, i, l, group)
				}
			}
		}
	}
	for _, r := range w.revoked {
		w.judgeRevoked(reported, r)
	}
}

// judgeRevoked: what a function revoked is reported, whatever became of its run.
func (w *world) judgeRevoked(reported reports, r revoked) {
	e := r.by.delivery.event
	// By its id too: it may have been modified between the decision and the revoke.
	byEvent := e != nil && slices.ContainsFunc(e.rules, func(o owned) bool { return o.rule == r.rule || o.id == r.id })
	switch {
	case reported.ids[[2]string{r.group, r.id}]:
	case byEvent && (e.dead || reported.texts[e][[2]string{r.group, naive.Universe[r.rule].Text}]):
	case byEvent && w.overruled(r):
		w.tally.counts[countOverruled]++
	default:
		w.broken("no silent violation", "%v revoked %s (%s) of %s, and nobody was told", r.by, r.id, naive.Universe[r.rule].Text, r.group)
	}
}

// overruled says whether a retry found another document, by which the rule that
// the event names was no violation, or not to be judged.
func (w *world) overruled(r revoked) bool {
	return slices.ContainsFunc(w.runs, func(i *invocation) bool {
		if i.delivery != r.by.delivery || i.number <= r.by.number || i.seen[r.group] == nil {
			return false
		}
		s := i.seen[r.group]
		violates, judged := w.verdict(s.documents)
		return !judged || !violates(naive.Universe[r.rule]) || i.delivery.event.modified && !s.shows(r.id) && !violates(naive.Universe[r.rule].OtherDirection())
	})
}

func (w *world) judgeSighting(reported reports, i *invocation, l *look, group string) {
	s := l.seen[group]
	for _, o := range w.owes(i, l, group) {
		w.tally.counts[countKnown]++
		dead := i.delivery.event != nil && i.delivery.event.dead
		switch {
		case reported.have(i, group, o), dead && o.byEvent:
		// Where its event has no ids, a second look may be stale and not show the rule.
		case i.judgesTwice && i.opened(o.owned) && reported.texts[i.delivery.event][[2]string{group, naive.Universe[o.rule].Text}]:
		case i.err == nil:
			w.broken("no silent violation", "%v knew of %s (%s) of %s, succeeded, and nobody was told", i, o.id, naive.Universe[o.rule].Text, group)
		default:
			w.tally.counts[countOvertaken]++
		}
	}
	w.judgeGuardrailSighting(reported, i, group, s)
	d := w.papers.documents[s.documents.baseline]
	if d != nil && !d.usable() && i.err == nil && !reported.kinds[i.source()][[2]string{group, "baseline-error"}] {
		w.broken("no silent violation", "%v could not use the baseline of %s, succeeded, and nobody was told", i, group)
	}
}

// judgeGuardrailSighting: of rules that break the guardrail only together, one at
// least is reported.
func (w *world) judgeGuardrailSighting(reported reports, i *invocation, group string, s *sighting) {
	rail := w.papers.guardrails[s.documents.guardrail]
	if s.documents.baseline != "" || rail == nil || !rail.usable() || i.err != nil || !naive.Breaks(unapproved(rulesOf(s.rules), w.papers.approvalsOf(s.documents.approvals), s.documents.at())) {
		return
	}
	if !slices.ContainsFunc(s.rules, func(o owned) bool { return reported.have(i, group, owed{o, true}) }) {
		w.broken("no silent violation", "%v knew that rules of %s break the guardrail together, succeeded, and nobody was told", i, group)
	}
}

func guardrailsOf(looks []*look) [][]string {
	all := make([][]string, len(looks))
	for i, l := range looks {
		all[i] = l.guardrails
	}
	return all
}

// judgeUnusable: a document that could not be used is reported, whether its text or
// its key was in the way.
func (w *world) judgeUnusable(reported reports, i *invocation) {
	if i.err != nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(i.locked)) {
		group, isGroup := strings.CutPrefix(name, groupsPath)
		if s := i.seen[group]; isGroup && i.locked[name] && !i.unfinished && (s == nil || s.documents.baselineAt.IsZero()) && !reported.kinds[i.source()][[2]string{group, "baseline-error"}] {
			w.broken("no silent violation", "%v could not read the baseline of %s, succeeded, and nobody was told", i, group)
		}
	}
	for _, text := range slices.Concat(guardrailsOf(i.looks)...) {
		g := w.papers.guardrails[text]
		if g != nil && !g.usable() && !reported.kinds[i.source()][[2]string{"", "baseline-error"}] {
			w.broken("no silent violation", "%v could not use the guardrail, succeeded, and nobody was told", i)
		}
	}
}
