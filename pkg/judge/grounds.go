package judge

import (
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// Grounds are what counts beside the baseline or the guardrail. The zero value is
// none.
type Grounds struct {
	// Approvals are the group's, ended ones too, which permit nothing any more but
	// say why a rule was there.
	Approvals []*baseline.Approval
	// Grace is what recent versions of the baseline permitted.
	Grace Grace
	// Trusted says that a trusted principal made the event's call: what it opened
	// waits for approval unless the rule is of high severity.
	Trusted bool
}

// approved returns the rules of the approvals that have not ended.
func (g Grounds) approved(now time.Time) []rule.Rule {
	var rules []rule.Rule
	for _, a := range g.Approvals {
		if a.Active(now) {
			rules = append(rules, a.Rules...)
		}
	}
	return rules
}

// Grace is what the versions of a baseline that were in force until recently
// permitted. It stays permitted for a while, so that a mistake in the newest version
// can be noticed before it interrupts approved traffic.
type Grace struct {
	Former []Former
	// Until is when the grace ends.
	Until time.Time
}

// Former is a version of the baseline that was in force until recently.
type Former struct {
	Version  int64
	Document *baseline.Document
}

// InGrace is a live rule that only the grace permits.
type InGrace struct {
	secgroup.LiveRule
	Version int64 // the newest that permitted the rule; 0 where only several together did
	Until   time.Time
}

// grace is a Grace made ready for judging.
type grace struct {
	of       Grace
	versions []*rule.Set // of each former version
	together *rule.Set   // of all versions that ask for no exact match; nil if no former one does
}

// newGrace makes a Grace ready. present is what the version in force permits, and
// match how: a version with match exact permits nothing together with others.
func newGrace(g Grace, present []rule.Rule, match rule.Match, now time.Time) grace {
	ready := grace{of: g}
	var together []rule.Rule
	for _, f := range g.Former {
		permitted := f.Document.Permitted(now)
		ready.versions = append(ready.versions, rule.Compile(permitted))
		if f.Document.Matching() == rule.Covered {
			together = append(together, permitted...)
		}
	}
	if len(together) > 0 && match == rule.Covered {
		together = append(together, present...)
	}
	if len(together) > 0 {
		ready.together = rule.Compile(together)
	}
	return ready
}

// permits reports whether a former version permitted a rule, and the newest that
// did. A version that did not guard the rule's direction permitted all of it.
func (g grace) permits(r rule.Rule) (version int64, permitted bool) {
	for i := len(g.versions) - 1; i >= 0; i-- {
		former := g.of.Former[i]
		if !former.Document.Guards(r.Direction) || g.versions[i].Permits(r, former.Document.Matching()) {
			return former.Version, true
		}
	}
	return 0, g.together != nil && g.together.Permits(r, rule.Covered)
}

// PendingPrefix begins the names of approvals that sgwarden itself writes.
const PendingPrefix = "pending-"

// Pending returns the rules that wait for approval since earlier events.
func (g Grounds) Pending(now time.Time) []rule.Rule {
	var rules []rule.Rule
	for _, a := range g.Approvals {
		if a.Active(now) && strings.HasPrefix(a.Name, PendingPrefix) {
			rules = append(rules, a.Rules...)
		}
	}
	return rules
}

// separatePending takes the violations out of a decision that wait for approval:
// those that the event of a trusted principal opened and that are not of high severity, also
// together with what waits already.
//
// A pipeline often makes one call for each rule. Violations of other calls, if they
// are not of high severity, are left to their own events, and to the sweep. One that EC2 did
// not show is reported as not live: an approval for it would permit it to anybody.
func (d *Decision) separatePending(g Grounds, now time.Time) {
	var rules []rule.Rule
	for _, v := range d.Violations {
		rules = append(rules, v.Rule)
	}
	high := alert.HighSeverity(append(rules, g.Pending(now)...))
	var rest []Violation
	for i, v := range d.Violations {
		switch {
		case high[i]:
			rest = append(rest, v)
		case v.NotLive:
			v.MaybeLive = false
			rest = append(rest, v)
		case v.OpenedByEvent:
			d.Pending = append(d.Pending, v)
		}
	}
	d.Violations = rest
}
