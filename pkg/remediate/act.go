package remediate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// act reverts what the verdict holds and tells. What only the alert needs is
// fetched beside the revoke.
func (r *Remediator) act(ctx, actCtx context.Context, t trail.Trigger, stored baseline.Stored, v verdict, enforce bool) (any, error) {
	var group Group
	var describing sync.WaitGroup
	describing.Go(func() { group = r.describe(actCtx, t.GroupID) })
	var done result
	if enforce {
		done = r.revert(actCtx, t.GroupID, v)
	} else {
		done = result{outcome: wouldRevert(v), findings: findings(v, alert.ActionNone)}
	}
	describing.Wait()
	a := newAlert(t, group, stored)
	a.Kind, a.Outcome, a.Findings = alert.Drift, done.outcome, done.findings
	if !done.revokedAt.IsZero() && !t.Time.IsZero() {
		seconds := max(0, done.revokedAt.Sub(t.Time).Seconds()) // clocks differ
		a.ExposureSeconds = &seconds
	}
	a = alert.New(a)
	return a, errors.Join(done.err, r.publish(ctx, a))
}

// describe never fails: an alert without the group's name is better than none.
func (r *Remediator) describe(ctx context.Context, groupID string) Group {
	group, err := r.Groups.Group(ctx, groupID)
	if err != nil {
		r.Log.WarnContext(ctx, "the alert goes without the group's name", "group", groupID, "reason", err.Error())
	}
	return group
}

// result is what became of a verdict.
type result struct {
	outcome   alert.Outcome
	findings  []alert.Finding
	revokedAt time.Time // when the last revoke was confirmed
	err       error
}

// revert authorises approved traffic that the violations alone carry, and only
// then revokes. Where authorising fails, nothing is revoked: that would cut it.
func (r *Remediator) revert(ctx context.Context, groupID string, v verdict) result {
	restored, err := r.restore(ctx, groupID, v.cut)
	if err != nil {
		all := append(restored, findings(v, alert.ActionFailed)...)
		for i := range all[len(restored):] {
			setError(&all[len(restored)+i], "not revoked: approved traffic would have been cut")
		}
		return result{outcome: alert.Failed, findings: all, err: err}
	}
	done := r.revoke(ctx, groupID, v)
	done.findings = append(restored, done.findings...)
	return done
}

func setError(f *alert.Finding, text string) {
	if f.Action == alert.ActionFailed && f.Error == "" {
		f.Error = text
	}
}

func (r *Remediator) restore(ctx context.Context, groupID string, rules []Approved) ([]alert.Finding, error) {
	if len(rules) == 0 {
		return nil, nil
	}
	var restored []alert.Finding
	var failed []error
	for i, err := range r.Writer.Authorize(ctx, groupID, rules) {
		f := alert.Finding{
			Rule: rules[i].Rule.String(), Canonical: rules[i].Rule, Description: rules[i].Description,
			Verdict: alert.Missing, Action: alert.ActionRestored, Reason: "approved, and only a rule to be revoked carried its traffic",
		}
		if err != nil {
			f.Action, f.Error = alert.ActionFailed, err.Error()
			failed = append(failed, err)
		}
		restored = append(restored, f)
	}
	return restored, errors.Join(failed...)
}

func (r *Remediator) revoke(ctx context.Context, groupID string, v verdict) result {
	var live []LiveRule
	for _, violation := range v.violations {
		if !violation.gone {
			live = append(live, violation.LiveRule)
		}
	}
	done := result{findings: findings(v, alert.ActionRevoked)}
	var failed []error
	if len(live) > 0 {
		errs := r.Writer.Revoke(ctx, groupID, live)
		for i, err := range errs { // findings begin with the live violations, in this order
			f := &done.findings[i]
			switch {
			case errors.Is(err, ErrGone):
				f.Action = alert.ActionAlreadyGone
			case err != nil:
				f.Action, f.Error = alert.ActionFailed, err.Error()
				failed = append(failed, err)
			}
		}
		done.revokedAt = r.Now()
	}
	done.outcome = outcome(done.findings)
	if done.outcome != alert.Reverted && done.outcome != alert.Partial {
		done.revokedAt = time.Time{}
	}
	done.err = errors.Join(failed...)
	return done
}

