package notify_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// openIn are findings of one group that stay.
func openIn(n int) []alert.Finding {
	findings := make([]alert.Finding, n)
	for i := range n {
		findings[i] = finding(fmt.Sprintf("ingress tcp %d 10.%d.%d.0/24", 1000+i*7, i%250, i/250), scattered("sgr-", i), none)
	}
	return findings
}

// scattered is an id that compresses no better than those of EC2.
func scattered(prefix string, i int) string {
	return fmt.Sprintf("%s%017x", prefix, (uint64(i)+1)*0x9e3779b97f4a7c15>>4)
}

// TestWhatStaysIsMailedOnceADayHoweverMuchItIs has five sweeps within a day, and four of
// the next day.
func TestWhatStaysIsMailedOnceADayHoweverMuchItIs(t *testing.T) {
	t.Parallel()
	inGroup := func(n int) func(p *people) []alert.Alert {
		return func(p *people) []alert.Alert {
			return []alert.Alert{p.bySweep("sg-0a1b2c3d4e5f60718", alert.WouldRevert, openIn(n)...)}
		}
	}
	inGroups := func(n int) func(p *people) []alert.Alert {
		return func(p *people) []alert.Alert {
			var alerts []alert.Alert
			for i := range n {
				alerts = append(alerts, p.bySweep(scattered("sg-", i), alert.WouldRevert, finding(ssh, scattered("sgr-", i), none)))
			}
			return alerts
		}
	}
	for name, c := range map[string]struct {
		alerts func(p *people) []alert.Alert
		day2   int
	}{
		"one rule":                       {alerts: inGroup(1), day2: 1},
		"200 rules of a group":           {alerts: inGroup(200), day2: 1},
		"1,000 rules of a group":         {alerts: inGroup(1000), day2: 2}, // a reminder, and what had no room
		"a rule in each of 1,000 groups": {alerts: inGroups(1000), day2: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeople(t)
			for sweep, want := range []int{1, 0, 0, 0, 0, c.day2, 0, 0, 0} {
				p.restart()
				at := p.now
				if got := p.mailsOf(c.alerts(p)...); got != want {
					t.Errorf("%d mails of sweep %d, want %d", got, sweep, want)
				}
				if p.now = at.Add(15 * time.Minute); sweep == 4 {
					p.now = at.Add(23 * time.Hour)
				}
			}
		})
	}
}

func TestAnEventIsMailedAtOnceHoweverFullTheMemoryIs(t *testing.T) {
	t.Parallel()
	const group = "sg-0a1b2c3d4e5f60718"
	p := newPeople(t)
	p.mailsOf(p.bySweep(group, alert.WouldRevert, openIn(1000)...))
	p.wait(15 * time.Minute)
	found := func() alert.Alert { return p.bySweep(group, alert.WouldRevert, finding(ssh, "sgr-new", none)) }
	if n := p.mailsOf(found()); n != 0 {
		t.Errorf("%d mails of what a sweep found", n)
	}
	if n := p.mailsOf(p.byEvent(group, "e1", mallory, alert.WouldRevert, opened(ssh, "sgr-new", none))); n != 1 {
		t.Errorf("%d mails of the event", n)
	}
	p.wait(24 * time.Hour)
	other := p.bySweep(group, alert.WouldRevert, finding("ingress tcp 3389 0.0.0.0/0", "sgr-other", none))
	if n := p.mailsOf(other); n != 1 {
		t.Errorf("%d mails of what a sweep found a day later", n)
	}
}
