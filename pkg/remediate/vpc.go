package remediate

import (
	"context"
	"errors"
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// vpcCreated has the default group of a new VPC judged.
func (r *Remediator) vpcCreated(ctx context.Context, t trail.Trigger) (Result, error) {
	group, err := r.Groups.DefaultGroup(ctx, t.VpcID)
	switch {
	case errors.Is(err, secgroup.ErrNotFound):
		return r.leaveToSweep(ctx, t, fmt.Sprintf("%s has no default security group that EC2 shows: the VPC may be deleted again", t.VpcID))
	case err != nil:
		return r.retryOrReport(ctx, t, alert.Drift, baseline.Stored{}, fmt.Errorf("find the default security group of %s: %w", t.VpcID, err))
	}
	t.GroupID, t.GroupName, t.LookedUp = group.ID, group.Name, true
	return r.Reconcile(ctx, t)
}

// vpcDeleted asks for a sweep. The event does not say which group was the VPC's default
// one, nobody can look the group up any more, and no baseline says its VPC. The sweep finds
// a baseline whose rules are missing and whose group does not exist, and reports that.
func (r *Remediator) vpcDeleted(ctx context.Context, t trail.Trigger) (Result, error) {
	return r.leaveToSweep(ctx, t, fmt.Sprintf("the default security group of %s was deleted with the VPC, and its id is not known any more", t.VpcID))
}

// leaveToSweep asks for a sweep where an event names a group that nobody can find. No
// change was lost, so the line is not one that the template counts.
func (r *Remediator) leaveToSweep(ctx context.Context, t trail.Trigger, reason string) (Result, error) {
	if r.Sweeps == nil {
		return r.nothing(ctx, t, trail.SweepAsked, reason+"; the scheduled sweep looks after it"), nil
	}
	if err := r.Sweeps.Ask(ctx, reason); err != nil {
		return nothing(trail.TriedAgain, reason), fmt.Errorf("ask for a sweep after event %s: %w", t.EventID, err)
	}
	return r.nothing(ctx, t, trail.SweepAsked, reason+"; a sweep was asked for"), nil
}

// useChanged reports that a guarded group can be used in another VPC, or no longer. Its
// rules are the same there, so nothing is judged and nothing is reverted.
func (r *Remediator) useChanged(ctx context.Context, t trail.Trigger) (Result, error) {
	if !rule.IsGroupID(t.GroupID) {
		return r.askForSweep(ctx, t, fmt.Sprintf("%q is not the id of a security group", t.GroupID))
	}
	documents, err := r.Baselines.Read(ctx, t.GroupID)
	guard := state{documents: documents}.inForce()
	if err == nil {
		err = guard.ReadError
	}
	switch {
	case err != nil:
		return r.retryOrReport(ctx, t, alert.BaselineError, baseline.Stored{Parameter: r.parameter(t.GroupID)}, err)
	case !guard.Exists():
		return r.nothing(ctx, t, trail.Unguarded, "the group has no baseline, and there is no guardrail"), nil
	}
	group, _ := r.describe(ctx, t.GroupID)
	a := r.newAlert(t, group, guard)
	a.Kind, a.Outcome, a.Actor = alert.Drift, alert.None, actorOf(t)
	a.Reason = alert.UseText(t.EventName, t.Region, t.GroupID, t.VpcID)
	return r.report(ctx, a)
}
