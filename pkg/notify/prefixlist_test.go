package notify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

const worldEntry = "entry 0.0.0.0/0"

// ofList is the alert of a change of a prefix list; without an event, a sweep's.
func (p *people) ofList(eventID string, outcome alert.Outcome, action alert.Action) alert.Alert {
	f := alert.Finding{Rule: worldEntry, Verdict: alert.Violation, Action: action, OpensPublic: true, OpenedByEvent: eventID != "", Reason: "no approved entry covers 0.0.0.0/0"}
	a := p.bySweep("", outcome, f)
	if eventID != "" {
		a = p.byEvent("", eventID, mallory, outcome, f)
	}
	a.Kind, a.GroupName, a.PrefixListID, a.PrefixListName = alert.PrefixListKind, "", "pl-0a", "offices"
	a.Baseline.Parameter = "/sg-baseline/prefix-lists/pl-0a"
	return alert.New(a)
}

// listClosing is the alert of a sweep that finds the entry over.
func (p *people) listClosing(since time.Time) alert.Alert {
	a := p.ofList("", alert.None, none)
	a.Findings, a.Closed = nil, []alert.Closed{{How: "as approved", Rule: worldEntry, Verdict: alert.Violation, Since: since}}
	return alert.New(a)
}

func TestAnEntryOfAPrefixListIsMailedOnceAndAgainWhenItComesBack(t *testing.T) {
	t.Parallel()
	type step struct {
		after time.Duration
		alert func(p *people) alert.Alert
		mails int
	}
	list := func(eventID string, outcome alert.Outcome, action alert.Action) func(*people) alert.Alert {
		return func(p *people) alert.Alert { return p.ofList(eventID, outcome, action) }
	}
	cases := map[string][]step{
		"an event that is delivered twice": {
			{0, list("e1", alert.Reverted, revoked), 1},
			{time.Minute, list("e1", alert.AlreadyGone, notLive), 0},
			{time.Minute, list("e2", alert.Reverted, revoked), 1},
		},
		"an event after the sweep": {
			{0, list("", alert.Reverted, revoked), 1},
			{time.Minute, list("e1", alert.AlreadyGone, notLive), 1}, // says who did it
			{time.Minute, list("e1", alert.AlreadyGone, notLive), 0},
		},
		"an entry that stays open": {
			{0, list("e1", alert.WouldRevert, none), 1},
			{15 * time.Minute, list("", alert.WouldRevert, none), 0},
			{15 * time.Minute, list("", alert.WouldRevert, none), 0},
			{15 * time.Minute, list("e2", alert.WouldRevert, none), 1},
		},
		"an entry that comes back after its end was reported": {
			{0, list("", alert.WouldRevert, none), 1},
			{time.Hour, func(p *people) alert.Alert { return p.listClosing(p.now.Add(-time.Hour)) }, 1},
			{time.Hour, list("", alert.WouldRevert, none), 1},
			{15 * time.Minute, list("", alert.WouldRevert, none), 0},
		},
		"an entry that could not be removed, and then was": {
			{0, list("e1", alert.Failed, failed), 1},
			{time.Minute, list("e1", alert.Reverted, revoked), 1},
		},
	}
	for name, steps := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeople(t)
			for i, s := range steps {
				p.wait(s.after)
				if n := p.mailsOf(s.alert(p)); n != s.mails {
					t.Errorf("step %d made %d mails, want %d", i+1, n, s.mails)
				}
			}
		})
	}
}

// TestContentionOverAPrefixListRaisesTheAlarm has a twin with fewer reverts.
func TestContentionOverAPrefixListRaisesTheAlarm(t *testing.T) {
	t.Parallel()
	for reverts, want := range map[int]int{5: 0, 6: 1} {
		p := newPeople(t)
		for i := range reverts {
			p.mailsOf(p.ofList("e"+string(rune('1'+i)), alert.Reverted, revoked))
			p.wait(time.Minute)
		}
		if len(p.alarms) != want {
			t.Errorf("%d reverts: %d alarms", reverts, len(p.alarms))
		}
		for _, alarm := range p.alarms {
			if strings.Contains(alarm.Subject+alarm.Body, "security group") || !strings.Contains(alarm.Body, "prefix list") {
				t.Errorf("the alarm is not about the list:\n%s\n%s", alarm.Subject, alarm.Body)
			}
		}
	}
}
