package remediate

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// act reverts what the verdict holds, or only says so, and tells. What only the
// alert needs is fetched beside the revoke.
//
// ctx is the invocation's; fresh ends when the verdict is too old to act on.
func (r *Remediator) act(ctx, fresh context.Context, t trail.Trigger, stored baseline.Stored, v verdict) (any, error) {
	var group secgroup.Group
	var describing sync.WaitGroup
	var gone bool
	describing.Go(func() { group, gone = r.describe(fresh, t.GroupID) })
	p := newPlan(v)
	if v.enforce {
		r.carryOut(ctx, fresh, t, stored, p)
	}
	describing.Wait()
	p.groupGone = gone
	a := r.alert(t, group, stored, p)
	err := r.publish(ctx, a)
	if err == nil && p.unrecorded() && fresh.Err() == nil {
		r.revoke(fresh, t.GroupID, p, revocation.unrecorded) // the alert is their record now
		r.authorizeAgain(ctx, t.GroupID, p)
		a = r.alert(t, group, stored, p)
		err = r.publish(ctx, a)
	}
	if err == nil {
		r.erase(ctx, p.records)
	}
	return a, errors.Join(p.err(), err)
}

// plan is a verdict on its way to being carried out.
type plan struct {
	verdict
	restorations []restoration
	revocations  []revocation // one for each live violation, in their order
	revokedAt    time.Time    // when the last revoke was confirmed
	records      []string     // names in the journal
	groupGone    bool
}

type restoration struct {
	secgroup.ApprovedRule
	cut  bool // it would be cut by a revoke; else it was missing before
	done bool
	err  error
}

type revocation struct {
	secgroup.LiveRule
	retold bool
	done   bool
	err    error
}

// newPlan restores what would be cut whatever the baseline says, what was
// missing before only if it says so, and revokes the live violations.
func newPlan(v verdict) *plan {
	p := &plan{verdict: v}
	if v.enforce {
		for _, a := range v.cut {
			p.restorations = append(p.restorations, restoration{ApprovedRule: a, cut: true})
		}
	}
	if v.restore {
		for _, a := range v.missing {
			p.restorations = append(p.restorations, restoration{ApprovedRule: a})
		}
	}
	for _, violation := range v.violations {
		if !violation.gone {
			p.revocations = append(p.revocations, revocation{LiveRule: violation.LiveRule, retold: violation.retold})
		}
	}
	return p
}

// carryOut authorises first and revokes then, so that approved traffic is never
// cut. Where the group's quota of rules is used up it has to be the other way
// round. What no retry would report is put on record meanwhile, and revoked then.
func (r *Remediator) carryOut(ctx, fresh context.Context, t trail.Trigger, stored baseline.Stored, p *plan) {
	var recording sync.WaitGroup
	var recordErr error
	recording.Go(func() { recordErr = r.record(fresh, p.newRecord(t, stored), p) })
	r.authorize(fresh, t.GroupID, p, func(int) bool { return true })
	r.revoke(fresh, t.GroupID, p, func(x revocation) bool { return x.retold })
	recording.Wait()
	if recordErr == nil {
		r.revoke(fresh, t.GroupID, p, func(x revocation) bool { return !x.retold })
	} else {
		r.Log.WarnContext(ctx, "the alert has to be the record", "group", t.GroupID, "event", t.EventID, "reason", recordErr.Error())
		p.hold(recordErr)
	}
	r.authorizeAgain(ctx, t.GroupID, p)
}

func (p *plan) madeRoom() bool {
	return slices.ContainsFunc(p.revocations, func(x revocation) bool { return x.done || errors.Is(x.err, secgroup.ErrGone) })
}

// authorizeAgain is for a group that was full before the revoke made room. What it
// was cut off from can't be known any more by the next run, so this one insists.
func (r *Remediator) authorizeAgain(ctx context.Context, groupID string, p *plan) {
	if !p.madeRoom() {
		return
	}
	ctx, cancel := keepTime(ctx, alertTime)
	defer cancel()
	var open []int
	for i, x := range p.restorations {
		if errors.Is(x.err, secgroup.ErrFull) {
			open = append(open, i)
		}
	}
	_ = r.insist(ctx, func() error { // the errors are the plan's
		r.authorize(ctx, groupID, p, func(i int) bool { return slices.Contains(open, i) && !p.restorations[i].done })
		var errs []error
		for _, i := range open {
			errs = append(errs, p.restorations[i].err)
		}
		return errors.Join(errs...)
	})
}

func (r *Remediator) authorize(ctx context.Context, groupID string, p *plan, which func(index int) bool) {
	var rules []secgroup.ApprovedRule
	var at []int
	for i, x := range p.restorations {
		if which(i) {
			rules, at = append(rules, x.ApprovedRule), append(at, i)
		}
	}
	if len(rules) == 0 {
		return
	}
	for i, err := range r.Writer.Authorize(ctx, groupID, rules) {
		p.restorations[at[i]].err, p.restorations[at[i]].done = err, err == nil
	}
}

var errHeldBack = errors.New("not revoked: approved traffic that it carries could not be authorised first")

func (r *Remediator) revoke(ctx context.Context, groupID string, p *plan, which func(revocation) bool) {
	var rules []secgroup.LiveRule
	var at []int
	for i, x := range p.revocations {
		if !which(x) {
			continue
		}
		if p.holdsBack(x.Rule) {
			p.revocations[i].err = errHeldBack
			continue
		}
		rules, at = append(rules, x.LiveRule), append(at, i)
	}
	if len(rules) == 0 {
		return
	}
	for i, err := range r.Writer.Revoke(ctx, groupID, rules) {
		p.revocations[at[i]].err, p.revocations[at[i]].done = err, err == nil
		if err == nil {
			p.revokedAt = r.Now()
		}
	}
}

// holdsBack reports whether approved traffic that a violation carries could not
// be authorised, so that revoking the violation would cut it.
func (p *plan) holdsBack(violation rule.Rule) bool {
	return slices.ContainsFunc(p.restorations, func(x restoration) bool {
		return x.cut && !x.done && !errors.Is(x.err, secgroup.ErrFull) && !errors.Is(x.err, secgroup.ErrGone) && rule.MayCarry(violation, x.Rule)
	})
}

// err joins what is to be tried again. What is gone won't be, nor a group that
// nobody may edit.
func (p *plan) err() error {
	var errs []error
	for _, x := range p.restorations {
		errs = append(errs, x.err)
	}
	for _, x := range p.revocations {
		errs = append(errs, x.err)
	}
	errs = slices.DeleteFunc(errs, func(err error) bool { return errors.Is(err, secgroup.ErrManaged) || errors.Is(err, secgroup.ErrGone) })
	return errors.Join(errs...)
}
