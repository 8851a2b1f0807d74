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

// parameterChanged reports that somebody changed what is permitted, and has the group
// judged at once, so that approving and withdrawing act as soon as the event came. After a
// baseline's deletion the sweep judges the group. The guardrail is for groups that
// only the sweep can find.
func (r *Remediator) parameterChanged(ctx context.Context, t trail.Trigger) (Result, error) {
	name, known := strings.CutPrefix(t.Parameter, r.Prefix+"/")
	kind, rest, _ := strings.Cut(name, "/")
	switch {
	case !known:
	case name == "guardrail":
		return r.reportChange(ctx, t, compareGuardrails)
	case name == "pause":
		return r.pauseChanged(ctx, t)
	case name == "trust":
		return r.reportChange(ctx, t, compareTrust)
	case kind == "approvals":
		return r.approvalChanged(ctx, t, rest)
	case kind == "prefix-lists":
		return r.listDocumentChanged(ctx, t, rest)
	case kind == "groups":
		return r.baselineChanged(ctx, t, rest)
	}
	return r.nothing(ctx, t, trail.NoDocument, fmt.Sprintf("parameter %s is no document of sgwarden's", t.Parameter)), nil
}

// ReportVersion reports a version that a sweep found and that no event reported. The sweep
// itself judges the groups.
func (r *Remediator) ReportVersion(ctx context.Context, t trail.Trigger) (Result, error) {
	name := strings.TrimPrefix(t.Parameter, r.Prefix+"/")
	kind, rest, _ := strings.Cut(name, "/")
	switch {
	case kind == "approvals":
		t.GroupID, name, _ = strings.Cut(rest, "/")
		return r.reportApprovalChange(ctx, t, name)
	case kind == "groups" && rule.IsGroupID(rest):
		t.GroupID = rest
		return r.reportChange(ctx, t, compareBaselines(rest, r.Now()))
	case kind == "groups":
		return r.nothing(ctx, t, trail.NoDocument, fmt.Sprintf("parameter %s is no baseline", t.Parameter)), nil
	case kind == "prefix-lists" && rule.IsPrefixListID(rest):
		t.PrefixListID = rest
		return r.reportChange(ctx, t, compareLists(rest))
	case kind == "prefix-lists":
		return r.nothing(ctx, t, trail.NoDocument, fmt.Sprintf("parameter %s is no document of a prefix list", t.Parameter)), nil
	}
	return r.parameterChanged(ctx, t) // which judges nothing of these
}

func (r *Remediator) baselineChanged(ctx context.Context, t trail.Trigger, groupID string) (Result, error) {
	t.GroupID = groupID
	if !rule.IsGroupID(groupID) {
		if t.Operation == "Delete" {
			return r.nothing(ctx, t, trail.NoDocument, fmt.Sprintf("parameter %s was no baseline", t.Parameter)), nil
		}
		return r.Reconcile(ctx, t)
	}
	if t.Operation == "Delete" {
		// Terraform replaces a parameter by deleting and writing it. A group that is
		// judged in between loses what both versions approve, so the sweep judges it.
		return r.reportChange(ctx, t, compareBaselines(groupID, r.Now()))
	}
	judged, judgeErr := r.Reconcile(ctx, t)
	changed, reportErr := r.reportChange(ctx, t, compareBaselines(groupID, r.Now()))
	if judged.Alert == nil {
		judged = changed
	}
	return judged, errors.Join(judgeErr, reportErr)
}

