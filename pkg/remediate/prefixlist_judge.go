package remediate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// judgeList has the list judged, and looks for a grace where something would be taken
// out. Nothing is enforced in MODE=alert, while sgwarden is paused, on a list that
// nobody here may change, or where nobody knows what the grace still permits.
func (r *Remediator) judgeList(ctx context.Context, run *listRun, s listState) error {
	run.state, run.problem, run.reason = s, nil, ""
	decide := func(grace judge.ListGrace) {
		run.grace = grace
		run.decision = judge.ByPrefixList(run.doc, grace, run.trigger, s.list.Entries, run.takenOut...)
	}
	decide(judge.ListGrace{})
	enforce := run.decision.Enforce && r.Enforce
	pause := r.pauseInForce(ctx, s.pause, s.documentAt)
	switch {
	case pause != nil:
		enforce, run.reason = false, r.pausedText(run.trigger.Region, pause)
	case r.unchangeable(run.trigger, s.list) != "":
		run.unchangeable = enforce && s.list.Unchangeable(cmp.Or(run.trigger.Account, s.list.Owner)) != ""
		enforce, run.reason = false, r.unchangeable(run.trigger, s.list)
	}
	if len(run.decision.Violations) > 0 {
		grace, err := r.listGrace(ctx, run.doc, s)
		switch {
		case errors.Is(err, judge.ErrUnknownGrace):
			enforce = false
			end := judge.ListGraceEnd(run.doc, s.document, r.Grace, s.documentAt).UTC().Format(time.RFC3339)
			run.reason = fmt.Sprintf("the document is new, and nothing is taken out until %s: %v", end, err)
		case err != nil:
			return err
		case len(grace.Former) > 0:
			decide(grace)
		}
	}
	run.decision.Enforce = enforce
	return nil
}

// pauseInForce decodes the pause. One that can't be used pauses nothing; people were
// notified when it was written.
func (r *Remediator) pauseInForce(ctx context.Context, stored baseline.Stored, now time.Time) *baseline.Pause {
	if !stored.Exists() {
		return nil
	}
	pause, err := stored.Pause(now)
	if err != nil {
		r.Log.WarnContext(ctx, "a document can't be used and counts as absent", "parameter", stored.Parameter, "reason", err.Error())
		return nil
	}
	if !pause.Active(now) {
		return nil
	}
	return pause
}

// listGrace is for a prefix list what grace is for a group.
func (r *Remediator) listGrace(ctx context.Context, doc *baseline.PrefixList, s listState) (judge.ListGrace, error) {
	if judge.ListGraceEnd(doc, s.document, r.Grace, s.documentAt).IsZero() {
		return judge.ListGrace{}, nil
	}
	versions, err := r.History.History(ctx, s.document.Parameter)
	if errors.Is(err, secgroup.ErrRefused) {
		return judge.ListGrace{}, fmt.Errorf("%w: %w", judge.ErrUnknownGrace, err)
	}
	if err != nil {
		return judge.ListGrace{}, fmt.Errorf("read the versions of %s: %w", s.document.Parameter, err)
	}
	return judge.ListGraceOf(doc, s.document, versions, r.Grace, s.documentAt)
}

// lacksTag reports whether a list is only reported because of a tag that it lacks, as
// isUntagged does for a group.
func (r *Remediator) lacksTag(list prefixlist.List) bool {
	return r.OnlyTagged != "" && list.Tag != r.OnlyTagged
}

// unchangeable says why sgwarden may not change a list, empty where it may.
func (r *Remediator) unchangeable(t trail.Trigger, list prefixlist.List) string {
	why := list.Unchangeable(cmp.Or(t.Account, list.Owner)) // an event of no account is of this one
	switch {
	case why != "":
		return why + ", so that sgwarden only reports it"
	case r.lacksTag(list):
		return fmt.Sprintf("sgwarden only reports this prefix list, since it may change only lists with the tag %[1]s=%[2]s; to have the list guarded: "+
			"aws ec2 create-tags --region %[3]s --resources %[4]s --tags Key=%[1]s,Value=%[2]s", secgroup.TagKey, r.OnlyTagged, t.Region, list.ID)
	}
	return ""
}
