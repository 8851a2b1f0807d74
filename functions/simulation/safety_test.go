package simulation

import (
	"slices"
	"time"
)

// revoked is a rule that a function has revoked.
type revoked struct {
	by        *invocation
	group, id string
	rule      int
}

// held is a parameter's value for some time.
type held struct {
	value string // "" for none
	until time.Time
}

// during are the values that a parameter had from one time to another.
func (s *ssm) during(name string, from, to time.Time) []held {
	all := []held{{"", to}}
	for _, c := range s.changes {
		if c.name != name || c.at.After(to) {
			continue
		}
		all[len(all)-1].until = c.at
		if !c.at.After(from) {
			all = all[:0]
		}
		all = append(all, held{c.value, to})
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
		if !w.settings.Enforce {
			w.broken("safety", "%v changed %s of %s in MODE=alert", c.by, change.id, g.id)
		}
		if change.after >= 0 {
			w.tally.counts[countRestores]++
			if !w.approved(c.by, g.id, change.after, at) {
				w.broken("safety", "%v authorised %s on %s, which no baseline of that time has", c.by, universe[change.after].text, g.id)
			}
			continue
		}
		took = true
		w.tally.counts[countRevokes]++
		w.revoked = append(w.revoked, revoked{c.by, g.id, change.id, change.before})
		if s := c.by.seen[g.id]; s != nil && s.complete() {
			w.tally.oldest = max(w.tally.oldest, at.Sub(s.documents.at))
		}
		if d := w.papers.documents[w.ssm.value(groupsPath+g.id)]; d != nil && d.usable() && d.permits(change.before, at) {
			w.tally.counts[countRaced]++
		}
		if !w.justified(c.by, g.id, change.id, at) {
			w.broken("safety", "%v revoked %s (%s) of %s, which was permitted, or not to be judged, while it may have decided", c.by, change.id, universe[change.before].text, g.id)
		}
	}
	if took {
		w.judgeCut(c.by, g, before, at)
	}
}

// decided is the earliest time at which a function may have read what it acts on.
func (i *invocation) decided(at time.Time) time.Time {
	if earliest := at.Add(-decisionBound); earliest.After(i.started) {
		return earliest
	}
	return i.started
}

// justified says whether some document in force while the function may have
// decided forbade some rule that the id stood for, of those that EC2 may have
// shown it.
func (w *world) justified(by *invocation, group, id string, at time.Time) bool {
	from := by.decided(at)
	for _, rule := range w.ec2.contents(id, from.Add(-staleBound), at) {
		for _, h := range w.ssm.during(groupsPath+group, from, at) {
			if h.value == "" {
				if w.guardrailForbade(rule, from, at) {
					return true
				}
				continue
			}
			d := w.papers.documents[h.value]
			if d.usable() && !d.alertOnly && !d.permits(rule, h.until) {
				return true
			}
		}
	}
	return false
}

// approved says whether some baseline in force since the function began has the
// very rule.
func (w *world) approved(by *invocation, group string, rule int, at time.Time) bool {
	return slices.ContainsFunc(w.ssm.during(groupsPath+group, by.started, at), func(h held) bool {
		d := w.papers.documents[h.value]
		// What an exception permitted may expire on the way.
		return d != nil && d.usable() && !d.alertOnly && slices.Contains(d.permitted(by.started), rule)
	})
}

func (w *world) guardrailForbade(rule int, from, to time.Time) bool {
	for _, h := range w.ssm.during(guardrailName, from, to) {
		if g := w.papers.guardrails[h.value]; g != nil && !g.broken && g.enforce && universe[rule].meetsGuardrail {
			return true
		}
	}
	return false
}

// judgeCut asks whether a revoke cut traffic that was approved while the function
// may have decided. What the function could not know is none of its doing: that people, or a
// function that judged by another baseline, have just modified or taken away
// another rule that carried it.
func (w *world) judgeCut(by *invocation, g *group, before []owned, at time.Time) {
	from := by.decided(at)
	baselines := w.ssm.during(groupsPath+g.id, from, at)
	judgedApart := len(w.ssm.during(groupsPath+g.id, at.Add(-decisionBound), at)) > 1
	carried := g.universe()
	for _, c := range w.ec2.changes {
		others := c.by == people || c.by != by && judgedApart
		if c.group == g.id && others && c.before >= 0 && c.at.After(from.Add(-staleBound)) && c.at.Before(at) {
			carried = append(carried, c.before)
			if c.after >= 0 {
				carried = append(carried, c.after)
			}
		}
	}
	was := make([]int, len(before))
	for i, o := range before {
		was[i] = o.rule
	}
	cut := together(was).without(together(carried))
	for _, h := range baselines {
		d := w.papers.documents[h.value]
		if d == nil || !d.usable() {
			return
		}
		cut = cut.and(together(d.permitted(h.until)))
	}
	if !cut.empty() && by.full { // it could only make room first
		w.tally.counts[countCutForRoom]++
	} else if !cut.empty() {
		w.broken("safety", "%v cut approved traffic of %s: %v", by, g.id, cut)
	}
}
