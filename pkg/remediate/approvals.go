package remediate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/principal"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// approvalChanged reports that somebody approved something, changed or withdrew an
// approval, and has the group judged at once.
func (r *Remediator) approvalChanged(ctx context.Context, t trail.Trigger, path string) (Result, error) {
	groupID, name, _ := strings.Cut(path, "/")
	if !rule.IsGroupID(groupID) || !baseline.IsApprovalName(name) {
		if t.Operation == "Delete" {
			return r.nothing(ctx, t, trail.NoDocument, fmt.Sprintf("parameter %s was no approval", t.Parameter)), nil
		}
		err := fmt.Errorf("%s is no approval, and permits nothing: want %s/approvals/<group-id>/<name>, with letters, digits, '.', '_' and '-' in the name", t.Parameter, r.Prefix)
		return r.ReportUnusable(ctx, t, alert.BaselineError, baseline.Stored{Parameter: t.Parameter}, err)
	}
	t.GroupID = groupID
	reported, reportErr := r.reportApprovalChange(ctx, t, name)
	if reported.Cause == trail.OwnChange || reported.Cause == trail.TriedAgain {
		return reported, reportErr
	}
	judged, judgeErr := r.Reconcile(ctx, t)
	if judged.Alert != nil {
		reported = judged
	}
	return reported, errors.Join(reportErr, judgeErr)
}

// reportApprovalChange reports the versions of an approval that a trigger is about.
func (r *Remediator) reportApprovalChange(ctx context.Context, t trail.Trigger, name string) (Result, error) {
	versions, err := r.versions(ctx, t)
	if err != nil {
		return r.retryOrReport(ctx, t, alert.ApprovalChanged, baseline.Stored{Parameter: t.Parameter}, err)
	}
	last := versions[len(versions)-1]
	if strings.HasPrefix(name, judge.PendingPrefix) && principal.IsSessionOf(last.ModifiedBy, r.OwnRoles) {
		return r.nothing(ctx, t, trail.OwnChange, "sgwarden wrote this approval itself and told so"), nil
	}
	return r.reportApproval(ctx, t, name, versions)
}

// isOwnCall reports whether sgwarden itself made the event's call.
func (r *Remediator) isOwnCall(t trail.Trigger) bool {
	return slices.Contains(r.OwnRoles, t.Principal) || principal.IsSessionOf(t.Actor.ARN, r.OwnRoles)
}

func (r *Remediator) reportApproval(ctx context.Context, t trail.Trigger, name string, versions []baseline.Version) (Result, error) {
	last := versions[len(versions)-1]
	last.Parameter = t.Parameter
	t.Actor.ARN = last.ModifiedBy
	if t.Operation == "Delete" {
		return r.reportApprovalAlert(ctx, t, last.Stored, fmt.Sprintf("the approval %s is deleted: what it permitted is judged anew; CloudTrail's DeleteParameter says who did it", name), nil, nil)
	}
	if !last.Exists() { // deleted meanwhile, which has an event of its own
		return r.nothing(ctx, t, trail.NoDocument, "the approval does not exist any more"), nil
	}
	is, err := last.Approval(name, r.Now())
	if err != nil {
		return r.ReportUnusable(ctx, t, alert.BaselineError, last.Stored, fmt.Errorf("the approval %s permits nothing: %w", name, err))
	}
	if !is.Active(r.Now()) {
		return r.reportApprovalAlert(ctx, t, last.Stored, fmt.Sprintf("the approval %s permits nothing: it ended at %s", name, is.Expires.UTC().Format(time.RFC3339)), nil, nil)
	}
	before := map[string]bool{}
	var was []string
	if len(versions) > 1 {
		if a, err := versions[len(versions)-2].Approval(name, r.Now()); err == nil {
			was = permissions(a)
		}
	}
	for _, p := range was {
		before[p] = true
	}
	var more []string
	for _, p := range permissions(is) {
		if !before[p] {
			more = append(more, p)
		}
		delete(before, p)
	}
	less := slices.DeleteFunc(was, func(p string) bool { return !before[p] })
	return r.reportApprovalAlert(ctx, t, last.Stored, fmt.Sprintf("the approval %s permits until %s: %s", name, is.Expires.UTC().Format(time.RFC3339), is.Reason), more, less)
}

func (r *Remediator) reportApprovalAlert(ctx context.Context, t trail.Trigger, stored baseline.Stored, reason string, more, less []string) (Result, error) {
	group, notFound := r.describe(ctx, t.GroupID)
	if notFound {
		group, more = secgroup.Group{}, nil
		reason = fmt.Sprintf("there is no group %s in this account and region, so this permits nothing; %s", t.GroupID, reason)
	}
	a := r.newAlert(t, group, stored)
	a.Kind, a.Outcome, a.Reason = alert.ApprovalChanged, alert.None, reason
	a.Actor, a.PermitsMore, a.PermitsLess = actorOf(t), more, less
	return r.report(ctx, a)
}

func permissions(a *baseline.Approval) []string {
	texts := make([]string, len(a.Rules))
	for i, p := range a.Rules {
		texts[i] = p.String() + " until " + a.Expires.UTC().Format(time.RFC3339)
	}
	return texts
}
