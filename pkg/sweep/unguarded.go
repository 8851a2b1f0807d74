package sweep

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// sweepUnguarded has the groups without a baseline judged by the guardrail. Where
// the list of baselines broke off, a group may have one that was not read: the
// remediator looks again before it acts.
func (r *run) sweepUnguarded(ctx context.Context) {
	guardrail := r.readGuardrail(ctx)
	if guardrail == nil {
		return
	}
	ids := slices.Sorted(maps.Keys(r.rules))
	ids = slices.DeleteFunc(ids, func(id string) bool { return r.guarded[id] })
	for i, groupID := range startingAt(ids, r.from.unguarded) {
		if i > 0 && isLate(ctx, r.end) { // even a short sweep gets on
			r.next.unguarded = groupID
			return
		}
		decision := judge.ByGuardrail(guardrail, r.grounds(groupID), trail.Trigger{}, r.liveOf(groupID), r.Now())
		r.closeJudged(groupID, decision, r.live)
		if !decision.Empty() {
			r.summary.Drifting++
			r.reconcile(ctx, r.trigger(groupID, decision))
		}
	}
}

// countUnguarded counts the groups that have rules and no baseline, where all of both
// could be read.
func (r *run) countUnguarded() {
	if r.partial || r.unlisted {
		return
	}
	unguarded := 0
	for id := range r.rules {
		if !r.guarded[id] {
			unguarded++
		}
	}
	r.summary.Unguarded = &unguarded
}

// readShared reads what is for all groups.
func (r *run) readShared(ctx context.Context) {
	var err error
	if r.shared, err = r.Documents.ReadShared(ctx); err != nil {
		r.fail(fmt.Errorf("read the guardrail, the pause and the trusted principals: %w", err))
	}
	r.closings.listed.shared = err == nil
	for _, stored := range []baseline.Stored{r.shared.Guardrail, r.shared.Pause, r.shared.Trust} {
		r.noteVersion("", stored)
	}
}

// readGuardrail returns nil where there is no guardrail, or none that can be used. A guardrail
// that can't be used is reported once, not for each group.
func (r *run) readGuardrail(ctx context.Context) *baseline.Guardrail {
	stored := r.shared.Guardrail
	if !stored.Exists() {
		return nil
	}
	problem := stored.ReadError
	if problem == nil {
		var guardrail *baseline.Guardrail
		if guardrail, problem = baseline.DecodeGuardrail(stored.Value); problem == nil {
			r.closings.noteDocument(stored, true)
			return guardrail
		}
	}
	r.closings.noteDocument(stored, false)
	result, err := r.Reporter.ReportUnusable(ctx, r.trigger("", judge.Decision{}), alert.BaselineError, stored, problem)
	r.summary.count(result, err)
	r.fail(err)
	return nil
}

// startingAt turns the sorted ids so that they begin at one, or behind where it
// would stand.
func startingAt(ids []string, first string) []string {
	at, _ := slices.BinarySearch(ids, first)
	return slices.Concat(ids[at:], ids[:at])
}
