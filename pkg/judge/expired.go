package judge

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// expired are the exceptions of a baseline that have expired.
type expired struct {
	exceptions []baseline.Exception
	approved   *rule.Set
	before     *rule.Set // what was permitted while they had not
}

func newExpired(doc *baseline.Document, approved *rule.Set, now time.Time) expired {
	e := expired{exceptions: doc.Expired(now), approved: approved}
	if len(e.exceptions) > 0 {
		e.before = rule.Compile(doc.Permitted(time.Time{}))
	}
	return e
}

// covering returns the exception that permitted a rule until it expired, or nil.
func (e expired) covering(r rule.Rule) *baseline.Exception {
	if e.before == nil || e.approved.Permits(r, rule.Covered) || !e.before.Permits(r, rule.Covered) {
		return nil
	}
	for i, x := range e.exceptions {
		if slices.ContainsFunc(x.Rules(), func(a rule.Rule) bool { return rule.Overlap(a, r) }) {
			return &e.exceptions[i]
		}
	}
	return nil
}

// reason names the exception that permitted a rule, with a separator.
func (e expired) reason(r rule.Rule) string {
	x := e.covering(r)
	if x == nil {
		return ""
	}
	about := strings.Join(slices.DeleteFunc([]string{x.Reason, by(x.ApprovedBy)}, func(s string) bool { return s == "" }), ", ")
	if about != "" {
		about = " (" + about + ")"
	}
	return fmt.Sprintf("the exception%s expired at %s; ", about, x.Expires.UTC().Format(time.RFC3339))
}

func by(approver string) string {
	if approver == "" {
		return ""
	}
	return "approved by " + approver
}
