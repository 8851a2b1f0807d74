package remediate

import (
	"context"
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Reconcile has one group judged by its baseline, or by the guardrail where the
// group has none, carries the decision out, and tells. An error asks for another
// try.
func (r *Remediator) Reconcile(ctx context.Context, t trail.Trigger) (Result, error) {
	if !rule.IsGroupID(t.GroupID) { // only a parameter's name can say so
		err := fmt.Errorf("%s is no baseline: %q is not the id of a security group, so nothing is guarded by it", r.parameter(t.GroupID), t.GroupID)
		return r.Unjudged(ctx, t, alert.BaselineError, baseline.Stored{Parameter: r.parameter(t.GroupID)}, err)
	}
	acting, cancel := keepTime(ctx, alertTime)
	defer cancel()
	fresh, cancel := context.WithTimeout(acting, decisionTime)
	defer cancel()
	s := r.read(fresh, t.GroupID)
	inForce := s.inForce()
	switch {
	case s.documentsErr != nil:
		return r.unread(ctx, t, alert.BaselineError, baseline.Stored{Parameter: r.parameter(t.GroupID)}, s.documentsErr)
	case !inForce.Exists():
		return r.nothing(ctx, t, fmt.Sprintf("there is no baseline at %s and no guardrail: the group is left alone", r.parameter(t.GroupID))), nil
	case inForce.Unreadable != nil:
		return r.unread(ctx, t, alert.BaselineError, inForce, inForce.Unreadable)
	case s.rulesErr != nil:
		return r.unread(ctx, t, alert.Drift, inForce, s.rulesErr)
	}
	decision, fine, err := s.judge(t)
	if err != nil {
		return r.Unjudged(ctx, t, alert.BaselineError, inForce, err) // a retry would read the same
	}
	if decision.Empty() {
		return r.nothing(ctx, t, fine), nil
	}
	decision.Enforce = decision.Enforce && r.Enforce
	return r.act(ctx, fresh, t, inForce, s.live, decision)
}

func (r *Remediator) parameter(groupID string) string { return r.Prefix + "/groups/" + groupID }

// judge asks pkg/judge. fine is what to say where nothing is wrong.
func (s state) judge(t trail.Trigger) (decision judge.Decision, fine string, err error) {
	if s.group.Exists() {
		doc, err := baseline.Decode(s.group.Value, t.GroupID)
		if err != nil {
			return decision, "", err
		}
		return judge.ByBaseline(doc, t, s.live, s.documentsAt), "the baseline permits every rule of the group", nil
	}
	guardrail, err := baseline.DecodeGuardrail(s.guardrail.Value)
	if err != nil {
		return decision, "", err
	}
	return judge.ByGuardrail(guardrail, t, s.live), "the group has no baseline, and breaks nothing of the guardrail", nil
}
