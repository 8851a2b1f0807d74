package notify

import (
	"strings"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/notified"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// changeOf returns the version of a document that an alert reports. A deletion is none. A
// broken approval has one alert, that it is broken; a broken baseline has another alert for
// its change.
func changeOf(a received) (c notified.Change, is bool) {
	brokenApproval := a.Kind == alert.BaselineError && strings.Contains(a.Baseline.Parameter, "/approvals/")
	if a.Event.Name != trail.ParameterEvent || a.Baseline.Version == 0 || !isDocumentChange(a.Kind) && !brokenApproval {
		return notified.Change{}, false
	}
	return notified.Change{GroupID: a.memoryKey(), Parameter: a.Baseline.Parameter, Version: a.Baseline.Version, At: a.Event.Time}, true
}

// noteChange remembers that people were notified of a version, so that no sweep makes a mail of it.
func (b *batch) noteChange(a received) {
	if c, is := changeOf(a); is {
		b.memory.AddChange(c, a.Late, b.now)
	}
}

// knowsChange reports whether one of two has reported a version already: the version's
// event, and a sweep that waited for the event in vain. Two events are never compared: the
// parameter may have been deleted and written again in between.
func (b *batch) knowsChange(a received) bool {
	c, is := changeOf(a)
	if !is {
		return false
	}
	if a.Late {
		_, known := b.memory.HasChange(c, b.now)
		return known
	}
	return b.memory.HasLateChange(c, b.now)
}
