// Package sweep finds the drift that no event reported. It reads all rules of the
// region in pages, has every group judged in memory, and hands the groups that
// drift to the remediator, which reads them again before it acts.
package sweep

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/notified"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// RuleLister reads every rule of the region, with the id of its group. It ends
// with the first error.
type RuleLister interface {
	AllRules(ctx context.Context) iter.Seq2[secgroup.GroupRule, error]
}

// DocumentLister reads every baseline and every approval, by group id, and what all
// groups share: the guardrail, the pause and the trusted principals. For a document that
// the store does not give, Stored.ReadError says why.
type DocumentLister interface {
	AllBaselines(ctx context.Context) iter.Seq2[baseline.GroupDocument, error]
	AllApprovals(ctx context.Context) iter.Seq2[baseline.GroupApproval, error]
	ReadShared(ctx context.Context) (baseline.Documents, error)
}

// Cleaner deletes parameters that are of no more use. To delete what does not exist is no
// error.
type Cleaner interface {
	Delete(ctx context.Context, parameters []string) error
}

// Bookmark keeps where a sweep ran out of time, from one run to the next. Empty is
// the beginning.
type Bookmark interface {
	Load(ctx context.Context) (resumePoint string, err error)
	Save(ctx context.Context, resumePoint string) error
}

// Journal holds the alerts of runs that ended before they could deliver them.
type Journal interface {
	// Unreported ends with the first error that has no record's name.
	Unreported(ctx context.Context) iter.Seq2[alert.Record, error]
	Erase(ctx context.Context, names []string) error
}

// Reconciler is the remediator, as it deals with one group.
type Reconciler interface {
	Reconcile(ctx context.Context, t trail.Trigger) (remediate.Result, error)
}

// Reporter is the remediator, as it publishes alerts.
type Reporter interface {
	ReportUnusable(ctx context.Context, t trail.Trigger, kind alert.Kind, stored baseline.Stored, problem error) (remediate.Result, error)
	ReportLate(ctx context.Context, a alert.Alert) error
	ReportPauseEnded(ctx context.Context, t trail.Trigger, stored baseline.Stored, pause *baseline.Pause) (remediate.Result, error)
	// ReportVersion reports the version of a document that a trigger is about.
	ReportVersion(ctx context.Context, t trail.Trigger) (remediate.Result, error)
	ReportClosed(ctx context.Context, t trail.Trigger, kind alert.Kind, parameter string, closed []alert.Closed) error
}

// Notified is the notifier's memory of what people were notified of. What could be read comes even
// where there is an error.
type Notified interface {
	Load(ctx context.Context) (*notified.Memory, error)
}

// Requests knows whether somebody has asked for a sweep at once, since an event did
// not say which group it is about.
type Requests interface {
	// Pending returns the version of the request, 0 for none.
	Pending(ctx context.Context) (version int64, err error)
	// Done ends the request of this version. again says that somebody has asked anew.
	Done(ctx context.Context, version int64) (again bool, err error)
}

// Sweeper reconciles all groups. All fields but Lists and ListReconciler must be set.
type Sweeper struct {
	Rules      RuleLister
	Documents  DocumentLister
	Bookmark   Bookmark
	Journal    Journal
	Requests   Requests
	Notified   Notified
	Mark       VersionMark
	Histories  HistoryReader
	Reconciler Reconciler
	Reporter   Reporter
	Cleaner    Cleaner
	// Lists and ListReconciler are for managed prefix lists. Where Lists is nil, no list is
	// judged.
	Lists          ListDocuments
	ListReconciler ListReconciler
	Log            *slog.Logger
	Now            func() time.Time
}

// OutOfTime is the line that a sweep logs which did not get to all groups. The
// template counts these lines and raises an alarm.
const OutOfTime = "the sweep ran out of time"

// EventName is what alerts of a sweep name as their event.
const EventName = "Sweep"

// mostSweeps is how often one run sweeps where it is asked again and again.
const mostSweeps = 20

// Run sweeps, and once more where somebody asked for a sweep meanwhile and there is
// time. One bad group, document or page does not stop the rest: what failed is
// counted in the summary, which is the last sweep's, and joined in the error.
func (s *Sweeper) Run(ctx context.Context, account, region string) (Summary, error) {
	var errs []error
	_, end := shares(ctx)
	for n := 1; ; n++ {
		version, pendingErr := s.Requests.Pending(ctx)
		summary, err := s.once(ctx, account, region)
		errs = append(errs, pendingErr, err)
		again := false
		if pendingErr == nil && summary.Next == "" { // else the request stays for the next sweep
			again, err = s.Requests.Done(ctx, version)
			errs = append(errs, err)
		}
		if !again || n == mostSweeps || isLate(ctx, end) {
			return summary, errors.Join(errs...)
		}
	}
}

func (s *Sweeper) once(ctx context.Context, account, region string) (Summary, error) {
	r := s.begin(ctx, account, region)
	r.readOpen(ctx)
	r.readRules(ctx)
	r.readShared(ctx)
	r.readApprovals(ctx)
	r.sweepLists(ctx)
	r.sweepBaselines(ctx)
	r.countUnguarded()
	r.sweepUnguarded(ctx)
	r.fail(s.Bookmark.Save(ctx, r.next.String()))
	r.fail(s.reportLate(ctx, &r.summary))
	r.checkPause(ctx)
	r.reportVersions(ctx)
	r.reportClosed(ctx)
	r.summary.finish(r.next)
	if r.next != (resumePoint{}) {
		s.Log.ErrorContext(ctx, OutOfTime, "summary", r.summary)
	} else {
		s.Log.InfoContext(ctx, "sweep", "summary", r.summary)
	}
	return r.summary, errors.Join(r.errs...)
}

// begin loads the bookmark. A bookmark that can't be read costs only the resume point: the
// sweep then begins at the beginning.
func (s *Sweeper) begin(ctx context.Context, account, region string) *run {
	r := &run{Sweeper: s, account: account, region: region, rules: map[string]rules{}, foreign: map[string]bool{}, guarded: map[string]bool{}, approvals: map[string][]*baseline.Approval{}}
	mark, err := s.Bookmark.Load(ctx)
	if err != nil {
		s.Log.WarnContext(ctx, "the sweep begins at the beginning, since the bookmark can't be read", "reason", err.Error())
	}
	r.from = parseResumePoint(mark)
	r.baselinesEnd, r.end = shares(ctx)
	return r
}
