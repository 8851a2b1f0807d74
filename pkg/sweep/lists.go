package sweep

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/notified"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// ListDocuments reads the document of every managed prefix list. For a document that the
// store does not give, Stored.ReadError says why.
type ListDocuments interface {
	AllPrefixLists(ctx context.Context) iter.Seq2[baseline.ListDocument, error]
}

// ListReconciler is the remediator, as it deals with one managed prefix list.
type ListReconciler interface {
	ReconcileList(ctx context.Context, t trail.Trigger) (remediate.Result, error)
}

var errNoTimeForLists = errors.New("the time was too short to judge all prefix lists: the next sweep begins with them again")

// sweepLists has every managed prefix list judged that has a document. There are few of
// them: each is read by itself. What fails leaves the rest of the sweep as it is.
func (r *run) sweepLists(ctx context.Context) {
	if r.Lists == nil {
		return
	}
	r.closings.listed.lists = true
	end := r.listsEnd()
	listed := map[string]bool{}
	for document, err := range r.Lists.AllPrefixLists(ctx) {
		if err != nil {
			r.closings.listed.lists = false
			r.fail(fmt.Errorf("list the documents of prefix lists: %w", err))
			break
		}
		if isLate(ctx, end) {
			r.closings.listed.lists = false
			r.fail(errNoTimeForLists)
			break
		}
		listed[document.PrefixListID] = true
		r.reconcileList(ctx, document)
	}
	r.closeUnlisted(listed)
}

// listsEnd says until when prefix lists are taken up; zero where there is no deadline.
// They have a quarter of the time that the groups with a baseline have: a run waits for a
// list that EC2 is changing.
func (r *run) listsEnd() time.Time {
	if r.baselinesEnd.IsZero() {
		return r.baselinesEnd
	}
	return r.baselinesEnd.Add(-time.Until(r.baselinesEnd) * 3 / 4)
}

func (r *run) reconcileList(ctx context.Context, document baseline.ListDocument) {
	_, problem := document.Stored.PrefixList(document.PrefixListID)
	r.closings.noteDocument(document.Stored, problem == nil)
	r.noteVersion(document.PrefixListID, document.Stored)
	r.summary.PrefixLists++
	t := trail.Trigger{EventName: EventName, Account: r.account, Region: r.region, PrefixListID: document.PrefixListID, MayRemove: true}
	result, err := r.ListReconciler.ReconcileList(ctx, t)
	if result.Alert != nil || err != nil {
		r.summary.Drifting++
		r.summary.count(result, err)
	}
	if err != nil {
		r.fail(fmt.Errorf("reconcile %s: %w", document.PrefixListID, err))
		return
	}
	r.closeJudgedList(document.PrefixListID, result)
}

// closeJudgedList notes what is over of a prefix list that was judged: what the alert
// does not name any more.
func (r *run) closeJudgedList(id string, result remediate.Result) {
	judged := result.Cause == trail.Permitted
	if a := result.Alert; a != nil {
		judged = a.Kind == alert.PrefixListKind && len(a.Findings) > 0
	}
	if !judged {
		return
	}
	r.close(id, asApproved, func(e notified.Open) bool { return !isDocument(e) && !names(result.Alert, e) })
}

// names reports whether an alert names what an entry is about.
func names(a *alert.Alert, e notified.Open) bool {
	return a != nil && slices.ContainsFunc(a.Findings, func(f alert.Finding) bool { return f.Rule == e.Rule && f.Verdict == e.Verdict })
}

// closeUnlisted notes what is over of prefix lists that have no document any more.
func (r *run) closeUnlisted(listed map[string]bool) {
	if !r.closings.listed.lists {
		return
	}
	for id := range r.closings.open {
		if rule.IsPrefixListID(id) && !listed[id] {
			r.close(id, notGuarded, func(e notified.Open) bool { return !isDocument(e) })
		}
	}
}

// close moves entries of one group or prefix list to what is over.
func (r *run) close(id, how string, over func(notified.Open) bool) {
	r.closings.open[id] = slices.DeleteFunc(r.closings.open[id], func(e notified.Open) bool {
		if over(e) {
			r.closings.over = append(r.closings.over, ended{e, how})
			return true
		}
		return false
	})
}
