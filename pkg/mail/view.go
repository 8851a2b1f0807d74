package mail

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// view is a story as its mail shows it: the findings by security group, without
// doubles, and what became of them.
type view struct {
	story  Story
	worst  alert.Alert // the first alert that is about something open or done
	blocks []*block    // the worst first
	items  []item      // of all blocks, the worst first
	count  counts
	// change is the first alert of a document that somebody wrote or deleted; nil
	// where the story has none.
	change    *alert.Alert
	situation situation
}

// block is one security group, or one document that is for all groups, with what the
// alerts say of it.
type block struct {
	alerts []alert.Alert
	items  []item
}

// item is a finding and the alert that reports it.
type item struct {
	alert.Finding
	alert        alert.Alert
	highSeverity bool
	notYet       bool // an approved rule of a document that was written just now
	willGo       bool // a live rule that a new baseline does not permit
	reminder     Reminder
}

func newView(s Story) *view {
	v := &view{story: s}
	for i, a := range s.Alerts {
		if isChange(a) && v.change == nil {
			v.change = &s.Alerts[i]
		}
		if v.worst.Kind == "" && !isClosing(a) {
			v.worst = a
		}
	}
	if v.worst.Kind == "" && len(s.Alerts) > 0 {
		v.worst = s.Alerts[0]
	}
	for _, a := range s.Alerts {
		v.add(a)
	}
	v.sort()
	for _, i := range v.items {
		v.count.add(i)
	}
	v.situation = v.classify()
	return v
}

// isClosing reports whether an alert only says that something is over.
func isClosing(a alert.Alert) bool {
	return len(a.Closed) > 0 && len(a.Findings) == 0 && a.Outcome == alert.None
}

// isChange reports whether an alert says that somebody wrote or deleted a document.
func isChange(a alert.Alert) bool {
	return !isClosing(a) && a.Outcome != alert.Failed && (a.Kind == alert.BaselineChanged || a.Kind == alert.ApprovalChanged || a.Kind == alert.Paused)
}

// add gives an alert to the block of its group, or of its document.
func (v *view) add(a alert.Alert) {
	at := slices.IndexFunc(v.blocks, func(b *block) bool {
		first := b.alerts[0]
		return first.Subject() == a.Subject() && (a.Subject() != "" || first.Baseline.Parameter == a.Baseline.Parameter)
	})
	if at < 0 {
		at = len(v.blocks)
		v.blocks = append(v.blocks, &block{})
	}
	b := v.blocks[at]
	b.alerts = append(b.alerts, a)
	violations := make([]rule.Rule, len(a.Findings))
	for i, f := range a.Findings {
		if f.Verdict == alert.Violation {
			violations[i] = f.Canonical
		}
	}
	high := alert.HighSeverity(violations)
	for i, f := range a.Findings {
		_, isEntry := f.Entry()
		isHigh := high[i] && !isEntry || f.OpensPublic
		next := item{Finding: f, alert: a, highSeverity: isHigh && f.Verdict == alert.Violation, reminder: v.reminder(a, f)}
		next.willGo = a.Kind == alert.BaselineChanged && f.Verdict == alert.Violation && f.Action == alert.ActionNone
		next.notYet = v.change != nil && v.change.Kind != alert.Paused && f.Verdict == alert.Missing && f.Action == alert.ActionNone && !f.OpenedByEvent && v.permitsNow(a, f)
		b.put(next)
	}
}

// permitsNow reports whether a change of the story permits a rule of a group.
// The text of a rule that is permitted for some time ends in "until" and the time.
func (v *view) permitsNow(a alert.Alert, f alert.Finding) bool {
	return slices.ContainsFunc(v.story.Alerts, func(change alert.Alert) bool {
		return isChange(change) && change.Subject() == a.Subject() && slices.ContainsFunc(change.PermitsMore, func(text string) bool {
			text, _, _ = strings.Cut(text, " until ")
			return text == f.Rule
		})
	})
}

// put adds an item, unless its rule stands in the block already: then the one stays
// that matters more.
func (b *block) put(next item) {
	at := slices.IndexFunc(b.items, func(i item) bool { return i.Rule == next.Rule && i.Verdict == next.Verdict })
	switch {
	case at < 0:
		b.items = append(b.items, next)
	case next.rank() < b.items[at].rank():
		b.items[at] = next
	}
}

// reminder is what people were notified of a finding before; zero where nothing was.
func (v *view) reminder(a alert.Alert, f alert.Finding) Reminder {
	for _, parameter := range []string{"", a.Baseline.Parameter} {
		if r, found := v.story.Reminders[Ref{GroupID: a.Subject(), Rule: f.Rule, Parameter: parameter, Verdict: f.Verdict}]; found {
			return r
		}
	}
	return Reminder{}
}

// documentReminder is what people were notified of a document before that can't be used.
func (v *view) documentReminder(a alert.Alert) Reminder {
	for _, group := range []string{a.Subject(), ""} {
		if r, found := v.story.Reminders[Ref{GroupID: group, Parameter: a.Baseline.Parameter}]; found && len(a.Findings) == 0 {
			return r
		}
	}
	return Reminder{}
}

// rank is 0 for what is worst.
func (i item) rank() int {
	rank := 3 * map[alert.Action]int{
		alert.ActionFailed: 0, alert.ActionNone: 1, alert.ActionPending: 3,
		alert.ActionRevoked: 2, alert.ActionAlreadyGone: 5, alert.ActionRestored: 6,
	}[i.Action]
	if i.Verdict == alert.Missing && i.Action == alert.ActionNone {
		rank = 12
	}
	switch {
	case i.highSeverity && i.Canonical.Peer.IsWorld():
		return rank
	case i.highSeverity:
		return rank + 1
	}
	return rank + 2
}

// sort puts the worst finding first in each block, and the worst block first. Of equally
// bad ones, one that an event brought about comes first: the mail says who it was. Blocks
// without findings stay behind those with findings.
func (v *view) sort() {
	found := func(i item) string { return either(i.OpenedByEvent, "", "found") }
	byRank := func(a, b item) int { return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(found(a), found(b))) }
	for _, b := range v.blocks {
		slices.SortStableFunc(b.items, byRank)
	}
	best := func(b *block) int {
		if len(b.items) == 0 {
			return 100
		}
		return b.items[0].rank()
	}
	slices.SortStableFunc(v.blocks, func(a, b *block) int { return cmp.Compare(best(a), best(b)) })
	for _, b := range v.blocks {
		v.items = append(v.items, b.items...)
	}
	slices.SortStableFunc(v.items, byRank)
}
