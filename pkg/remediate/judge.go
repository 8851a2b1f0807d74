package remediate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// verdict is what the live rules and the event's are found to be.
type verdict struct {
	kind       alert.Kind
	violations []violation // the live ones first, then those already gone
	unreadable []LiveRule
	// cut is approved traffic that only violations carry: it is authorised
	// before they are revoked.
	cut []Approved
	// missing are approved rules that were not there before.
	missing []Approved
	restore bool // put back what is missing
	enforce bool
}

// violation is a rule that isn't permitted. It can't be revoked when it is gone.
type violation struct {
	LiveRule
	reason string
	gone   bool
}

func (v verdict) empty() bool {
	return len(v.violations)+len(v.unreadable)+len(v.missing) == 0
}

// judge is pure. It takes the rules that an event names and the live rules
// together: a live one that no event named is a violation all the same, and one
// that is gone already was still an exposure.
func judge(t trail.Trigger, live []LiveRule, doc *baseline.Document, now time.Time) verdict {
	approved := rule.Compile(doc.Permitted(now))
	exceptions := newExpired(doc, now)
	match := doc.Matching()
	v := sift(t, live, func(r rule.Rule) (string, bool) {
		if approved.Permits(r, match) {
			return "", true
		}
		return exceptions.reason(r) + approved.Reason(r, match), false
	})
	v.kind = alert.Drift
	if len(v.violations) > 0 && !slices.ContainsFunc(v.violations, func(violation violation) bool { return !exceptions.cover(violation.Rule) }) {
		v.kind = alert.ExceptionExpired
	}
	v.restore = doc.Restore
	kept, going := v.split(live)
	if len(going) == 0 && !v.restore && !t.MayRemove {
		return v // nothing can be cut or missed: spare the time
	}
	all := rule.Compile(slices.Concat(kept, going))
	if len(going) > 0 {
		v.cut = describe(doc, rule.Cut(approved, all, rule.Compile(kept), going))
	}
	v.missing = describe(doc, slices.DeleteFunc(rule.Missing(doc.Standing(), all), func(r rule.Rule) bool {
		return contains(v.cut, r) || !v.restore && !mayHaveRemoved(t, r)
	}))
	return v
}

// mayHaveRemoved keeps a missing rule from being reported with each event that
// has nothing to do with it, such as that of a revoke of sgwarden's own.
func mayHaveRemoved(t trail.Trigger, r rule.Rule) bool {
	overlaps := func(removed rule.Rule) bool { return rule.Overlap(removed, r) }
	return t.MayRemove && (len(t.Removed) == 0 || slices.ContainsFunc(t.Removed, overlaps))
}

// judgeByGuardrail takes the live rules and those already gone together, since
// two halves of the world are the world.
func judgeByGuardrail(t trail.Trigger, live []LiveRule, g *baseline.Guardrail) verdict {
	var together []rule.Rule
	for _, l := range live {
		if l.Unreadable == nil {
			together = append(together, l.Rule)
		}
	}
	for _, c := range t.Changes {
		together = append(together, c.Rules()...)
	}
	set := rule.Compile(together)
	v := sift(t, live, func(r rule.Rule) (string, bool) {
		for _, f := range g.Forbid {
			if set.Breaks(r, f) {
				return f.Reason(r), false
			}
		}
		return "", true
	})
	v.kind = alert.GuardrailKind
	return v
}

// sift puts the live rules and the event's into a verdict; permits tells why
// not where it says no.
func sift(t trail.Trigger, live []LiveRule, permits func(rule.Rule) (string, bool)) verdict {
	var v verdict
	named, isLive := map[rule.Rule]bool{}, map[rule.Rule]bool{}
	for _, c := range t.Changes {
		for _, r := range c.Rules() {
			named[r] = true
		}
	}
	for _, l := range live {
		if l.Unreadable != nil {
			v.unreadable = append(v.unreadable, l)
			continue
		}
		isLive[l.Rule] = true
		if reason, ok := permits(l.Rule); !ok {
			if len(t.Changes) > 0 && !named[l.Rule] {
				reason += "; it was there before this event"
			}
			v.violations = append(v.violations, violation{LiveRule: l, reason: reason})
		}
	}
	for _, c := range t.Changes {
		if slices.ContainsFunc(c.Rules(), func(r rule.Rule) bool { return isLive[r] }) {
			continue
		}
		for _, r := range c.Rules() {
			if reason, ok := permits(r); !ok {
				isLive[r] = true // an event may name a rule twice
				if c.EitherDirection {
					reason += "; the event does not say the direction"
				}
				v.violations = append(v.violations, violation{LiveRule{ID: c.RuleID, Rule: r, Description: c.Description}, reason, true})
				break
			}
		}
	}
	return v
}

// split returns the live rules that stay and those that are to be revoked.
func (v verdict) split(live []LiveRule) (kept, going []rule.Rule) {
	ids := map[string]bool{}
	for _, violation := range v.violations {
		if !violation.gone {
			ids[violation.ID] = true
		}
	}
	for _, l := range live {
		switch {
		case l.Unreadable != nil:
		case ids[l.ID]:
			going = append(going, l.Rule)
		default:
			kept = append(kept, l.Rule)
		}
	}
	return kept, going
}

// expired are the exceptions of a baseline that have expired.
type expired struct {
	exceptions []baseline.Exception
	with       *rule.Set // what was permitted while they had not
}

func newExpired(doc *baseline.Document, now time.Time) expired {
	e := expired{exceptions: doc.Expired(now)}
	if len(e.exceptions) > 0 {
		e.with = rule.Compile(doc.Permitted(time.Time{}))
	}
	return e
}

func (e expired) cover(r rule.Rule) bool { return e.with != nil && e.with.Permits(r, rule.Covered) }

// reason names the exception that permitted a rule, with a separator.
func (e expired) reason(r rule.Rule) string {
	if !e.cover(r) {
		return ""
	}
	for _, x := range e.exceptions {
		if slices.ContainsFunc(x.Rules(), func(a rule.Rule) bool { return rule.Overlap(a, r) }) {
			about := strings.Join(slices.DeleteFunc([]string{x.Reason, by(x.ApprovedBy)}, func(s string) bool { return s == "" }), ", ")
			if about != "" {
				about = " (" + about + ")"
			}
			return fmt.Sprintf("the exception%s expired at %s; ", about, x.Expires.UTC().Format(time.RFC3339))
		}
	}
	return ""
}

func by(approver string) string {
	if approver == "" {
		return ""
	}
	return "approved by " + approver
}

// describe finds the descriptions that the baseline gives to rules.
func describe(doc *baseline.Document, rules []rule.Rule) []Approved {
	descriptions := map[rule.Rule]string{}
	for _, entries := range [][]baseline.Entry{doc.Egress, doc.Ingress} {
		for _, e := range entries {
			for _, r := range e.Rules() {
				descriptions[r] = e.Description
			}
		}
	}
	approved := make([]Approved, len(rules))
	for i, r := range rules {
		approved[i] = Approved{Rule: r, Description: descriptions[r]}
	}
	return approved
}

func contains(approved []Approved, r rule.Rule) bool {
	return slices.ContainsFunc(approved, func(a Approved) bool { return a.Rule == r })
}
