package sweep

import (
	"context"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// sweepBaselines has every group judged that has a baseline. A group that drifts is
// handed on as it is found. Where the last sweep ran out of time, the groups before its
// resume point come last.
func (r *run) sweepBaselines(ctx context.Context) {
	var before []trail.Trigger
	reached := r.from.baseline == ""
	handed, inTime := 0, true
	r.closings.listed.baselines = true
	for document, err := range r.Documents.AllBaselines(ctx) {
		if err != nil {
			r.unlisted = true
			r.fail(err)
			r.closings.listed.baselines = false
			break
		}
		r.guarded[document.GroupID] = true
		r.noteVersion(document.GroupID, document.Stored)
		r.summary.Baselines++
		if !inTime {
			continue // the guardrail has to know which groups have a baseline
		}
		reached = reached || document.GroupID == r.from.baseline
		if r.foreign[document.GroupID] {
			continue
		}
		decision, drifts := r.judge(document)
		if !drifts {
			continue
		}
		r.summary.Drifting++
		t := r.trigger(document.GroupID, decision)
		if !reached {
			before = append(before, t)
			continue
		}
		inTime = r.handOn(ctx, t, &handed)
	}
	for i := 0; i < len(before) && inTime; i++ {
		inTime = r.handOn(ctx, before[i], &handed)
	}
}

// handOn reconciles a group, unless the time is up: then it notes the resume point. The
// first group of a sweep is always reconciled, so that even a short sweep gets on.
func (r *run) handOn(ctx context.Context, t trail.Trigger, handed *int) (inTime bool) {
	if *handed > 0 && isLate(ctx, r.baselinesEnd) {
		r.next.baseline = t.GroupID
		return false
	}
	*handed++
	r.reconcile(ctx, t)
	return true
}

// judge has one group judged by its baseline. A document that can't be used is the
// remediator's to report. Half a view shows violations, and nothing missing.
func (r *run) judge(document baseline.GroupDocument) (decision judge.Decision, drifts bool) {
	problem := document.Stored.ReadError
	var doc *baseline.Document
	if problem == nil {
		doc, problem = baseline.Decode(document.Stored.Value, document.GroupID)
	}
	r.closings.noteDocument(document.Stored, problem == nil)
	if problem != nil {
		return decision, true
	}
	now := r.Now()
	for _, e := range doc.Exceptions {
		if now.Before(e.Expires) && e.Expires.Before(now.Add(24*time.Hour)) {
			r.summary.endsSoon(document.GroupID, e)
		}
	}
	decision = judge.ByBaseline(doc, r.grounds(document.GroupID), trail.Trigger{MayRemove: true}, r.liveOf(document.GroupID), now)
	if r.partial {
		decision.Missing = nil
	}
	r.closeJudged(document.GroupID, decision, r.live)
	return decision, !decision.Empty()
}