// findings lists the live violations first, then those already gone, then what
// can't be read. action is for the live ones.
func findings(v verdict, action alert.Action) []alert.Finding {
	var all []alert.Finding
	for _, violation := range v.violations {
		f := alert.Finding{
			Rule: violation.Rule.String(), Canonical: violation.Rule, RuleID: violation.ID, Description: violation.Description,
			Owner: violation.Owner, Verdict: alert.Violation, Reason: violation.reason, Action: action,
		}
		if violation.gone {
			f.Action = alert.ActionAlreadyGone
		}
		all = append(all, f)
	}
	for _, l := range v.unreadable {
		all = append(all, alert.Finding{
			Rule: l.Text, RuleID: l.ID, Description: l.Description, Verdict: alert.Violation, Action: alert.ActionFailed,
			Reason: "sgwarden can't read this rule and did not judge it", Error: l.Unreadable.Error(),
		})
	}
	return all
}

// outcome sums up what was done about the findings.
func outcome(findings []alert.Finding) alert.Outcome {
	count := map[alert.Action]int{}
	for _, f := range findings {
		count[f.Action]++
	}
	done := count[alert.ActionRevoked] + count[alert.ActionRestored]
	switch {
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

func wouldRevert(v verdict) alert.Outcome {
	for _, violation := range v.violations {
		if !violation.gone {
			return alert.WouldRevert
		}
	}
	return outcome(findings(v, alert.ActionNone))
}

// reportBaseline tells that a group can't be judged. retry is the error to
// return, nil where the same would come of it.
func (r *Remediator) reportBaseline(ctx context.Context, t trail.Trigger, stored baseline.Stored, problem, retry error) (any, error) {
	a := newAlert(t, r.describe(ctx, t.GroupID), stored)
	if a.Baseline.Parameter == "" {
		a.Baseline.Parameter = r.Prefix + "/groups/" + t.GroupID
	}
	a.Kind, a.Outcome, a.Reason = alert.BaselineError, alert.Failed, problem.Error()
	for i, c := range t.Changes {
		separator := map[bool]string{true: "; not judged: ", false: ", "}[i == 0]
		a.Reason += separator + c.Rule.String()
	}
	a = alert.New(a)
	return a, errors.Join(retry, r.publish(ctx, a))
}

func newAlert(t trail.Trigger, group Group, stored baseline.Stored) alert.Alert {
	return alert.Alert{
		Account: t.Account, Region: t.Region, GroupID: t.GroupID, GroupName: group.Name, VpcID: group.VpcID,
		Event:    alert.Event{ID: t.EventID, Name: t.EventName, Time: t.Time},
		Actor:    alert.Actor(t.Actor),
		Baseline: alert.Baseline{Parameter: stored.Parameter, Version: stored.Version},
	}
}

func (r *Remediator) publish(ctx context.Context, a alert.Alert) error {
	messages, err := alert.Messages(a)
	if err != nil {
		return err
	}
	var failed []error
	for _, m := range messages {
		if err := r.Alerts.Publish(ctx, m); err != nil {
			failed = append(failed, fmt.Errorf("publish the alert for %s: %w", a.GroupID, err))
		}
	}
	r.Log.InfoContext(ctx, "alert", "group", a.GroupID, "event", a.Event.ID, "kind", a.Kind, "outcome", a.Outcome,
		"severity", a.Severity, "findings", summary(a.Findings), "reason", a.Reason, "published", len(messages)-len(failed), "of", len(messages))
	return errors.Join(failed...)
}

// summary keeps what was done on record in the log, whatever becomes of the alert.
func summary(findings []alert.Finding) []string {
	lines := make([]string, len(findings))
	for i, f := range findings {
		lines[i] = fmt.Sprintf("%s %s %s", f.Action, f.Rule, f.RuleID)
	}
	return lines
}
