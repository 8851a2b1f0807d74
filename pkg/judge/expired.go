package judge

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// ended is an exception of the baseline, or an approval, that has ended.
type ended struct {
	rules []rule.Rule
	says  string // such as "the approval oncall-1 (INC-1234) ended at …; "
}

// expired is what was permitted until exceptions and approvals ended.
type expired struct {
	ended    []ended
	approved *rule.Set
	before   *rule.Set // what was permitted while they had not ended
}

// newExpired looks at what has ended. approved is what is permitted now, doc is nil
// for a group without a baseline.
func newExpired(doc *baseline.Document, approvals []*baseline.Approval, approved *rule.Set, now time.Time) expired {
	e := expired{approved: approved}
	if doc != nil {
		for _, x := range doc.Expired(now) {
			about := about(x.Reason, by(x.ApprovedBy))
			e.ended = append(e.ended, ended{x.Rules(), fmt.Sprintf("the exception%s expired at %s; ", about, text(x.Expires))})
		}
	}
	for _, a := range approvals {
		if !a.Active(now) {
			e.ended = append(e.ended, ended{a.Rules, fmt.Sprintf("the approval %s%s ended at %s; ", a.Name, about(a.Reason), text(a.Expires))})
		}
	}
	if len(e.ended) == 0 {
		return e
	}
	before := slices.Clone(approved.Rules())
	for _, x := range e.ended {
		before = append(before, x.rules...)
	}
	e.before = rule.Compile(before)
	return e
}

// covering returns what permitted a rule until it ended, or nil.
func (e expired) covering(r rule.Rule) *ended {
	if e.before == nil || e.approved.Permits(r, rule.Covered) || !e.before.Permits(r, rule.Covered) {
		return nil
	}
	for i, x := range e.ended {
		if slices.ContainsFunc(x.rules, func(a rule.Rule) bool { return rule.Overlap(a, r) }) {
			return &e.ended[i]
		}
	}
	return nil
}

// reason names what permitted a rule until it ended, with a separator.
func (e expired) reason(r rule.Rule) string {
	if x := e.covering(r); x != nil {
		return x.says
	}
	return ""
}

// explains reports whether all violations are of rules that were permitted until
// something ended.
func (e expired) explains(violations []Violation) bool {
	return len(violations) > 0 && !slices.ContainsFunc(violations, func(v Violation) bool { return e.covering(v.Rule) == nil })
}

func about(parts ...string) string {
	known := strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
	if known == "" {
		return ""
	}
	return " (" + known + ")"
}

func by(approver string) string {
	if approver == "" {
		return ""
	}
	return "approved by " + approver
}

func text(at time.Time) string { return at.UTC().Format(time.RFC3339) }
