package remediate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// parameterChanged tells that somebody changed what is permitted, and has the group
// judged at once, so that approving and withdrawing act within seconds. After a
// deletion the sweep judges the group. The guardrail is for groups that only the
// sweep can find.
func (r *Remediator) parameterChanged(ctx context.Context, t trail.Trigger) (Result, error) {
	groupID, isGroup := strings.CutPrefix(t.Parameter, r.Prefix+"/groups/")
	if t.Parameter == r.Prefix+"/guardrail" {
		return r.tellChange(ctx, t, compareGuardrails)
	}
	if !isGroup {
		return r.nothing(ctx, t, fmt.Sprintf("parameter %s is no baseline", t.Parameter)), nil
	}
	t.GroupID = groupID
	if !rule.IsGroupID(groupID) {
		if t.Operation == "Delete" {
			return r.nothing(ctx, t, fmt.Sprintf("parameter %s was no baseline", t.Parameter)), nil
		}
		return r.Reconcile(ctx, t)
	}
	if t.Operation == "Delete" {
		// Terraform replaces a parameter by deleting and writing it. A group that is
		// judged in between loses what both versions approve, so the sweep judges it.
		return r.tellChange(ctx, t, compareBaselines(groupID, r.Now()))
	}
	judged, judgeErr := r.Reconcile(ctx, t)
	changed, tellErr := r.tellChange(ctx, t, compareBaselines(groupID, r.Now()))
	if judged.Alert == nil {
		judged = changed
	}
	return judged, errors.Join(judgeErr, tellErr)
}

// tellChange alerts that a document was created, updated or deleted. compare is
// given its values before and after, nil where there is none.
func (r *Remediator) tellChange(ctx context.Context, t trail.Trigger, compare func(before, after []byte) (baseline.Difference, error)) (Result, error) {
	versions, err := r.versions(ctx, t)
	if err != nil {
		return r.unread(ctx, t, alert.BaselineChanged, baseline.Stored{Parameter: t.Parameter}, err)
	}
	last := versions[len(versions)-1]
	t.Actor.ARN = last.ModifiedBy
	last.Parameter = t.Parameter
	var group secgroup.Group
	if t.GroupID != "" {
		group, _ = r.describe(ctx, t.GroupID)
	}
	a := newAlert(t, group, last.Stored)
	a.Kind, a.Outcome = alert.BaselineChanged, alert.None
	a.Reason = map[string]string{"Create": "created", "Update": "updated", "Delete": deletedText(t.GroupID)}[t.Operation]
	for i := range versions[1:] {
		changes, err := compare(versions[i].Value, versions[i+1].Value)
		if err != nil {
			a.Reason += fmt.Sprintf("; version %d can't be used: %v", versions[i+1].Version, err)
		}
		a.Reason = strings.Join(append([]string{a.Reason}, changes.Settings...), "; ")
		a.PermitsMore, a.PermitsLess = append(a.PermitsMore, changes.More...), append(a.PermitsLess, changes.Less...)
	}
	return r.tell(ctx, a)
}

func deletedText(groupID string) string {
	if groupID == "" {
		return "deleted: groups without a baseline are not guarded any more; CloudTrail's DeleteParameter says who did it"
	}
	return "deleted: the group has no baseline any more; CloudTrail's DeleteParameter says who did it"
}

// versions finds the versions that the event is about, after the one before them.
// The event doesn't say which version it is, and its time is in whole seconds. So all
// versions of that second count, and those that were written just before it: none may
// go untold.
func (r *Remediator) versions(ctx context.Context, t trail.Trigger) ([]baseline.Version, error) {
	none := []baseline.Version{{}}
	if t.Operation == "Delete" {
		return none, nil // the history is gone too
	}
	history, err := r.History.History(ctx, t.Parameter)
	if err != nil || len(history) == 0 {
		return none, err
	}
	first, end := 0, len(history)
	for end > 1 && !t.Time.IsZero() && !history[end-1].ModifiedAt.Before(t.Time.Add(time.Second)) {
		end--
	}
	for first < end-1 && history[first].ModifiedAt.Before(t.Time.Add(-eventLag)) {
		first++
	}
	if t.Time.IsZero() {
		first = end - 1
	}
	if t.Operation == "Update" && first < end-1 && history[first].Version == 1 {
		first++ // which the event of its creation tells
	}
	if first == 0 {
		return append(none, history[:end]...), nil
	}
	return history[first-1 : end], nil
}

// eventLag is how long after a write its event may be dated. AWS documents no figure.
const eventLag = 500 * time.Millisecond

func compareBaselines(groupID string, now time.Time) func(before, after []byte) (baseline.Difference, error) {
	return func(before, after []byte) (baseline.Difference, error) {
		was, _ := baseline.Decode(before, groupID) // a broken one permitted nothing that anybody could rely on
		is, err := baseline.Decode(after, groupID)
		if after == nil {
			return baseline.Difference{}, nil
		}
		if err != nil {
			return baseline.Difference{}, err
		}
		return baseline.Compare(was, is, now), nil
	}
}

func compareGuardrails(before, after []byte) (baseline.Difference, error) {
	if after == nil {
		return baseline.Difference{}, nil
	}
	is, err := baseline.DecodeGuardrail(after)
	if err != nil {
		return baseline.Difference{}, err
	}
	was, err := baseline.DecodeGuardrail(before)
	if err != nil {
		was = &baseline.Guardrail{Mode: is.Mode}
	}
	d := baseline.Difference{More: forbidden(was, is), Less: forbidden(is, was)}
	d.Setting("mode", string(was.Mode), string(is.Mode))
	return d, nil
}

// forbidden lists what a forbids and b doesn't.
func forbidden(a, b *baseline.Guardrail) []string {
	known := map[rule.Forbidden]bool{}
	for _, f := range b.Forbid {
		known[f] = true
	}
	var all []string
	for _, f := range a.Forbid {
		if !known[f] {
			all = append(all, baseline.ForbidText(f))
		}
	}
	return all
}

// deleted tells that a group is gone whose baseline is still there.
func (r *Remediator) deleted(ctx context.Context, t trail.Trigger) (Result, error) {
	group, _, err := r.Baselines.Read(ctx, t.GroupID)
	if err == nil {
		err = group.Unreadable
	}
	switch {
	case err != nil:
		return r.unread(ctx, t, alert.BaselineError, baseline.Stored{Parameter: r.parameter(t.GroupID)}, err)
	case !group.Exists():
		return r.nothing(ctx, t, "the deleted group had no baseline"), nil
	}
	a := newAlert(t, secgroup.Group{}, group)
	if doc, err := baseline.Decode(group.Value, t.GroupID); err == nil && a.GroupName == "" {
		a.GroupName = doc.GroupName
	}
	a.Kind, a.Outcome, a.Reason = alert.Drift, alert.None, orphaned(group.Parameter)
	return r.tell(ctx, a)
}
