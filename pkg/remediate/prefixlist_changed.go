package remediate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// listDocumentChanged reports that somebody changed which entries a prefix list may have, and has
// the list judged at once.
func (r *Remediator) listDocumentChanged(ctx context.Context, t trail.Trigger, id string) (Result, error) {
	t.PrefixListID = id
	if !rule.IsPrefixListID(id) {
		if t.Operation == "Delete" {
			return r.nothing(ctx, t, trail.NoDocument, fmt.Sprintf("parameter %s was no document of a prefix list", t.Parameter)), nil
		}
		return r.ReconcileList(ctx, t)
	}
	if t.Operation == "Delete" {
		return r.reportChange(ctx, t, compareLists(id))
	}
	judged, judgeErr := r.ReconcileList(ctx, t)
	changed, reportErr := r.reportChange(ctx, t, compareLists(id))
	if judged.Alert == nil {
		judged = changed
	}
	return judged, errors.Join(judgeErr, reportErr)
}

func compareLists(id string) func(before, after []byte) (baseline.Difference, error) {
	return func(before, after []byte) (baseline.Difference, error) {
		if after == nil {
			return baseline.Difference{}, nil
		}
		is, err := baseline.DecodePrefixList(after, id)
		if err != nil {
			return baseline.Difference{}, err
		}
		was, _ := baseline.DecodePrefixList(before, id) // a broken one permitted nothing that anybody could rely on
		return baseline.ComparePrefixLists(was, is), nil
	}
}

// addListGrace lists the entries that are permitted only because of the grace: they will
// are taken out when it ends. Where they can't be read, the change is reported without them.
func (r *Remediator) addListGrace(ctx context.Context, t trail.Trigger, a *alert.Alert) {
	s := r.readList(ctx, t.PrefixListID)
	doc, err := listProblem(s, t.PrefixListID)
	run := &listRun{trigger: t, doc: doc}
	if err == nil {
		err = r.judgeList(ctx, run, s)
	}
	if err != nil {
		r.Log.WarnContext(ctx, "the change is told without the entries that will go", "list", t.PrefixListID, "reason", err.Error())
		return
	}
	a.PrefixListName = s.list.Name
	for _, e := range run.decision.InGrace {
		a.Findings = append(a.Findings, alert.Finding{
			Rule: alert.EntryText(e.Prefix), Description: e.Description, Verdict: alert.Violation, Action: alert.ActionNone,
			Reason: fmt.Sprintf("live, and permitted until %s only, by version %d (grace); the next sweep after that takes it out",
				run.grace.Until.UTC().Format(time.RFC3339), e.Version),
		})
	}
}
