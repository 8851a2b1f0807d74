package simulation

import (
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// former is a version of a baseline that was replaced by the next one.
type former struct {
	document *document
	replaced time.Time
}

// drawGrace decides how long what a baseline permitted stays permitted.
func (w *world) drawGrace(t throw) {
	if t.chance(0.4) {
		w.settings.Grace = 10 * time.Minute
	}
}

// graceOf is how long what a document's former versions permitted stays permitted.
func (w *world) graceOf(d *document) time.Duration {
	if d.graceMinutes != nil {
		return time.Duration(*d.graceMinutes) * time.Minute
	}
	return w.settings.Grace
}

// formersOf are the versions that a group's baseline had before a time, or at the
// time where last is the same, but for the one in force. SSM forgets the versions of
// a parameter that is deleted.
func (w *world) formersOf(group string, at, last time.Time) []former {
	var all []former
	current := ""
	for _, c := range w.ssm.changes {
		if c.name != groupsPath+group || !(c.at.Before(at) || at.Equal(last) && c.at.Equal(at)) {
			continue
		}
		switch d := w.papers.documents[current]; {
		case c.value == "":
			all = nil
		case d != nil && d.usable():
			all = append(all, former{d, c.at})
		}
		current = c.value
	}
	return all
}

// inGrace is the document with what its former versions permit for a while.
func (d *document) inGrace(formers []former, length time.Duration) *document {
	if d == nil || length == 0 || len(formers) == 0 {
		return d
	}
	next := *d
	next.formers, next.grace = formers, length
	return &next
}

// gracePermits says whether a version permitted a rule that was in force within the
// grace, or such versions together. One with match: exact permits nothing together
// with others.
func (d *document) gracePermits(r naive.Rule, at time.Time) bool {
	var covering []int
	if !d.exact {
		covering = d.permitted(at)
	}
	found := false
	for _, f := range d.formers {
		if !f.replaced.After(at.Add(-d.grace)) {
			continue
		}
		if f.document.permitsRule(r, at) {
			return true
		}
		if !f.document.exact {
			found = true
			covering = append(slices.Clone(covering), f.document.permitted(at)...)
		}
	}
	return found && r.Carried.Without(naive.Together(covering)).Empty()
}
