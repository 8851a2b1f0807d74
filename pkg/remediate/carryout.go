package remediate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

const (
	// protectTime is all that a revoke waits for approved traffic to be protected.
	protectTime = 8 * time.Second
	// delayAge is how old an event may be whose run delays a revoke because a
	// call was throttled or failed. The retry, a minute later, does not.
	delayAge = time.Minute
	// mostProbes is how many probes an instance makes a minute. In a burst most rules
	// are not live any more, since other runs revoke them, and EC2 takes few changing calls (5 a
	// second and action): needless ones would keep the needed ones waiting.
	mostProbes = 3
	// probeTime is all that a run waits for the revoke of a rule that EC2 did not
	// show. Most likely the rule is revoked.
	probeTime = 2 * time.Second
)

// act carries a decision out, or only reports it, and publishes the alert. What only the alert
// needs is fetched beside the revoke.
//
// ctx is the invocation's; decisionCtx ends when the decision is too old to act on.
func (r *Remediator) act(ctx, decisionCtx context.Context, j judgement) (Result, error) {
	t, stored := j.trigger, j.state.inForce()
	var parallel sync.WaitGroup
	var at surroundings
	var pendingRecords []string
	var pendingErr error
	p := newPlan(j.decision, j.state.live)
	p.note = j.note
	parallel.Go(func() { at = r.readSurroundings(decisionCtx, t.GroupID, p.peers(t.GroupID)) })
	if len(p.Pending) > 0 {
		parallel.Go(func() { pendingRecords, pendingErr = r.writePendingApproval(decisionCtx, j, p.Pending) })
	}
	if p.Enforce {
		r.carryOut(ctx, decisionCtx, t, stored, p)
	}
	parallel.Wait()
	if pendingErr != nil {
		return r.revertPending(ctx, j, p, at, pendingRecords, pendingErr)
	}
	p.records = append(p.records, pendingRecords...)
	if len(p.Pending) > 0 {
		p.awaitApproval()
		p.note = fmt.Sprintf("what is pending is reverted at %s; to approve it for good, add it to the baseline: deploy/baseline.sh allow %s 'RULE' --for-good",
			r.pendingEnd(t, *j.trusted).UTC().Format(time.RFC3339), t.GroupID)
	}
	a := r.alert(t, at, stored, p)
	err := r.publish(ctx, a)
	if late := p.where(func(s *step) bool { return s.progress == waitsForRecord }); err == nil && len(late) > 0 && decisionCtx.Err() == nil {
		r.revoke(decisionCtx, t.GroupID, p, late) // the alert is their record now
		r.authorizeAndRestore(ctx, decisionCtx, t, stored, p)
		a = r.alert(t, at, stored, p)
		err = r.publish(ctx, a)
	}
	if err == nil {
		r.erase(ctx, p.records)
	}
	return resultOf(a), errors.Join(p.err(), err)
}

// revertPending is for what should wait for approval where the approval can't be
// written: it is reverted like anything else, once the rest is reported. Unless
// SSM refused, an approval may have been written though the call failed. Then the
// record stays, so that a sweep reports what is pending.
func (r *Remediator) revertPending(ctx context.Context, j judgement, p *plan, at surroundings, records []string, cause error) (Result, error) {
	r.Log.WarnContext(ctx, "what a trusted principal opened is reverted", "group", j.trigger.GroupID, "event", j.trigger.EventID, "reason", cause.Error())
	var err error
	if len(p.steps)+len(p.NotCanonical) > 0 {
		err = r.publish(ctx, r.alert(j.trigger, at, j.state.inForce(), p))
	}
	if err == nil {
		r.erase(ctx, p.records)
	}
	result, revertErr := r.reconcile(ctx, j.trigger, false)
	if errors.Is(cause, secgroup.ErrRefused) && len(p.Pending) <= alert.PendingRules {
		r.erase(ctx, records)
	}
	return result, errors.Join(p.err(), err, revertErr)
}

