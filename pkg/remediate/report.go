package remediate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// retryOrReport returns the error that keeps a group from being judged, so that the
// event is tried again. Where SSM or EC2 refuses, a retry alone won't help: then retryOrReport
// publishes an alert too.
func (r *Remediator) retryOrReport(ctx context.Context, t trail.Trigger, kind alert.Kind, stored baseline.Stored, problem error) (Result, error) {
	if !errors.Is(problem, secgroup.ErrRefused) {
		return nothing(trail.TriedAgain, problem.Error()), problem
	}
	result, err := r.ReportUnusable(ctx, t, kind, stored, problem)
	return result, errors.Join(problem, err)
}

// ReportUnusable reports that a document can't be used, so that a group, or every group
// without a baseline, can't be judged.
func (r *Remediator) ReportUnusable(ctx context.Context, t trail.Trigger, kind alert.Kind, stored baseline.Stored, problem error) (Result, error) {
	var group secgroup.Group
	if rule.IsGroupID(t.GroupID) {
		group, _ = r.describe(ctx, t.GroupID)
	}
	a := r.newAlert(t, group, stored)
	a.Kind, a.Outcome, a.Reason = kind, alert.Failed, problem.Error()
	a.Broken = stored.ReadError == nil && !errors.Is(problem, secgroup.ErrRefused)
	if len(t.Changes) > 0 && !r.isOwnCall(t) {
		a.Actor = actorOf(t)
	}
	for i, c := range t.Changes {
		separator := map[bool]string{true: "; not judged: ", false: ", "}[i == 0]
		a.Reason += separator + c.Rule.String()
	}
	return r.report(ctx, a)
}

func (r *Remediator) newAlert(t trail.Trigger, group secgroup.Group, stored baseline.Stored) alert.Alert {
	name := group.Name
	if name == "" {
		name = t.GroupName
	}
	listName := ""
	if t.PrefixListID != "" {
		name, listName = "", name
	}
	return alert.Alert{
		MadeAt: r.Now(), Late: t.Late,
		Account: t.Account, Region: t.Region, GroupID: t.GroupID, GroupName: name, VpcID: group.VpcID,
		PrefixListID: t.PrefixListID, PrefixListName: listName,
		Event:    alert.Event{ID: t.EventID, Name: t.EventName, Time: t.Time},
		Baseline: alert.Baseline{Parameter: stored.Parameter, Version: stored.Version},
	}
}

// report completes an alert and publishes it.
func (r *Remediator) report(ctx context.Context, a alert.Alert) (Result, error) {
	a = alert.New(a)
	return resultOf(a), r.publish(ctx, a)
}

func (r *Remediator) alert(t trail.Trigger, at surroundings, stored baseline.Stored, p *plan) alert.Alert {
	a := r.newAlert(t, at.group, stored)
	a.Interfaces, a.Peers = at.interfaces, at.peers
	a.RestoreOff = !p.Restore && len(p.Missing) > 0
	a.Kind, a.Findings, a.Reason = p.Kind, p.findings(t), p.note
	if len(p.Pending) > 0 {
		a.PendingName = pendingName(t.EventID)
	}
	if len(p.Pending) > 0 && len(p.Violations) == 0 {
		a.Kind = alert.PendingKind
	}
	a.Outcome = p.outcome(a.Findings)
	if at.notFound && !slices.ContainsFunc(a.Findings, func(f alert.Finding) bool { return f.Verdict != alert.Missing }) {
		a.Findings, a.Outcome, a.Reason = nil, alert.None, leftOverReason(stored.Parameter)
	}
	a.Kind = r.kind(a)
	r.attribute(t, &a)
	opened := slices.ContainsFunc(a.Findings, func(f alert.Finding) bool { return f.OpenedByEvent })
	if at := p.closedAt(); opened && !at.IsZero() && !t.Time.IsZero() {
		seconds := max(0, at.Sub(t.Time).Seconds()) // clocks differ
		a.ExposureSeconds = &seconds
	}
	return alert.New(a)
}

// attribute names who made the event's call, where that call brought a finding about.
// It never names sgwarden itself: its own calls only follow what somebody else did.
func (r *Remediator) attribute(t trail.Trigger, a *alert.Alert) {
	if !r.isOwnCall(t) && slices.ContainsFunc(a.Findings, func(f alert.Finding) bool { return f.OpenedByEvent }) {
		a.Actor = actorOf(t)
		return
	}
	for i := range a.Findings {
		a.Findings[i].OpenedByEvent = false
	}
}

// actorOf is who made the event's call; nil where the event does not say.
func actorOf(t trail.Trigger) *alert.Actor {
	if t.Actor == (trail.Actor{}) {
		return nil
	}
	actor := alert.Actor(t.Actor)
	return &actor
}

// leftOverReason says what to do about the baseline of a group that was deleted.
func leftOverReason(parameter string) string {
	return "the group was deleted and its baseline is still there; if that was meant, delete it too: aws ssm delete-parameter --name " + parameter
}

// kind returns CanaryKind for the canary's own alerts. Anything else on its group is drift, so that
// people learn of it.
func (r *Remediator) kind(a alert.Alert) alert.Kind {
	others := slices.ContainsFunc(a.Findings, func(f alert.Finding) bool { return f.Canonical != alert.CanaryRule || f.Verdict != alert.Violation })
	if a.GroupID != r.CanaryGroup || others || len(a.Findings) == 0 {
		return a.Kind
	}
	return alert.CanaryKind
}

func (r *Remediator) publish(ctx context.Context, a alert.Alert) error {
	messages, err := alert.Messages(a)
	if err != nil {
		return err
	}
	var failed []error
	for _, m := range messages {
		// A retry of the event reports what the event names; what else was found
		// and revoked, only this alert does.
		if err := r.retry(ctx, func() error { return r.Alerts.Publish(ctx, m) }); err != nil {
			failed = append(failed, fmt.Errorf("publish the alert for %s: %w", a.Subject(), err))
			r.Log.ErrorContext(ctx, "alert lost", "group", a.Subject(), "event", a.Event.ID, "alert", json.RawMessage(m.Body))
		}
	}
	r.Log.InfoContext(ctx, "alert", "group", a.Subject(), "event", a.Event.ID, "kind", a.Kind, "outcome", a.Outcome,
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

// ReportClosed reports that findings are over of which people were notified.
func (r *Remediator) ReportClosed(ctx context.Context, t trail.Trigger, kind alert.Kind, parameter string, closed []alert.Closed) error {
	a := r.newAlert(t, secgroup.Group{}, baseline.Stored{Parameter: parameter})
	a.Kind, a.Outcome, a.Closed = kind, alert.None, closed
	_, err := r.report(ctx, a)
	return err
}
