package explain

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// verdicts judges the rules of a trigger, each in the directions that it may have.
func (g grounds) verdicts(t trail.Trigger, now time.Time) map[rule.Rule]verdict {
	violations, graces := g.violations(t, now), g.inGrace(t, now)
	waits := g.waiting(t, violations, now)
	bare := g
	bare.otherDocuments.Approvals = nil
	withoutApprovals := bare.violations(t, now)
	found := map[rule.Rule]verdict{}
	for r := range directed(t) {
		reason, violates := violations[r]
		grace, isInGrace := graces[r]
		switch _, needsApproval := withoutApprovals[r]; {
		case violates:
			found[r] = verdict{true, reason, g.wouldDo(waits[r])}
		case isInGrace:
			found[r] = verdict{false, compare.GraceText(grace, now), "leave it until then, then revoke it, and alert"}
		case needsApproval:
			found[r] = verdict{false, g.approvalText(r, now), "leave it"}
		default:
			found[r] = verdict{false, g.permits(r, now), "leave it"}
		}
	}
	return found
}

// directed yields the rules of a trigger. A rule of which the event doesn't say the
// direction comes both ways.
func directed(t trail.Trigger) iter.Seq[rule.Rule] {
	return func(yield func(rule.Rule) bool) {
		for _, c := range t.Changes {
			for _, r := range c.Rules() {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// inGrace finds the rules of a trigger that only the grace permits.
func (g grounds) inGrace(t trail.Trigger, now time.Time) map[rule.Rule]judge.InGrace {
	if len(g.otherDocuments.Grace.Former) == 0 {
		return nil
	}
	var live []secgroup.LiveRule
	for r := range directed(t) {
		live = append(live, secgroup.LiveRule{Rule: r})
	}
	found := map[rule.Rule]judge.InGrace{}
	for _, in := range judge.ByBaseline(g.doc, g.otherDocuments, trail.Trigger{}, live, now).InGrace {
		found[in.Rule] = in
	}
	return found
}

// waiting says which violations wait for approval: those that a trusted principal's
// call opened, except for those of high severity. What waits already counts too: two halves of the
// world may come in two calls.
func (g grounds) waiting(t trail.Trigger, violations map[rule.Rule]string, now time.Time) map[rule.Rule]bool {
	waits := map[rule.Rule]bool{}
	if g.trusted == nil || t.EventID == "" {
		return waits
	}
	var rules []rule.Rule
	for r := range directed(t) {
		if _, violates := violations[r]; violates {
			rules = append(rules, r)
		}
	}
	highSeverity := alert.HighSeverity(slices.Concat(rules, g.otherDocuments.Pending(now)))
	for i, r := range rules {
		waits[r] = !highSeverity[i]
	}
	return waits
}

// approvalText names the approvals without which a rule would be a violation.
func (g grounds) approvalText(r rule.Rule, now time.Time) string {
	var names []string
	var until time.Time
	for _, a := range g.otherDocuments.Approvals {
		if !a.Active(now) || !slices.ContainsFunc(a.Rules, func(approved rule.Rule) bool { return rule.Overlap(approved, r) }) {
			continue
		}
		if rule.Compile(a.Rules).Permits(r, rule.Covered) {
			return fmt.Sprintf("permitted by the approval %s until %s", a.Name, a.Expires.Format(time.RFC3339))
		}
		if names = append(names, a.Name); until.IsZero() || a.Expires.Before(until) {
			until = a.Expires
		}
	}
	slices.Sort(names)
	return fmt.Sprintf("permitted only with the approvals %s, until %s", strings.Join(names, ", "), until.Format(time.RFC3339))
}

// permits says why a rule is no violation.
func (g grounds) permits(r rule.Rule, now time.Time) string {
	if g.doc == nil {
		return "there is no baseline, and it breaks nothing of the guardrail"
	}
	if !g.doc.Guards(r.Direction) {
		return fmt.Sprintf("the baseline has no %[1]s list, so %[1]s is not guarded", r.Direction)
	}
	return rule.Compile(g.doc.Permitted(now)).Reason(r, g.doc.Matching())
}

// wouldDo says what enforcement would do about a violation. A pause and mode alert
// come before trust: what would be revoked is reported as such then.
func (g grounds) wouldDo(waits bool) string {
	switch enforces := g.doc != nil && g.doc.Enforces() || g.guardrail != nil && g.guardrail.Enforces(); {
	case !enforces:
		return "alert only (mode: alert)"
	case g.pause != nil:
		return "would be reported only: " + account.PausedText(g.pause)
	case waits:
		return fmt.Sprintf("would wait for approval for %s, since %s is trusted; then revoke it", words.Count(int(g.trusted.Pending.Hours()), "hour"), g.trusted.ARN)
	}
	return "revoke it, and alert"
}

// violations judges the rules of a trigger as if none of them were live, and returns
// the reasons. Rules of which the event doesn't say the direction are judged both
// ways.
func (g grounds) violations(t trail.Trigger, now time.Time) map[rule.Rule]string {
	var changes []trail.Change
	for r := range directed(t) {
		changes = append(changes, trail.Change{Rule: r})
	}
	t.Changes = changes
	var decision judge.Decision
	if g.doc != nil {
		decision = judge.ByBaseline(g.doc, g.otherDocuments, t, nil, now)
	} else {
		decision = judge.ByGuardrail(g.guardrail, g.otherDocuments, t, nil, now)
	}
	reasons := map[rule.Rule]string{}
	for _, v := range decision.Violations {
		reasons[v.Rule] = v.Reason()
	}
	return reasons
}
