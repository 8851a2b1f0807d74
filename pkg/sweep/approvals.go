package sweep

import (
	"context"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

const (
	// keptFor is how long an approval stays after it ended, so that people can see
	// what was approved.
	keptFor = 24 * time.Hour
	// reportAgainFor is how long after a document was written a sweep reports that the
	// document can't be used. The event of the write has reported that, unless the event was lost.
	reportAgainFor = time.Hour
	// mostDeleted is how many approvals a sweep deletes at most: each comes back as an
	// event, and is reported.
	mostDeleted = 10
)

// readApprovals reads the approvals of all groups. Where a page fails, the groups
// whose approvals were not read may look as if they drifted: the remediator reads
// them again before it acts. Approvals that ended a day ago are deleted.
func (r *run) readApprovals(ctx context.Context) {
	var old []string
	r.closings.listed.approvals = true
	for found, err := range r.Documents.AllApprovals(ctx) {
		if err != nil {
			r.fail(err)
			r.closings.listed.approvals = false
			break
		}
		r.summary.Approvals++
		r.noteVersion(found.GroupID, found.Stored)
		approval, err := found.Stored.Approval(found.Name, r.Now())
		r.closings.noteDocument(found.Stored, err == nil)
		switch {
		case err != nil:
			r.reportUnusable(ctx, found.GroupID, found.Stored, fmt.Errorf("the approval %s permits nothing: %w", found.Name, err))
		case r.Now().Sub(approval.Expires) > keptFor:
			old = append(old, found.Stored.Parameter)
		default:
			r.approvals[found.GroupID] = append(r.approvals[found.GroupID], approval)
		}
	}
	if len(old) > 0 {
		r.fail(r.Cleaner.Delete(ctx, old[:min(len(old), mostDeleted)]))
	}
}

// grounds are what counts beside a group's baseline. The grace is the remediator's
// to look up, where something would be revoked.
func (r *run) grounds(groupID string) judge.Grounds {
	return judge.Grounds{Approvals: r.approvals[groupID]}
}

// reportUnusable reports a document that can't be used, for a while after it was
// written.
func (r *run) reportUnusable(ctx context.Context, groupID string, stored baseline.Stored, problem error) {
	if r.Now().Sub(stored.ModifiedAt) > reportAgainFor {
		return
	}
	if !rule.IsGroupID(groupID) {
		groupID = ""
	}
	result, err := r.Reporter.ReportUnusable(ctx, r.trigger(groupID, judge.Decision{}), alert.BaselineError, stored, problem)
	r.summary.count(result, err)
	r.fail(err)
}

// checkPause reports once that a pause has ended, and removes the pause's document. It also
// reports a pause or trusted principals that can't be used.
func (r *run) checkPause(ctx context.Context) {
	if stored := r.shared.Pause; stored.Exists() {
		pause, err := stored.Pause(r.Now())
		r.closings.noteDocument(stored, err == nil)
		switch {
		case err != nil:
			r.reportUnusable(ctx, "", stored, fmt.Errorf("this pauses nothing: %w", err))
		case !pause.Active(r.Now()):
			result, err := r.Reporter.ReportPauseEnded(ctx, r.trigger("", judge.Decision{}), stored, pause)
			r.summary.count(result, err)
			if err == nil {
				err = r.deletePause(ctx, stored)
			}
			r.fail(err)
		}
	}
	if stored := r.shared.Trust; stored.Exists() {
		_, err := stored.Trust()
		r.closings.noteDocument(stored, err == nil)
		if err != nil {
			r.reportUnusable(ctx, "", stored, fmt.Errorf("nobody is trusted: %w", err))
		}
	}
}

// deletePause deletes a pause that has ended, unless somebody has written another one
// since the sweep began.
func (r *run) deletePause(ctx context.Context, ended baseline.Stored) error {
	now, err := r.Documents.ReadShared(ctx)
	if err != nil || now.Pause.Version != ended.Version || !now.Pause.ModifiedAt.Equal(ended.ModifiedAt) {
		return err
	}
	return r.Cleaner.Delete(ctx, []string{ended.Parameter})
}