// carryOut closes the door first:
//
//	wave 2   revoke what the event opened │ authorise approved traffic    │ put the rest on record
//	wave 3   revoke the rest
//	after    authorise once more what did not fit, restore what was missing
func (r *Remediator) carryOut(ctx, decisionCtx context.Context, t trail.Trigger, stored baseline.Stored, p *plan) {
	var parallel sync.WaitGroup
	var recordErr error
	waiting := p.where(func(s *step) bool { return s.role == revoke && !p.isRevokedFirst(s) })
	first := p.where(func(s *step) bool { return s.role == revoke && p.isRevokedFirst(s) })
	parallel.Go(func() { recordErr = r.record(decisionCtx, r.newRecord(p, t, stored), p) })
	parallel.Go(func() { r.protect(decisionCtx, t.GroupID, p) })
	parallel.Go(func() { r.probe(decisionCtx, t.GroupID, p) })
	r.revoke(decisionCtx, t.GroupID, p, first)
	parallel.Wait()
	if recordErr != nil {
		r.Log.WarnContext(ctx, "the alert has to be the record", "group", t.GroupID, "event", t.EventID, "reason", recordErr.Error())
	}
	r.delayRevokes(t, p, waiting, recordErr)
	r.revoke(decisionCtx, t.GroupID, p, slices.DeleteFunc(waiting, func(s *step) bool { return s.progress != planned }))
	if len(p.where(func(s *step) bool { return s.progress == waitsForRecord })) == 0 { // else after the alert
		r.authorizeAndRestore(ctx, decisionCtx, t, stored, p)
	}
}

// authorizeAndRestore authorises what is approved and not live, once the doors are closed. It may
// take longer than the decision is good for.
func (r *Remediator) authorizeAndRestore(ctx, decisionCtx context.Context, t trail.Trigger, stored baseline.Stored, p *plan) {
	r.protectAgain(ctx, t.GroupID, p)
	r.restore(ctx, decisionCtx, t, stored, p)
}

var errDelayed = errors.New("not revoked yet: approved traffic that it carries could not be authorised first, and is tried again")

// delayRevokes marks the violations that are not to be revoked now: those that carry
// approved traffic which a passing failure kept from being authorised, where the
// event is so young that a retry will still be in time; and those that are not on
// record.
func (r *Remediator) delayRevokes(t trail.Trigger, p *plan, waiting []*step, recordErr error) {
	mayDelay := t.EventID != "" && !t.Time.IsZero() && r.Now().Sub(t.Time) < delayAge
	passing := func(a *step) bool { return secgroup.IsTransient(a.err) }
	for _, s := range waiting {
		switch {
		case mayDelay && p.carries(s, passing):
			s.progress, s.err = delayed, errDelayed
		case recordErr != nil && !s.violation.ReportedByRetry:
			s.progress, s.err = waitsForRecord, fmt.Errorf("%w: %w", errNotRecorded, recordErr)
		}
	}
}

// revoke revokes the rules of steps.
func (r *Remediator) revoke(ctx context.Context, groupID string, p *plan, steps []*step) {
	if len(steps) == 0 {
		return
	}
	rules := make([]secgroup.LiveRule, len(steps))
	for i, s := range steps {
		rules[i] = s.live
	}
	for i, err := range r.Writer.Revoke(ctx, groupID, rules) {
		steps[i].noteAnswer(err)
		if err == nil {
			steps[i].revokedAt = r.Now()
		}
	}
}

// pace lets something happen mostProbes times a minute.
type pace struct {
	mu     sync.Mutex
	latest []time.Time
}

func (p *pace) allows(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.latest = slices.DeleteFunc(p.latest, func(at time.Time) bool { return now.Sub(at) >= time.Minute })
	if len(p.latest) == mostProbes {
		return false
	}
	p.latest = append(p.latest, now)
	return true
}

// probe revokes by id what the event opened and EC2 did not show: the read may
// have been stale. Not found means not live. So does a failure that may pass, for what
// EC2 shows on the next read is judged then.
func (r *Remediator) probe(ctx context.Context, groupID string, p *plan) {
	steps := p.where(func(s *step) bool { return s.role == probe && s.violation.MaybeLive })
	if len(steps) == 0 || !r.probes.allows(r.Now()) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	rules := make([]secgroup.LiveRule, len(steps))
	for i, s := range steps {
		rules[i] = s.live
	}
	for i, err := range r.Writer.Revoke(ctx, groupID, rules) {
		if err == nil || errors.Is(err, secgroup.ErrRefused) || errors.Is(err, secgroup.ErrRejected) {
			steps[i].noteAnswer(err)
		}
		if err == nil {
			steps[i].revokedAt = r.Now()
		}
	}
}
