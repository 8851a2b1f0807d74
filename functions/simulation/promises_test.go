package simulation

import (
	"maps"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// judgeHistory holds a history to the promises that only its end can show.
func (w *world) judgeHistory() {
	w.tally.counts[countLived], w.tally.counts[countEvents], w.tally.counts[countAlerts] = 1, w.events, len(w.alerts)
	w.judgeSilence()
	w.judgeVersions()
	w.judgeMails()
	for _, g := range w.ec2.living() {
		if w.settings.Enforce && !g.managed {
			w.judgeEnd(g)
		}
	}
	// A sweep that has little time, and loses it to Authorize, never gets through.
	if w.ssm.value(sweepRequest) != "" && !(w.weather.barred() && w.sweepTime < sweeperTime) {
		w.broken("convergence", "%s is still there", sweepRequest)
	}
}

// judgeEnd is the second promise.
func (w *world) judgeEnd(g *group) {
	text := w.ssm.value(groupsPath + g.id)
	if text == "" {
		w.judgeUnguarded(g)
		return
	}
	d := w.inForce(g.id)
	if !d.enforces() {
		return
	}
	for _, o := range g.rules {
		if !d.permits(o.rule, time.Now()) {
			w.broken("convergence", "%s (%s) of %s is still live", o.id, naive.Universe[o.rule].Text, g.id)
		}
	}
	if !d.restore || w.weather.barred() {
		return
	}
	for _, r := range d.permanent {
		if !naive.Universe[r].Carried.Without(naive.Together(g.universe())).Empty() && w.hasRoom(g, d, naive.Universe[r].Egress) && !w.isDeleted(naive.Universe[r].Peer) {
			w.broken("convergence", "approved rule %s of %s is still missing", naive.Universe[r].Text, g.id)
		}
	}
}

// hasRoom says whether the quota leaves room for a rule, or a rule is in the way
// that the document doesn't have.
func (w *world) hasRoom(g *group, d *document, egress bool) bool {
	if !full(g.rules, egress, w.ec2.quota) {
		return true
	}
	var written, others []int
	for _, r := range g.universe() {
		if slices.Contains(d.permitted(time.Now()), r) {
			written = append(written, r)
		} else if naive.Universe[r].Egress == egress {
			others = append(others, r)
		}
	}
	return slices.ContainsFunc(others, func(r int) bool { return naive.Universe[r].Carried.Without(naive.Together(written)).Empty() })
}

func (w *world) isDeleted(peer string) bool {
	return peer == naive.FirstGroup && w.ec2.group(naive.FirstGroup).deleted
}

// unapproved are the rules of a group that no approval permits now.
func (w *world) unapproved(g *group) []int {
	now := time.Now()
	return unapproved(g.universe(), w.moments(g.id, now, now)[0].approvals, now)
}

func (w *world) judgeUnguarded(g *group) {
	rail := w.papers.guardrails[w.ssm.value(guardrailName)]
	if rail != nil && rail.usable() && rail.enforce && naive.Breaks(w.unapproved(g)) {
		w.broken("convergence", "the rules of %s still break the guardrail: %v", g.id, g.rules)
	}
}

// judgeRun: where AWS failed nothing, nothing is called a
// failure, and nothing is left open.
func (w *world) judgeRun(i *invocation) {
	if e := i.delivery.event; e != nil && e.withoutGroup && i.err == nil && !w.requestedSweep(i) {
		w.broken("no silent violation", "%v does not know the group, succeeded, and asked for no sweep", i)
	}
	w.judgeDoor(i)
	w.judgeHandedOn(i)
	if i.faults > 0 {
		return
	}
	if i.err != nil && !i.full && !w.couldNotRead(i) && !w.forgot(i) && !i.misled() {
		w.broken("quiet", "AWS failed none of the calls of %v, and it failed: %v", i, i.err)
	}
	for _, d := range w.alerts {
		if d.by != i {
			continue
		}
		for _, f := range d.alert.Findings {
			if f.Action == "failed" && f.RuleID != "" && !w.isLive(d.alert.GroupID, f.RuleID) {
				w.broken("quiet", "%v called the revoke of %s a failure, and it is gone", i, f.RuleID)
			}
		}
	}
}

// misled says whether EC2 refused what the invocation authorised, since it was
// there, and did not show it what was there.
func (i *invocation) misled() bool {
	duplicate := func(d *door) bool { return d.duplicates }
	return i.stale && slices.ContainsFunc(slices.Collect(maps.Values(i.doors)), duplicate)
}

// requestedSweep says whether a sweep was asked for while the invocation ran.
func (w *world) requestedSweep(i *invocation) bool {
	return slices.ContainsFunc(w.ssm.changes, func(c parameterChange) bool {
		return c.name == sweepRequest && c.value != "" && !c.at.Before(i.started)
	})
}

// couldNotRead says whether the key was denied to the invocation of a document
// that it had to judge by.
func (w *world) couldNotRead(i *invocation) bool {
	e := i.delivery.event
	if e == nil {
		return len(i.locked) > 0
	}
	locked := slices.Collect(maps.Keys(i.locked))
	s := i.seen[e.group]
	return slices.Contains(locked, groupsPath+e.group) ||
		slices.Contains(locked, guardrailName) && (s == nil || s.documents.baseline == "")
}

func (w *world) isLive(group, id string) bool {
	g := w.ec2.group(group)
	return g != nil && slices.ContainsFunc(g.rules, func(o owned) bool { return o.id == id })
}
