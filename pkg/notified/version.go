package notified

import (
	"fmt"
	"time"
)

// The change of a document is remembered by its parameter, its version, and the second of
// its event. The second distinguishes two parameters of one name, since the versions of one
// that is deleted and written again begin with 1 again.

// Change is a version of a document that an alert reports.
type Change struct {
	GroupID   string // of the alert; empty for a document of all groups
	Parameter string
	Version   int64
	At        time.Time // of the event, or when the version was written
}

// eventSkew is the most by which the times of an event and of its version may differ. AWS
// documents no figure.
const eventSkew = 5 * time.Second

// AddChange remembers that people were notified of a change. late says that a sweep reported it.
func (b *Memory) AddChange(c Change, late bool, now time.Time) {
	b.Add(c.GroupID, c.fact(c.At, false), now)
	if late {
		b.Add(c.GroupID, c.fact(c.At, true), now)
	}
}

// HasChange reports whether people were notified of a change in the last hours, and the
// second for which that was noted.
func (b *Memory) HasChange(c Change, now time.Time) (at time.Time, known bool) {
	return b.findChange(c, false, now)
}

// HasLateChange is HasChange for changes that a sweep reported.
func (b *Memory) HasLateChange(c Change, now time.Time) bool {
	_, known := b.findChange(c, true, now)
	return known
}

func (b *Memory) findChange(c Change, late bool, now time.Time) (at time.Time, known bool) {
	for skew := -eventSkew; skew <= eventSkew; skew += time.Second {
		at := c.At.Truncate(time.Second).Add(skew)
		if b.Has(c.GroupID, c.fact(at, late), now.Add(-Recently)) {
			return at, true
		}
	}
	return time.Time{}, false
}

// fact names the account and region of a change elsewhere: one push may write the same version of
// /sg-baseline/guardrail in many accounts within a second.
func (c Change) fact(at time.Time, late bool) string {
	if isElsewhere(c.GroupID) {
		return fmt.Sprintf("change elsewhere\n%s\n%s\n%d\n%d\n%t", c.GroupID, c.Parameter, c.Version, at.Unix(), late)
	}
	return fmt.Sprintf("change\n%s\n%d\n%d\n%t", c.Parameter, c.Version, at.Unix(), late)
}
