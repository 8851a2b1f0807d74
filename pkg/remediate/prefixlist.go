package remediate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

const (
	// mostReads is how often one run reads a list: a list of 1,000 entries takes ten
	// changes, and each is followed by a look at what became of it.
	mostReads = 24
	// rereadDelay is how long a run waits before it reads a list again that is changing.
	rereadDelay = time.Second
	// entriesPerCall is how many entries one call changes (EC2 API reference,
	// ModifyManagedPrefixList: 100 to add and 100 to remove). One number for both keeps
	// the call below either limit.
	entriesPerCall = 100
)

// ReconcileList has one managed prefix list judged by its document, takes out what the
// document does not permit, and reports what was done. An error asks for another try.
//
// EC2 carries a change out after it has answered, and takes no other one meanwhile. So
// the list is read and judged again after each change, until nothing is left to change.
func (r *Remediator) ReconcileList(ctx context.Context, t trail.Trigger) (Result, error) {
	if !rule.IsPrefixListID(t.PrefixListID) { // only a parameter's name can say so
		parameter := r.listParameter(t.PrefixListID)
		err := fmt.Errorf("%s is no document: %q is not the id of a managed prefix list, so nothing is guarded by it", parameter, t.PrefixListID)
		return r.ReportUnusable(ctx, t, alert.BaselineError, baseline.Stored{Parameter: parameter}, err)
	}
	acting, cancel := keepTime(ctx, alertTime)
	defer cancel()
	if r.isOwnCall(t) {
		t.MayRemove = false // sgwarden takes nothing out that is approved
	}
	run := &listRun{trigger: t, handled: map[string]alert.Finding{}}
	for range mostReads {
		s := r.readList(acting, t.PrefixListID)
		if result, ended, err := r.endUnusable(ctx, run, s); ended {
			return result, err
		}
		if s.list.IsChanging() {
			run.problem = errStillChanging
			r.Pause(acting, rereadDelay)
			continue
		}
		if err := r.judgeList(acting, run, s); err != nil {
			return r.retryOrReport(ctx, t, alert.BaselineError, s.document, err)
		}
		change := run.next()
		if !run.decision.Enforce || change.IsEmpty() {
			return r.reportList(ctx, run)
		}
		if run.note(change, r.modifyList(acting, s.list, change)); run.isOver() {
			return r.reportList(ctx, run)
		}
		r.Pause(acting, rereadDelay)
	}
	run.problem = cmp.Or(run.problem, errUnfinished)
	return r.reportList(ctx, run)
}

var errUnfinished = errors.New("the run ended before sgwarden had seen all of its changes in the prefix list, which is tried again: look at the list's entries")

// modifyList carries a change out. A change that only adds comes after one that took
// something out, and no later run knows what the entry contained: so the change is tried again
// where an answer says neither that the list has changed nor that the change is refused.
func (r *Remediator) modifyList(ctx context.Context, list prefixlist.List, change prefixlist.Change) error {
	if len(change.Remove) > 0 {
		return r.Lists.Modify(ctx, list, change)
	}
	var answer error
	failed := r.retry(ctx, func() error {
		answer = r.Lists.Modify(ctx, list, change)
		for _, final := range []error{prefixlist.ErrMoved, prefixlist.ErrFull, secgroup.ErrNotFound, secgroup.ErrRefused} {
			if errors.Is(answer, final) {
				return nil
			}
		}
		return answer
	})
	return cmp.Or(failed, answer)
}

var errStillChanging = errors.New("EC2 has not finished changing the prefix list, which is tried again: look at the list's state")

// endUnusable ends a run whose list can't be judged. A change that was made before is
// reported all the same.
func (r *Remediator) endUnusable(ctx context.Context, run *listRun, s listState) (result Result, ended bool, err error) {
	doc, problem := listProblem(s, run.trigger.PrefixListID)
	switch {
	case problem == nil:
		run.doc = doc
		return result, false, nil
	case run.doc != nil && errors.Is(problem, secgroup.ErrNotFound):
		run.noteDeleted(s.document.Parameter)
		result, err = r.reportList(ctx, run)
	case len(run.handled) > 0:
		run.problem = fmt.Errorf("EC2 accepted the change, and sgwarden could not see what became of it: %w", problem)
		result, err = r.reportList(ctx, run)
	default:
		result, err = r.reportListUnusable(ctx, run.trigger, s, problem)
	}
	return result, true, err
}

// The reasons why a list is not judged for which a retry can't help.
var (
	errNoDocument = errors.New("there is no document: the prefix list is left alone")
	errBroken     = errors.New("the document can't be used")
)

// listProblem returns the document, or why the list can't be judged by it.
func listProblem(s listState, id string) (*baseline.PrefixList, error) {
	switch {
	case s.documentErr != nil:
		return nil, s.documentErr
	case !s.document.Exists():
		return nil, errNoDocument
	case s.document.ReadError != nil:
		return nil, s.document.ReadError
	}
	doc, err := s.document.PrefixList(id)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBroken, err)
	}
	return doc, s.listErr
}

func (r *Remediator) reportListUnusable(ctx context.Context, t trail.Trigger, s listState, problem error) (Result, error) {
	parameter := r.listParameter(t.PrefixListID)
	kind, stored := alert.BaselineError, s.document
	if !stored.Exists() {
		stored.Parameter = parameter
	}
	switch {
	case errors.Is(problem, errNoDocument):
		return r.nothing(ctx, t, trail.Unguarded, fmt.Sprintf("no document at %s: the prefix list is left alone", parameter)), nil
	case errors.Is(problem, errBroken):
		_, err := s.document.PrefixList(t.PrefixListID)
		return r.ReportUnusable(ctx, t, alert.BaselineError, stored, err) // a retry would read the same
	case s.listErr != nil && errors.Is(s.listErr, secgroup.ErrNotFound):
		return r.reportListDeleted(ctx, t, stored)
	case s.listErr != nil:
		kind = alert.PrefixListKind
	}
	return r.retryOrReport(ctx, t, kind, stored, problem)
}

func listDeletedText(parameter string) string {
	return "the prefix list was deleted and its document is still there; if that was meant, delete the document too: aws ssm delete-parameter --name " + parameter
}

// reportListDeleted reports that a prefix list was deleted whose document is still there.
func (r *Remediator) reportListDeleted(ctx context.Context, t trail.Trigger, stored baseline.Stored) (Result, error) {
	a := r.newAlert(t, secgroup.Group{}, stored)
	if doc, err := stored.PrefixList(t.PrefixListID); err == nil {
		a.PrefixListName = doc.PrefixListName
	}
	a.Kind, a.Outcome = alert.PrefixListKind, alert.None
	a.Reason = listDeletedText(stored.Parameter)
	if !r.isOwnCall(t) && t.EventID != "" && t.Kind == trail.PrefixListDeleted {
		a.Actor = actorOf(t)
	}
	return r.report(ctx, a)
}

// listDeleted reports that a prefix list was deleted whose document is still there.
func (r *Remediator) listDeleted(ctx context.Context, t trail.Trigger) (Result, error) {
	document, _, err := r.ListDocuments.ReadPrefixList(ctx, t.PrefixListID)
	if err == nil {
		err = document.ReadError
	}
	switch {
	case err != nil:
		return r.retryOrReport(ctx, t, alert.BaselineError, baseline.Stored{Parameter: r.listParameter(t.PrefixListID)}, err)
	case !document.Exists():
		return r.nothing(ctx, t, trail.Unguarded, "the deleted prefix list had no document"), nil
	}
	return r.reportListDeleted(ctx, t, document)
}
