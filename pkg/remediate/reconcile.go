package remediate

import (
	"context"
	"fmt"
	"sync"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Reconcile judges one group by its baseline, or by the guardrail where it has
// none, acts, and tells. See Handle for the result.
func (r *Remediator) Reconcile(ctx context.Context, t trail.Trigger) (any, error) {
	if !rule.IsGroupID(t.GroupID) { // only a parameter's name can say so
		err := fmt.Errorf("%s is no baseline: %q is not the id of a security group, so nothing is guarded by it", r.parameter(t.GroupID), t.GroupID)
		return r.unjudged(ctx, t, alert.BaselineError, baseline.Stored{Parameter: r.parameter(t.GroupID)}, err)
	}
	acting, cancel := keepTime(ctx, alertTime)
	defer cancel()
	fresh, cancel := context.WithTimeout(acting, decisionTime)
	defer cancel()
	s, err := r.read(fresh, t.GroupID)
	switch {
	case s.documentsErr != nil:
		return r.unread(ctx, t, alert.BaselineError, baseline.Stored{Parameter: r.parameter(t.GroupID)}, s.documentsErr)
	case !s.group.Exists() && !s.guardrail.Exists():
		return r.nothing(ctx, t, fmt.Sprintf("there is no baseline at %s and no guardrail: the group is left alone", r.parameter(t.GroupID))), nil
	case err != nil:
		return r.unread(ctx, t, alert.Drift, s.inForce(), err)
	case s.group.Exists():
		return r.byBaseline(ctx, fresh, t, s)
	}
	return r.byGuardrail(ctx, fresh, t, s)
}

func (r *Remediator) parameter(groupID string) string { return r.Prefix + "/groups/" + groupID }

func (r *Remediator) byBaseline(ctx, fresh context.Context, t trail.Trigger, s state) (any, error) {
	doc, err := baseline.Decode(s.group.Value, t.GroupID)
	if err != nil {
		return r.unjudged(ctx, t, alert.BaselineError, s.group, err) // a retry would read the same
	}
	v := judge(t, s.live, doc, r.Now())
	v.enforce = r.Enforce && doc.Enforces()
	if v.empty() {
		return r.nothing(ctx, t, "the baseline permits every rule of the group"), nil
	}
	return r.act(ctx, fresh, t, s.group, v)
}

func (r *Remediator) byGuardrail(ctx, fresh context.Context, t trail.Trigger, s state) (any, error) {
	guardrail, err := baseline.DecodeGuardrail(s.guardrail.Value)
	if err != nil {
		return r.unjudged(ctx, t, alert.BaselineError, s.guardrail, err)
	}
	v := judgeByGuardrail(t, s.live, guardrail)
	v.enforce = r.Enforce && guardrail.Enforces()
	if v.empty() {
		return r.nothing(ctx, t, "the group has no baseline, and breaks nothing of the guardrail"), nil
	}
	return r.act(ctx, fresh, t, s.guardrail, v)
}

// state is what a decision is made on. The documents are always read afresh.
type state struct {
	live             []secgroup.LiveRule
	group, guardrail baseline.Stored
	documentsErr     error
}

// inForce is the document that the group is judged by.
func (s state) inForce() baseline.Stored {
	if s.group.Exists() {
		return s.group
	}
	return s.guardrail
}

// read takes one round trip: the live rules and the documents at once.
func (r *Remediator) read(ctx context.Context, groupID string) (state, error) {
	var s state
	var rulesErr error
	var both sync.WaitGroup
	both.Go(func() { s.live, rulesErr = r.Rules.Rules(ctx, groupID) })
	both.Go(func() { s.group, s.guardrail, s.documentsErr = r.Baselines.Read(ctx, groupID) })
	both.Wait()
	if rulesErr != nil {
		rulesErr = fmt.Errorf("read the rules of %s: %w", groupID, rulesErr)
	}
	if s.documentsErr != nil {
		s.documentsErr = fmt.Errorf("read the baseline of %s: %w", groupID, s.documentsErr)
	}
	return s, rulesErr
}
