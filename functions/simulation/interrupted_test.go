package simulation

import (
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// judgeInterrupted asks whether a revoke interrupted traffic that was approved all the time while
// the function may have decided, and was carried before the call that its event
// reports. The function is not blamed for what it could not know: that people, or a
// function that judged by another baseline, have just modified or taken away
// another rule that carried the traffic.
func (w *world) judgeInterrupted(by *invocation, g *group, before []owned, side string, at time.Time) {
	from := by.judgesFrom(g.id, at)
	baselines := w.moments(g.id, from, at)
	carried := naive.Together(w.carriedAfter(by, g, baselines, at))
	interrupted := naive.Together(rulesOf(slices.DeleteFunc(slices.Clone(before), by.opened))).Without(carried)
	for _, h := range baselines {
		d := h.document
		if d == nil || !d.usable() {
			return
		}
		interrupted = interrupted.And(naive.Together(d.permitted(h.until)))
	}
	switch {
	case interrupted.Empty():
	case by.full: // it could only make room first
		w.tally.counts[countInterruptedForRoom]++
	case w.unprotected(by, by.door(g.id).last["Authorize"+side], at):
		w.tally.counts[countInterruptedUnprotected]++
	default:
		w.broken("safety", "%v cut approved traffic of %s: %v", by, g.id, interrupted)
	}
}

// carriedAfter are the rules that carry traffic after a revoke, and those that
// others took away just before.
func (w *world) carriedAfter(by *invocation, g *group, baselines []moment, at time.Time) []int {
	var rules []int
	for _, o := range g.rules {
		removed := by.opened(o) && !slices.ContainsFunc(baselines, func(h moment) bool {
			d := h.document
			return d != nil && d.usable() && d.permits(o.rule, at)
		})
		if !removed { // else the function is about to revoke it too
			rules = append(rules, o.rule)
		}
	}
	judgedTwice := len(w.moments(g.id, at.Add(-decisionBound), at)) > 1
	for _, c := range w.ec2.changes {
		others := c.by == people || c.by != by && judgedTwice
		if c.group == g.id && others && c.before >= 0 && c.at.After(by.decided(at).Add(-staleBound)) && c.at.Before(at) {
			rules = append(rules, c.before)
			if c.after >= 0 {
				rules = append(rules, c.after)
			}
		}
	}
	return rules
}

// unprotected says whether the function could do no better than revoke: EC2 refused
// the Authorize call for good, or failed it for now in a run that may not wait.
func (w *world) unprotected(by *invocation, authorized outcome, at time.Time) bool {
	return authorized == refused || authorized == noRoom || authorized == transient && !by.mayDelay(at)
}

// delayBound is how old an event may be whose run holds a revoke back.
const delayBound = time.Minute

// mayDelay: a sweep holds nothing back, nor does a run at an old event.
// CloudTrail's times are in whole seconds.
func (i *invocation) mayDelay(at time.Time) bool {
	e := i.delivery.event
	return e != nil && at.Sub(e.at.Truncate(time.Second)) < delayBound
}
