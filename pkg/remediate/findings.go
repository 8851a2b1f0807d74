package remediate

import (
	"errors"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// findings lists what was restored, the violations, what can't be read, and what
// is missing and left.
func (p *plan) findings() []alert.Finding {
	var all []alert.Finding
	for _, x := range p.restorations {
		f := missing(x.ApprovedRule)
		if x.cut {
			f.Reason = "approved, and only a rule to be revoked carried its traffic"
		}
		f.Action, f.Error = action(x.done, x.err, alert.ActionRestored)
		if errors.Is(x.err, secgroup.ErrGone) { // the group, or the one that the rule refers to
			f.Action, f.Error = alert.ActionNone, x.err.Error()
			if x.cut {
				f.Action = alert.ActionFailed
			}
		}
		all = append(all, f)
	}
	next := 0
	for _, violation := range p.violations {
		f := finding(violation)
		if !violation.gone {
			x := p.revocations[next]
			f.Action, f.Error = action(x.done, x.err, alert.ActionRevoked)
			if x.unrecorded() {
				f.Reason += "; sgwarden revokes it once this alert is out and says so in another: if none comes, it is still open"
			}
			next++
		}
		all = append(all, f)
	}
	for _, l := range p.unreadable {
		f := alert.Finding{
			Rule: l.Text, RuleID: l.ID, Description: l.Description, Verdict: alert.Violation, Action: alert.ActionNone,
			Reason: "sgwarden can't read this rule and did not judge it", Error: l.Unreadable.Error(),
		}
		if p.enforce {
			f.Action = alert.ActionFailed
		}
		all = append(all, f)
	}
	if !p.restore {
		for _, a := range p.missing {
			all = append(all, missing(a))
		}
	}
	return all
}

// finding is a violation as it reads once the rule is gone, which is what a record
// has to say.
func finding(v violation) alert.Finding {
	return alert.Finding{
		Rule: v.Rule.String(), Canonical: v.Rule, RuleID: v.ID, Description: v.Description,
		Owner: v.Owner, Verdict: alert.Violation, Reason: v.reason(), Action: alert.ActionAlreadyGone,
	}
}

func missing(a secgroup.ApprovedRule) alert.Finding {
	return alert.Finding{
		Rule: a.Rule.String(), Canonical: a.Rule, Description: a.Description,
		Verdict: alert.Missing, Action: alert.ActionNone, Reason: "approved, and not there",
	}
}

// action says what was done about a rule, and the error if it failed.
func action(done bool, err error, success alert.Action) (alert.Action, string) {
	switch {
	case done:
		return success, ""
	case errors.Is(err, secgroup.ErrGone):
		return alert.ActionAlreadyGone, ""
	case errors.Is(err, secgroup.ErrManaged):
		return alert.ActionNone, err.Error()
	case err != nil:
		return alert.ActionFailed, err.Error()
	}
	return alert.ActionNone, ""
}

// outcome sums up what was done.
func (p *plan) outcome(findings []alert.Finding) alert.Outcome {
	count := map[alert.Action]int{}
	for _, f := range findings {
		count[f.Action]++
	}
	done := count[alert.ActionRevoked] + count[alert.ActionRestored]
	switch {
	case !p.enforce && len(p.revocations)+len(p.restorations) > 0:
		return alert.WouldRevert
	case count[alert.ActionFailed] > 0 && done > 0:
		return alert.Partial
	case count[alert.ActionFailed] > 0:
		return alert.Failed
	case done > 0:
		return alert.Reverted
	case count[alert.ActionAlreadyGone] > 0:
		return alert.AlreadyGone
	}
	return alert.None
}
