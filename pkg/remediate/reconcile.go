package remediate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Reconcile has one group judged by its baseline, or by the guardrail where the
// group has none, carries the decision out, and reports what was done. An error asks for another
// try.
func (r *Remediator) Reconcile(ctx context.Context, t trail.Trigger) (Result, error) {
	return r.reconcile(ctx, t, true)
}

// reconcile trusts nobody where trust is false.
func (r *Remediator) reconcile(ctx context.Context, t trail.Trigger, trust bool) (Result, error) {
	if !rule.IsGroupID(t.GroupID) { // only a parameter's name can say so
		err := fmt.Errorf("%s is no baseline: %q is not the id of a security group, so nothing is guarded by it", r.parameter(t.GroupID), t.GroupID)
		return r.ReportUnusable(ctx, t, alert.BaselineError, baseline.Stored{Parameter: r.parameter(t.GroupID)}, err)
	}
	acting, cancel := keepTime(ctx, alertTime)
	defer cancel()
	decisionCtx, cancel := context.WithTimeout(acting, decisionTime)
	defer cancel()
	s := r.read(decisionCtx, t.GroupID)
	inForce := s.inForce()
	switch owner := s.foreignOwner(t.Account); {
	case owner != "":
		return r.nothing(ctx, t, trail.ForeignGroup, fmt.Sprintf("the group belongs to account %s, which shares it: that account guards its own groups", owner)), nil
	case s.documentsErr != nil:
		return r.retryOrReport(ctx, t, alert.BaselineError, baseline.Stored{Parameter: r.parameter(t.GroupID)}, s.documentsErr)
	case !inForce.Exists():
		return r.nothing(ctx, t, trail.Unguarded, fmt.Sprintf("there is no baseline at %s and no guardrail: the group is left alone", r.parameter(t.GroupID))), nil
	case inForce.ReadError != nil:
		return r.retryOrReport(ctx, t, alert.BaselineError, inForce, inForce.ReadError)
	case s.rulesErr != nil:
		return r.retryOrReport(ctx, t, alert.Drift, inForce, s.rulesErr)
	}
	c, err := s.newCase(t)
	if err != nil {
		return r.ReportUnusable(ctx, t, alert.BaselineError, inForce, err) // a retry would read the same
	}
	c.otherDocuments = r.otherDocuments(ctx, t, s)
	c.grounds.Trusted = c.grounds.Trusted && trust
	if err := r.decide(decisionCtx, &c); err != nil {
		return r.retryOrReport(ctx, t, alert.BaselineError, inForce, err)
	}
	if c.decision.Empty() {
		return r.nothing(ctx, t, trail.Permitted, c.reasonForNothing()), nil
	}
	return r.act(ctx, decisionCtx, c)
}

func (r *Remediator) parameter(groupID string) string { return r.Prefix + "/groups/" + groupID }

// judgement is one group with all that it is judged by, and what comes of it.
type judgement struct {
	trigger   trail.Trigger
	state     state
	doc       *baseline.Document // nil for a group without a baseline
	guardrail *baseline.Guardrail
	otherDocuments
	decision judge.Decision
	note     string // for the alert: why nothing is changed, though it would be
}

func (s state) newCase(t trail.Trigger) (j judgement, err error) {
	j = judgement{trigger: t, state: s}
	if s.documents.Group.Exists() {
		j.doc, err = baseline.Decode(s.documents.Group.Value, t.GroupID)
	} else {
		j.guardrail, err = baseline.DecodeGuardrail(s.documents.Guardrail.Value)
	}
	return j, err
}

func (j *judgement) judge() {
	if j.doc != nil {
		j.decision = judge.ByBaseline(j.doc, j.grounds, j.trigger, j.state.live, j.state.documentsAt)
	} else {
		j.decision = judge.ByGuardrail(j.guardrail, j.grounds, j.trigger, j.state.live, j.state.documentsAt)
	}
}

// reasonForNothing says why nothing has to be done.
func (j *judgement) reasonForNothing() string {
	switch {
	case j.doc == nil:
		return "the group has no baseline, and breaks nothing of the guardrail"
	case len(j.decision.InGrace) > 0:
		return fmt.Sprintf("the baseline permits every rule of the group, %d of them only until %s, since an earlier version permitted them (grace)",
			len(j.decision.InGrace), j.grounds.Grace.Until.UTC().Format(time.RFC3339))
	}
	return "the baseline permits every rule of the group"
}

// decide judges, and looks for a grace where something would be revoked. Nothing is
// enforced in MODE=alert, while sgwarden is paused, on a group without the tag that was
// asked for, or where nobody knows what the grace still permits.
func (r *Remediator) decide(ctx context.Context, j *judgement) error {
	j.judge()
	enforce := j.decision.Enforce && r.Enforce && j.pause == nil
	if enforce && j.state.untagged {
		enforce, j.note = false, r.untaggedText(j.trigger)
	}
	if !enforce && len(j.decision.Pending) > 0 { // what would be revoked is reported as such
		j.grounds.Trusted = false
		j.judge()
	}
	if j.pause != nil {
		j.note = r.pausedText(j.trigger.Region, j.pause)
	}
	if j.doc != nil && enforce && j.decision.Revokes() {
		var err error
		j.grounds.Grace, err = r.grace(ctx, j.doc, j.state)
		switch {
		case errors.Is(err, judge.ErrUnknownGrace):
			enforce = false
			j.note = fmt.Sprintf("the baseline is new, and nothing is revoked until %s: %v", judge.GraceEnd(j.doc, j.state.documents.Group, r.Grace, j.state.documentsAt).UTC().Format(time.RFC3339), err)
		case err != nil:
			return err
		case len(j.grounds.Grace.Former) > 0:
			j.judge()
		}
	}
	j.decision.Enforce = enforce
	return nil
}
