package remediate

import (
	"errors"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// findings lists what was authorised, the violations, what can't be read, and what
// is missing and left.
func (p *plan) findings(t trail.Trigger) []alert.Finding {
	var all []alert.Finding
	for _, s := range p.steps {
		f := s.finding()
		if s.role == restore {
			f.OpenedByEvent = judge.RemovedBy(t, s.approved.Rule)
		}
		all = append(all, f)
	}
	for _, l := range p.NotCanonical {
		f := alert.Finding{
			Rule: l.Text, RuleID: l.ID, Description: l.Description, Verdict: alert.Violation, Action: alert.ActionNone,
			Reason: "sgwarden can't read this rule and did not judge it", Error: l.NotCanonical.Error(),
		}
		if p.Enforce {
			f.Action = alert.ActionFailed
		}
		all = append(all, f)
	}
	if !p.Restore {
		for _, a := range p.Missing {
			f := missingFinding(a)
			f.OpenedByEvent = judge.RemovedBy(t, a.Rule)
			all = append(all, f)
		}
	}
	return all
}

// finding says of a step what it was about and what became of it.
func (s *step) finding() alert.Finding {
	var f alert.Finding
	switch s.role {
	case protect:
		f = missingFinding(s.approved)
		f.Reason = "approved, and of the live rules only a rule to be revoked carried its traffic"
	case restore:
		f = missingFinding(s.approved)
	case makeRoom:
		f = redundantFinding(s.live)
	default:
		f = violationFinding(s.violation)
	}
	f.Action = s.action()
	if s.err != nil && s.progress != notFound {
		f.Error = s.err.Error()
	}
	if s.progress == waitsForRecord {
		f.Reason += "; sgwarden revokes it once this alert is out and says so in another: if none comes, it is still open"
	}
	return f
}

// action says what was done about a step's rule.
func (s *step) action() alert.Action {
	authorizes := s.role == protect || s.role == restore
	switch {
	case s.role == await:
		return alert.ActionPending
	case s.progress == done && authorizes:
		return alert.ActionRestored
	case s.progress == done:
		return alert.ActionRevoked
	case s.progress == notFound:
		return alert.ActionAlreadyGone
	case s.progress == planned, secgroup.IsUnchangeable(s.err):
		return alert.ActionNone
	case s.role == restore && errors.Is(s.err, secgroup.ErrNotFound): // the group, or the one that the rule refers to
		return alert.ActionNone
	}
	return alert.ActionFailed
}

// violationFinding is a violation as it reads once the rule is not live, which is what
// a record has to say.
func violationFinding(v judge.Violation) alert.Finding {
	f := liveFinding(v.LiveRule)
	f.Reason, f.OpenedByEvent = v.Reason(), v.OpenedByEvent
	return f
}

func redundantFinding(l secgroup.LiveRule) alert.Finding {
	f := liveFinding(l)
	f.Reason = "permitted, but not written in the baseline, and live rules that are written there carry its traffic: it made room for a missing rule"
	return f
}

func liveFinding(l secgroup.LiveRule) alert.Finding {
	return alert.Finding{
		Rule: l.Rule.String(), Canonical: l.Rule, RuleID: l.ID, Description: l.Description,
		Owner: l.Owner, Verdict: alert.Violation, Action: alert.ActionAlreadyGone,
	}
}

func missingFinding(a secgroup.ApprovedRule) alert.Finding {
	return alert.Finding{
		Rule: a.Rule.String(), Canonical: a.Rule, Description: a.Description,
		Verdict: alert.Missing, Action: alert.ActionNone, Reason: "approved, and not there",
	}
}

// outcome sums up what was done in a group.
func (p *plan) outcome(findings []alert.Finding) alert.Outcome {
	open := p.where(func(s *step) bool { return s.role != probe && s.role != await })
	return outcomeOf(findings, !p.Enforce && len(open) > 0)
}

// outcomeOf sums up what became of findings. wouldRevert says that something was left as
// it is because nothing may be changed.
func outcomeOf(findings []alert.Finding, wouldRevert bool) alert.Outcome {
	count := map[alert.Action]int{}
	for _, f := range findings {
		count[f.Action]++
	}
	succeeded := count[alert.ActionRevoked] + count[alert.ActionRestored]
	switch {
	case wouldRevert:
		return alert.WouldRevert
	case count[alert.ActionFailed] > 0 && succeeded > 0:
		return alert.Partial
	case count[alert.ActionFailed] > 0:
		return alert.Failed
	case succeeded > 0:
		return alert.Reverted
	case count[alert.ActionPending] > 0:
		return alert.Pending
	case count[alert.ActionAlreadyGone] > 0:
		return alert.AlreadyGone
	}
	return alert.None
}
