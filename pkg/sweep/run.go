package sweep

import (
	"context"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// run is one sweep.
type run struct {
	*Sweeper
	account, region string
	summary         Summary
	errs            []error

	rules     map[string]rules                // by group id
	partial   bool                            // not all rules could be read
	unlisted  bool                            // not all baselines could be listed
	foreign   map[string]bool                 // groups of other accounts, which are left alone
	guarded   map[string]bool                 // groups that have a baseline
	approvals map[string][]*baseline.Approval // by group id
	shared    baseline.Documents              // what is for all groups

	versions versions // of documents, which may not have been reported
	closings closings // what people were notified of and is over

	from, next        resumePoint
	baselinesEnd, end time.Time // zero where there is no deadline

	live []secgroup.LiveRule // of the group that is judged just now
}

// stopBefore is how long before its deadline a sweep stops taking up groups.
const stopBefore = 30 * time.Second

// shares says until when groups with a baseline are taken up, and until when any
// group is. The guardrail always has a quarter of the time, and more where the
// baselines leave it.
func shares(ctx context.Context) (baselines, all time.Time) {
	deadline, limited := ctx.Deadline()
	if !limited {
		return baselines, all
	}
	all = deadline.Add(-stopBefore)
	return all.Add(-time.Until(all) / 4), all
}

// isLate reports whether a share of the time is used up.
func isLate(ctx context.Context, end time.Time) bool {
	return ctx.Err() != nil || !end.IsZero() && !time.Now().Before(end)
}

func (r *run) fail(err error) {
	if err != nil {
		r.errs = append(r.errs, err)
	}
}

// trigger asks for a group to be judged as a sweep does. The rules seen of the group
// is reported even if it is not live when the group is read again.
func (r *run) trigger(groupID string, seen judge.Decision) trail.Trigger {
	t := trail.Trigger{EventName: EventName, Account: r.account, Region: r.region, GroupID: groupID, MayRemove: true}
	for _, v := range seen.Violations {
		t.Changes = append(t.Changes, trail.Change{Rule: v.Rule})
	}
	return t
}

// reconcile hands a group on to the remediator.
func (r *run) reconcile(ctx context.Context, t trail.Trigger) {
	result, err := r.Reconciler.Reconcile(ctx, t)
	r.summary.count(result, err)
	if err != nil {
		r.fail(fmt.Errorf("reconcile %s: %w", t.GroupID, err))
	}
}
