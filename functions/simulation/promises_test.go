package simulation

import "time"

// judgeHistory holds a history to the promises that only its end can show.
func (w *world) judgeHistory() {
	w.tally.counts[countLived], w.tally.counts[countEvents], w.tally.counts[countAlerts] = 1, w.events, len(w.alerts)
	w.judgeSilence()
	for _, g := range w.ec2.living() {
		if w.settings.Enforce {
			w.judgeEnd(g)
		}
	}
}

// judgeEnd is the second promise.
func (w *world) judgeEnd(g *group) {
	now := time.Now()
	text := w.ssm.value(groupsPath + g.id)
	if text == "" {
		w.judgeUnguarded(g)
		return
	}
	d := w.papers.documents[text]
	if !d.usable() || d.alertOnly {
		return
	}
	for _, o := range g.rules {
		if !d.permits(o.rule, now) {
			w.broken("convergence", "%s (%s) of %s is still live", o.id, universe[o.rule].text, g.id)
		}
	}
	for _, r := range d.standing {
		impossible := universe[r].peer == firstGroup && w.ec2.group(firstGroup).deleted || full(g.rules, universe[r].egress, w.ec2.quota)
		if d.restore && !impossible && !universe[r].carried.without(together(g.universe())).empty() {
			w.broken("convergence", "approved rule %s of %s is still missing", universe[r].text, g.id)
		}
	}
}

func (w *world) judgeUnguarded(g *group) {
	rail := w.papers.guardrails[w.ssm.value(guardrailName)]
	if rail == nil || rail.broken || !rail.enforce {
		return
	}
	for _, o := range g.rules {
		if universe[o.rule].tooWide {
			w.broken("convergence", "%s (%s) of %s still breaks the guardrail", o.id, universe[o.rule].text, g.id)
		}
	}
}

// judgeRun is the fourth: where AWS failed nothing, nothing is called a failure.
func (w *world) judgeRun(i *invocation) {
	if i.faults > 0 {
		return
	}
	if i.err != nil && !i.full && !w.sweptABrokenGuardrail(i) {
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

// sweptABrokenGuardrail: a sweep that can't judge the groups without a baseline
// fails, so that its alarm tells.
func (w *world) sweptABrokenGuardrail(i *invocation) bool {
	for _, h := range w.ssm.during(guardrailName, i.started, time.Now()) {
		if g := w.papers.guardrails[h.value]; i.delivery.event == nil && g != nil && g.broken {
			return true
		}
	}
	return false
}

func (w *world) isLive(group, id string) bool {
	g := w.ec2.group(group)
	if g == nil {
		return false
	}
	for _, o := range g.rules {
		if o.id == id {
			return true
		}
	}
	return false
}
