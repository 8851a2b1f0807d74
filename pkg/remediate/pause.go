package remediate

import (
	"context"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// pauseChanged reports that somebody paused sgwarden, or ended the pause.
func (r *Remediator) pauseChanged(ctx context.Context, t trail.Trigger) (Result, error) {
	versions, err := r.versions(ctx, t)
	if err != nil {
		return r.retryOrReport(ctx, t, alert.Paused, baseline.Stored{Parameter: t.Parameter}, err)
	}
	last := versions[len(versions)-1]
	last.Parameter = t.Parameter
	t.Actor.ARN = last.ModifiedBy
	if t.Operation == "Delete" || !last.Exists() {
		return r.reportPause(ctx, t, last.Stored, "the pause is deleted: sgwarden changes security groups again; CloudTrail's DeleteParameter says who did it", false)
	}
	pause, err := last.Pause(r.Now())
	switch {
	case err != nil:
		return r.ReportUnusable(ctx, t, alert.Paused, last.Stored, fmt.Errorf("this pauses nothing: %w", err))
	case !pause.Active(r.Now()) && !wasPaused(versions, r.Now()):
		err := fmt.Errorf("this pauses nothing: until %s is past", pause.Until.UTC().Format(time.RFC3339))
		return r.ReportUnusable(ctx, t, alert.Paused, last.Stored, err)
	case !pause.Active(r.Now()):
		return r.reportPause(ctx, t, last.Stored, fmt.Sprintf("the pause ended at %s: sgwarden changes security groups", pause.Until.UTC().Format(time.RFC3339)), false)
	}
	return r.reportPause(ctx, t, last.Stored, r.pausedText(t.Region, pause), true)
}

// wasPaused reports whether the version before the last one would still be in force.
func wasPaused(versions []baseline.Version, now time.Time) bool {
	if len(versions) < 2 {
		return false
	}
	before, err := versions[len(versions)-2].Pause(now)
	return err == nil && before.Active(now)
}

// ReportPauseEnded reports that a pause is over.
func (r *Remediator) ReportPauseEnded(ctx context.Context, t trail.Trigger, stored baseline.Stored, pause *baseline.Pause) (Result, error) {
	return r.reportPause(ctx, t, stored, fmt.Sprintf("the pause ended at %s (%s): sgwarden changes security groups again", pause.Until.UTC().Format(time.RFC3339), pause.Reason), false)
}

func (r *Remediator) reportPause(ctx context.Context, t trail.Trigger, stored baseline.Stored, reason string, weakens bool) (Result, error) {
	a := r.newAlert(t, secgroup.Group{}, stored)
	a.Kind, a.Outcome, a.Reason, a.Weakens, a.Actor = alert.Paused, alert.None, reason, weakens, actorOf(t)
	return r.report(ctx, a)
}

// pausedText says that sgwarden is paused, and how to end the pause.
func (r *Remediator) pausedText(region string, pause *baseline.Pause) string {
	return fmt.Sprintf("sgwarden is paused until %s (%s) and changes nothing in EC2; to go on: aws ssm delete-parameter --region %s --name %s/pause",
		pause.Until.UTC().Format(time.RFC3339), pause.Reason, region, r.Prefix)
}
