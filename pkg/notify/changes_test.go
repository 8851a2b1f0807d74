package notify_test

import (
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// changed is the alert of a version of a baseline: by its event, or late by a sweep.
func (p *people) changed(version int64, eventID string, at time.Time, late bool) alert.Alert {
	a := p.bySweep("sg-1", alert.None)
	a.Kind, a.Late = alert.BaselineChanged, late
	a.Event = alert.Event{ID: eventID, Name: trail.ParameterEvent, Time: at}
	a.Baseline = alert.Baseline{Parameter: "/sg-baseline/groups/sg-1", Version: version}
	a.Reason = "updated"
	return alert.New(a)
}

// The event of a version and a sweep that waited for the event in vain report the same version. Either may come first.
func TestAVersionThatASweepAndItsEventReportMakesOneMail(t *testing.T) {
	t.Parallel()
	type telling struct {
		version int64
		eventID string
		after   time.Duration // of the write, by the clock of the event
		late    bool
		want    int
	}
	for name, tellings := range map[string][]telling{
		"the event comes after the sweep":             {{7, "", 0, true, 1}, {7, "e1", time.Second, false, 0}},
		"the sweep comes after the event":             {{7, "e1", time.Second, false, 1}, {7, "", 0, true, 0}},
		"two sweeps report":                           {{7, "", 0, true, 1}, {7, "", 0, true, 0}},
		"another version is news":                     {{7, "", 0, true, 1}, {8, "e1", time.Second, false, 1}},
		"a parameter that was written anew is news":   {{1, "", 0, true, 1}, {1, "e1", 10 * time.Minute, false, 1}},
		"two events of one version are both reported": {{1, "e1", 0, false, 1}, {1, "e2", time.Second, false, 1}},
		"a deletion is no version":                    {{0, "e1", 0, false, 1}, {0, "e2", time.Second, false, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeople(t)
			written := p.now.Truncate(time.Second)
			for i, c := range tellings {
				p.wait(20 * time.Minute)
				if n := p.mailsOf(p.changed(c.version, c.eventID, written.Add(c.after), c.late)); n != c.want {
					t.Errorf("telling %d made %d mails, want %d", i, n, c.want)
				}
			}
		})
	}
}
