// Package reverts finds what sgwarden reverted in a time: in the lines that its functions
// log, by CloudWatch Logs Insights, or in an archive of alerts.
package reverts

import (
	"cmp"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// Reverts are what was reverted in a time.
type Reverts struct {
	From    string   // where they were read: log groups, or files
	NotRead string   // why they could not be read; empty: they were
	Events  []Revert // oldest first
	// BySweeps counts rules that sweeps reverted. The log says how many, and not which.
	BySweeps int
	// Skipped are lines of an archive that hold no alert, by their positions.
	Skipped []string
}

// Count returns how many rules were reverted.
func (r Reverts) Count() int {
	n := r.BySweeps
	for _, e := range r.Events {
		n += len(e.Rules) + e.More
	}
	return n
}

// Revert is what was reverted after one event, or in one group by a sweep.
type Revert struct {
	Time      time.Time
	AlertID   string
	GroupID   string // or the id of a prefix list; empty where the log does not say
	GroupName string
	Rules     []Rule
	More      int    // rules that the log leaves out
	Actor     string // ARN of who made the call; empty where that is not known
	EventID   string
	EventName string
	Severity  string
	Kind      string
}

// Rule is one rule that was reverted.
type Rule struct {
	Text     string
	ID       string // sgr-…
	Restored bool   // it was missing and was put back; false: it was revoked
}

// Late is how long before a review something may have been reverted that the review could not find yet: a line of a log
// is found some time after it was written. The next review looks that far back.
const Late = 15 * time.Minute

// Period is the time whose reverts are looked for.
type Period struct {
	From, Until time.Time
	// Follows says that another review ended at From. Reverts of the time Late before From belong to this one where
	// that review does not have them. ReportedBefore are the ids of the alerts that it has of that time.
	Follows        bool
	ReportedBefore []string
}

// collection gathers reverts, each alert once: alerts and events may come twice.
type collection struct {
	from, until time.Time
	since       time.Time // from when on reverts count that have no id
	seen        map[string]bool
	found       Reverts
}

func newCollection(p Period) *collection {
	c := &collection{from: p.From, until: p.Until, since: p.From, seen: map[string]bool{}}
	if p.Follows {
		c.from = p.From.Add(-Late)
	}
	for _, id := range p.ReportedBefore {
		c.seen[id] = true
	}
	return c
}

// add takes up a revert, unless nothing was reverted, the time is another, or the alert was
// there before. The test rule of the canary is no revert that people review.
func (c *collection) add(r Revert) {
	outside := r.Time.Before(c.from) || r.Time.After(c.until)
	if len(r.Rules)+r.More == 0 || outside || r.Kind == string(alert.CanaryKind) {
		return
	}
	if r.AlertID != "" && c.seen[r.AlertID] || r.AlertID == "" && r.Time.Before(c.since) {
		return
	}
	c.seen[r.AlertID] = true
	c.found.Events = append(c.found.Events, r)
}

func (c *collection) sorted() Reverts {
	slices.SortStableFunc(c.found.Events, func(a, b Revert) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.GroupID, b.GroupID), cmp.Compare(a.EventID, b.EventID))
	})
	return c.found
}