// reportChange alerts that a document was created, updated or deleted. compare is
// given its values before and after, nil where there is none.
func (r *Remediator) reportChange(ctx context.Context, t trail.Trigger, compare func(before, after []byte) (baseline.Difference, error)) (Result, error) {
	versions, err := r.versions(ctx, t)
	if err != nil {
		return r.retryOrReport(ctx, t, alert.BaselineChanged, baseline.Stored{Parameter: t.Parameter}, err)
	}
	last := versions[len(versions)-1]
	t.Actor.ARN = last.ModifiedBy
	last.Parameter = t.Parameter
	var group secgroup.Group
	if t.GroupID != "" {
		group, _ = r.describe(ctx, t.GroupID)
	}
	a := r.newAlert(t, group, last.Stored)
	a.Kind, a.Outcome, a.Actor = alert.BaselineChanged, alert.None, actorOf(t)
	a.Reason = map[string]string{"Create": "created", "Update": "updated", "Delete": r.deletedText(t)}[t.Operation]
	isTrust := strings.HasSuffix(t.Parameter, "/trust")
	a.Weakens = t.Operation == "Delete" && !isTrust
	for i := range versions[1:] {
		changes, err := compare(versions[i].Value, versions[i+1].Value)
		if err != nil {
			a.Reason += fmt.Sprintf("; version %d can't be used: %v", versions[i+1].Version, err)
		}
		a.Reason = strings.Join(append([]string{a.Reason}, changes.Settings...), "; ")
		// A broken document guards nothing. More trust is less guard.
		a.Weakens = a.Weakens || changes.Weakens() || !isTrust && err != nil || isTrust && len(changes.More) > 0
		a.PermitsMore, a.PermitsLess = append(a.PermitsMore, changes.More...), append(a.PermitsLess, changes.Less...)
	}
	switch {
	case t.Operation != "Update":
	case t.GroupID != "":
		r.addGrace(ctx, t, &a)
	case t.PrefixListID != "":
		r.addListGrace(ctx, t, &a)
	}
	return r.report(ctx, a)
}

func (r *Remediator) deletedText(t trail.Trigger) string {
	const who = "; CloudTrail's DeleteParameter says who did it"
	switch {
	case t.GroupID != "":
		return "deleted: the group has no baseline any more, and the next sweep judges it" + who
	case t.PrefixListID != "":
		return "deleted: nothing guards the entries of the prefix list any more" + who
	case strings.HasSuffix(t.Parameter, "/trust"):
		return "deleted: nobody is trusted any more" + who
	}
	return "deleted: groups without a baseline are not guarded any more" + who
}

// addGrace lists the live rules that are permitted only because of the grace: they
// are revoked when it ends. Undo brings the version before back. Where they can't be
// read, the change is reported without them.
func (r *Remediator) addGrace(ctx context.Context, t trail.Trigger, a *alert.Alert) {
	s := r.read(ctx, t.GroupID)
	if s.documentsErr != nil || s.rulesErr != nil || s.documents.Group.ReadError != nil || !s.documents.Group.Exists() {
		r.Log.WarnContext(ctx, "the change is told without the live rules that will go", "group", t.GroupID)
		return
	}
	j, err := s.newCase(t)
	if err != nil {
		return // the alert says already that the version can't be used
	}
	j.otherDocuments = r.otherDocuments(ctx, t, s)
	if err := r.decide(ctx, &j); err != nil {
		r.Log.WarnContext(ctx, "the change is told without the live rules that will go", "group", t.GroupID, "reason", err.Error())
		return
	}
	for _, g := range j.decision.InGrace {
		f := liveFinding(g.LiveRule)
		f.Action = alert.ActionNone
		f.Reason = fmt.Sprintf("live, and permitted until %s only, by version %d (grace); the next sweep after that revokes it", g.Until.UTC().Format(time.RFC3339), g.Version)
		a.Findings = append(a.Findings, f)
	}
}

// deleted reports that a group was deleted whose baseline is still there.
func (r *Remediator) deleted(ctx context.Context, t trail.Trigger) (Result, error) {
	documents, err := r.Baselines.Read(ctx, t.GroupID)
	group := documents.Group
	if err == nil {
		err = group.ReadError
	}
	switch {
	case err != nil:
		return r.retryOrReport(ctx, t, alert.BaselineError, baseline.Stored{Parameter: r.parameter(t.GroupID)}, err)
	case !group.Exists():
		return r.nothing(ctx, t, trail.Unguarded, "the deleted group had no baseline"), nil
	}
	a := r.newAlert(t, secgroup.Group{}, group)
	if doc, err := baseline.Decode(group.Value, t.GroupID); err == nil && a.GroupName == "" {
		a.GroupName = doc.GroupName
	}
	a.Kind, a.Outcome, a.Reason, a.Actor = alert.Drift, alert.None, leftOverReason(group.Parameter), actorOf(t)
	return r.report(ctx, a)
}
