package simulation

import (
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// revoked is a rule that a function has revoked.
type revoked struct {
	by        *invocation
	group, id string
	rule      int
}

// heldValue is a parameter's value for some time.
type heldValue struct {
	value string // "" for none
	until time.Time
}

// during are the values that a parameter had from one time to another.
func (s *ssm) during(name string, from, to time.Time) []heldValue {
	all := []heldValue{{"", to}}
	for _, c := range s.changes {
		if c.name != name || c.at.After(to) {
			continue
		}
		all[len(all)-1].until = c.at
		if !c.at.After(from) {
			all = all[:0]
		}
		all = append(all, heldValue{c.value, to})
	}
	return all
}

// contents are the rules that an id stood for from one time to another.
func (e *ec2) contents(id string, from, to time.Time) []int {
	var all []int
	for _, c := range e.changes {
		if c.id != id || c.at.After(to) {
			continue
		}
		if !c.at.After(from) {
			all = nil
		} else if len(all) == 0 && c.before >= 0 {
			all = append(all, c.before)
		}
		if c.after >= 0 {
			all = append(all, c.after)
		}
	}
	return all
}

// judgeWrites holds what a function has just done to a group to the first
// promise.
func (w *world) judgeWrites(c *call, g *group, before []owned, at time.Time) {
	if c.by == people || g == nil {
		return
	}
	took := false
	for i := len(w.ec2.changes) - 1; i >= 0 && w.ec2.changes[i].at.Equal(at); i-- {
		change := w.ec2.changes[i]
		switch {
		case !w.settings.Enforce:
			w.broken("safety", "%v changed %s of %s in MODE=alert", c.by, change.id, g.id)
		case w.paused(w.writesFrom(c.by, g, change, at), at):
			w.broken("safety", "%v changed %s of %s during a pause", c.by, change.id, g.id)
		case c.by.reportOnly():
			w.broken("safety", "%v changed %s of %s, and only tells that the baseline was deleted", c.by, change.id, g.id)
		}
		if change.after >= 0 {
			w.tally.counts[countRestores]++
			w.judgeAuthorized(c.by, g, change.after, at)
			continue
		}
		took = true
		w.judgeRevoke(c.by, g, change, at)
	}
	if took {
		w.judgeInterrupted(c.by, g, before, strings.TrimPrefix(c.action, "Revoke"), at)
	}
}

func (w *world) judgeRevoke(by *invocation, g *group, change change, at time.Time) {
	w.tally.counts[countRevokes]++
	w.revoked = append(w.revoked, revoked{by, g.id, change.id, change.before})
	if s := by.seen[g.id]; s != nil && s.complete() {
		w.tally.oldest = max(w.tally.oldest, at.Sub(s.documents.at()))
	}
	if d := w.inForce(g.id); d != nil && d.usable() && d.permits(change.before, at) {
		w.tally.counts[countRaced]++
	}
	w.judgeWaiting(by, g.id, change, at)
	if w.justified(by, g.id, change.id, at) {
		return
	}
	why := "was permitted, or not to be judged, while it may have decided"
	if w.ssm.during(groupsPath+g.id, by.judgesFrom(g.id, at), at)[0].value == "" && naive.Universe[change.before].Public > 0 {
		why = "the guardrail lets stay"
	}
	w.broken("safety", "%v revoked %s (%s) of %s, which %s", by, change.id, naive.Universe[change.before].Text, g.id, why)
}

// decided is the earliest time at which a function may have read what it acts on.
func (i *invocation) decided(at time.Time) time.Time {
	if earliest := at.Add(-decisionBound); earliest.After(i.started) {
		return earliest
	}
	return i.started
}

// writesFrom is the earliest time at which the documents were in force that led to
// a change. A function may try for long to restore traffic that a revoke interrupted.
func (w *world) writesFrom(by *invocation, g *group, c change, at time.Time) time.Time {
	if c.after >= 0 {
		return by.started
	}
	return by.judgesFrom(g.id, at)
}

// judgesFrom is the earliest time at which the documents of a function's decision
// were in force. They may be older than the rules by documentsBound.
func (i *invocation) judgesFrom(group string, at time.Time) time.Time {
	from := i.decided(at)
	if s := i.seen[group]; s != nil && s.rulesAt.Add(-documentsBound).After(from) {
		return s.rulesAt.Add(-documentsBound)
	}
	return from
}

// lived are the rules that a group may have shown to a function that read them
// since a time: all that were live at some time, or shortly before.
func (w *world) lived(group string, since, at time.Time) []owned {
	from := since.Add(-staleBound)
	g := w.ec2.group(group)
	known := map[owned]bool{}
	var all []owned
	for i, p := range g.past {
		if p.from.After(at) || i+1 < len(g.past) && !g.past[i+1].from.After(from) {
			continue
		}
		for _, o := range p.rules {
			if !known[o] {
				known[o] = true
				all = append(all, o)
			}
		}
	}
	return all
}
