package notify

import (
	"cmp"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/notified"
)

// remember notes what was sent. An alert is known only once all of it was.
func (b *batch) remember(undelivered []received, stories []story) {
	b.keepAll(stories)
	sent := map[notifiedRule]bool{}
	for _, s := range stories {
		if !s.sent {
			for _, id := range s.messages() {
				b.failed[id] = true
			}
			continue
		}
		for _, a := range s.alerts {
			for _, f := range a.Findings {
				for _, id := range a.alerts {
					sent[notifiedRule{keyOf(a.Alert, f), id}] = true
				}
			}
		}
	}
	for _, a := range undelivered {
		for _, f := range a.Findings {
			if sent[notifiedRule{keyOf(a.Alert, f), a.ID}] && !stays(f) {
				b.noteOver(a, f)
			}
		}
		if !slices.ContainsFunc(a.messages, func(id string) bool { return b.failed[id] }) {
			b.memory.Add(a.memoryKey(), alertFact(a.Alert), b.now)
			b.noteChange(a)
		}
	}
}

// notifiedRule is a rule that a mail was about, with the alert that brought the rule.
type notifiedRule struct {
	key
	alertID string
}

func (b *batch) noteOver(a received, f alert.Finding) {
	b.memory.Add(a.memoryKey(), ruleFact(a.Alert, f), b.now)
	b.memory.Add(a.memoryKey(), overFact(a.Alert, f, f.Action == alert.ActionAlreadyGone), b.now)
	if isAct(a.Alert, f) {
		b.memory.Add(a.memoryKey(), actFact(a.Alert, f), b.now)
	}
}

// keepAll opens and closes the entries of the memory, by the stories that were sent. A sweep reads
// the rules a while before it reports what is over: what else the batch says is newer.
func (b *batch) keepAll(stories []story) {
	stories = slices.DeleteFunc(slices.Clone(stories), func(s story) bool { return !s.sent })
	for _, s := range stories {
		for _, a := range s.alerts {
			for _, c := range a.Closed {
				b.drop(closedRef(a, c))
				b.memory.Add(a.memoryKey(), closedFact(closedRef(a, c), c.Since), b.now)
			}
		}
	}
	for _, s := range stories {
		for _, a := range s.alerts {
			b.keep(a)
		}
	}
}

// keep opens and closes the entries of the findings of an alert.
func (b *batch) keep(a received) {
	if isProblem(a.Alert) {
		b.keepOpen(a, notified.Open{}, problemState(a.Alert), "", false, false)
	}
	if isDocument(a.Kind) {
		return
	}
	for _, f := range a.Findings {
		if stays(f) {
			b.keepOpen(a, notified.Open{Rule: f.Rule, Verdict: f.Verdict}, stateOf(a.Alert, f), f.RuleID, isAct(a.Alert, f), f.Action == alert.ActionPending)
		} else {
			b.drop(findingRef(a, f))
		}
	}
}

func (b *batch) drop(r notified.Ref) {
	if e, open := b.memory.Find(r, ""); open {
		b.memory.Drop(r)
		b.memory.Add(r.GroupID, closedFact(r, e.Since), b.now)
	}
}

func (b *batch) keepOpen(a received, o notified.Open, state, ruleID string, opened, awaits bool) {
	o.GroupID, o.GroupName, o.Kind, o.Parameter, o.Since = a.memoryKey(), cmp.Or(a.GroupName, a.PrefixListName), a.Kind, a.Baseline.Parameter, b.now
	e := notified.Entry{Open: o}
	act := ""
	if opened {
		act = a.Event.ID
	}
	if before, open := b.memory.Find(o.Ref(), state); open && !isAnother(before, ruleID, act) {
		e = before
	} else if open && !before.Since.Before(b.now.Truncate(time.Second)) {
		e.Since = before.Since.Add(time.Second) // so that what closes the one before does not close it
	}
	e.GroupName, e.Kind, e.Parameter = o.GroupName, o.Kind, o.Parameter
	e.State, e.Awaits, e.NotifiedAt, e.Notified, e.Act = state, awaits, b.now, e.Notified+1, cmp.Or(act, e.Act)
	b.memory.Keep(e)
}

// isAnother reports whether what an entry is about ended and began anew: the rule has
// another id, or another event opened it. What ended the entry does not end that.
func isAnother(e notified.Entry, ruleID, act string) bool {
	return e.Rule != "" && ruleIDOf(e.State) != ruleID || act != "" && act != e.Act
}
