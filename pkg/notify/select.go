package notify

import (
	"fmt"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/notified"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

const (
	// remindAfter is how long after a mail people are reminded of what stays.
	remindAfter = notified.Daily
	// remindWith is after how long people are reminded of what stays in a mail that
	// reminds them of something else, so that they get one such mail a day.
	remindWith = time.Hour
	// repeatFor is how long a mail that a rule is over explains a finding without a rule
	// id that says that the rule is not live.
	repeatFor = 2 * time.Hour
	// sameRun is the longest time between the reports of one rule by two runs, one that the rule was not live
	// and the other that the rule was revoked.
	sameRun = 2 * time.Minute
)

// novelty says whether people have to be notified of something.
type novelty int

const (
	known novelty = iota
	due           // people know it, and were notified long enough ago to be reminded
	news
)

// splitByNovelty takes out of an alert what people know. One of the results is what they do not
// know, the other is what they were notified of for the last time some time ago, or earlier.
func splitByNovelty(a received, memory *notified.Memory, now time.Time, ago time.Duration) (newAlerts, remind []received) {
	switch {
	case len(a.Closed) > 0:
		return splitClosed(a, memory, now), nil
	case isProblem(a.Alert):
		switch problemNovelty(a, memory, now, ago) {
		case news:
			return []received{a}, nil
		case due:
			return nil, []received{a}
		}
		return nil, nil
	case isDocumentChange(a.Kind), alert.IsAboutUse(a.Alert):
		return []received{a}, nil
	}
	by := map[novelty][]alert.Finding{}
	for _, f := range a.Findings {
		n := findingNovelty(a, f, memory, now, ago)
		by[n] = append(by[n], f)
	}
	return part(a, by[news]), part(a, by[due])
}

// part is an alert with some of its findings.
func part(a received, findings []alert.Finding) []received {
	if len(findings) == 0 {
		return nil
	}
	if len(findings) < len(a.Findings) {
		a.Alert = with(a.Alert, findings)
	}
	return []received{a}
}

// splitClosed takes out what people know to be over, and what is not: the entry in the
// memory began after the sweep had read what is open, or people were notified of it after the alert. What a
// sweep elsewhere read is the memory there, whose entries began some seconds before those
// of this one.
func splitClosed(a received, memory *notified.Memory, now time.Time) []received {
	var closed []alert.Closed
	for _, c := range a.Closed {
		ref := closedRef(a, c)
		e, open := memory.Find(ref, "")
		if open && (!a.elsewhere && e.Since.Unix() != c.Since.Unix() || a.MadeAt.Before(e.NotifiedAt)) {
			continue
		}
		if open || !memory.Has(a.memoryKey(), closedFact(ref, c.Since), now.Add(-notified.Recently)) {
			closed = append(closed, c)
		}
	}
	if len(closed) == 0 {
		return nil
	}
	if len(closed) < len(a.Closed) {
		a.Closed = closed
		a.Alert = alert.New(a.Alert)
	}
	return []received{a}
}

func findingNovelty(a received, f alert.Finding, memory *notified.Memory, now time.Time, ago time.Duration) novelty {
	state := stateOf(a.Alert, f)
	entry, open := memory.Find(findingRef(a, f), state)
	switch {
	case stays(f) && !open && waitsForTomorrow(a, memory, now):
		return known
	case stays(f):
		return entryNovelty(entry, open, state, isAct(a.Alert, f), a.Event.ID, now.Add(-ago))
	case open: // it is over, and people think that it stays
		return news
	case isRepeat(a, f, memory, now):
		return known
	}
	return news
}

// waitsForTomorrow reports whether what a sweep finds waits until tomorrow: the memory is full, so
// that nobody knows whether people were notified, and today they were notified of everything.
func waitsForTomorrow(a received, memory *notified.Memory, now time.Time) bool {
	return a.Event.ID == "" && memory.IsFull(a.memoryKey(), now.Add(-remindAfter))
}

// isRepeat reports whether people were notified that a finding is over. What an event opened
// is an act of its own: only the same event's act is a repeat, with who did it.
// EC2 never gives the id of a revoked rule again. The id of a rule that was not live may come
// back, since a rule can be modified there and back.
func isRepeat(a received, f alert.Finding, memory *notified.Memory, now time.Time) bool {
	knows := func(fact string, within time.Duration) bool { return memory.Has(a.memoryKey(), fact, now.Add(-within)) }
	if isAct(a.Alert, f) {
		return knows(actFact(a.Alert, f), notified.Recently)
	}
	isNotLive := f.Action == alert.ActionAlreadyGone
	switch {
	case knows(overFact(a.Alert, f, false), notified.Recently):
		return true
	case knows(overFact(a.Alert, f, true), notified.Recently):
		return isNotLive || knows(overFact(a.Alert, f, true), sameRun)
	}
	return isNotLive && f.RuleID == "" && a.Event.ID == "" && knows(ruleFact(a.Alert, f), repeatFor)
}

// isAct reports whether an event is known that brought a finding about.
func isAct(a alert.Alert, f alert.Finding) bool { return f.OpenedByEvent && a.Event.ID != "" }

// problemNovelty does not look at the event: every event of the group finds the problem.
func problemNovelty(a received, memory *notified.Memory, now time.Time, ago time.Duration) novelty {
	state := problemState(a.Alert)
	entry, open := memory.Find(problemRef(a), state)
	if !open && waitsForTomorrow(a, memory, now) {
		return known
	}
	return entryNovelty(entry, open, state, false, "", now.Add(-ago))
}

func entryNovelty(e notified.Entry, open bool, state string, opened bool, act string, remindOfBefore time.Time) novelty {
	switch {
	case !open, e.State != state, opened && e.Act != act:
		return news
	case !e.NotifiedAt.After(remindOfBefore):
		return due
	}
	return known
}

// stateOf is what decides whether a finding that stays is news again. Another rule id
// is another rule.
func stateOf(a alert.Alert, f alert.Finding) string {
	state := string(f.Action)
	if a.Outcome == alert.WouldRevert {
		state += " would-revert"
	}
	if f.Verdict == alert.Violation && alert.HighSeverity([]rule.Rule{f.Canonical})[0] {
		state += " grave"
	}
	return state + " " + f.RuleID
}

// ruleIDOf is the rule id in the state of a finding.
func ruleIDOf(state string) string { return state[strings.LastIndex(state, " ")+1:] }

// problemState is the same of an alert without findings.
func problemState(a alert.Alert) string {
	return fmt.Sprintf("%s %s %d", a.Outcome, a.Severity, a.Baseline.Version)
}
