package simulation

import (
	"fmt"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// begin makes the groups and baselines that there are at first. There is no event of
// them.
func (w *world) begin(t throw) {
	if t.chance(0.15) {
		w.ec2.pages = 2 + t.IntN(3)
	}
	if t.chance(0.2) {
		w.ec2.quota = 4 + t.IntN(4)
	}
	if t.chance(0.15) {
		w.sweepTime = t.between(31*time.Second, time.Minute)
	}
	w.settings.Enforce = !t.chance(0.03)
	w.drawGrace(t)
	for n := range 2 + t.IntN(3) {
		g := &group{id: w.ec2.newID("sg"), name: fmt.Sprintf("group-%d", n), managed: n > 0 && t.chance(0.06)}
		if n == 0 {
			g.id = naive.FirstGroup
		}
		w.ec2.groups = append(w.ec2.groups, g)
		d := w.newDocument(t, g.id)
		var rules []owned
		for _, r := range d.permanent {
			if t.chance(0.9) && !full(rules, naive.Universe[r].Egress, w.ec2.quota) {
				rules = append(rules, owned{w.ec2.newID("sgr"), r})
			}
		}
		w.ec2.become(g, rules, nil, time.Now())
		if t.chance(0.75) {
			w.writeBaseline(d)
		}
	}
	if t.chance(0.5) {
		w.write(trustName, w.papers.addTrust(&trust{roles: []string{pipelineRole}}), false)
	}
	if t.chance(0.6) {
		w.writeGuardrail(&guardrail{enforce: t.chance(0.7)})
	}
}

// newDocument is a baseline that nobody has written yet.
func (w *world) newDocument(t throw, group string) *document {
	d := &document{group: group, restore: t.chance(0.4), alertOnly: t.chance(0.1), exact: t.chance(0.1), packed: t.chance(0.05)}
	d.permanent = t.originalRules()[:1+t.IntN(7)]
	if r := t.originalRule(); !slices.Contains(d.permanent, r) {
		d.permanent[0] = r
	}
	if w.ec2.quota < usualQuota && t.chance(0.2) {
		d.permanent = w.tooMany(t)
	}
	for t.chance(0.25) {
		expires := time.Now().Add(t.between(-time.Minute, 20*time.Minute)).Truncate(time.Second)
		d.exceptions = append(d.exceptions, exception{t.originalRule(), expires})
	}
	if t.chance(0.08) {
		minutes := pick(t, []int{0, 1, 10})
		d.graceMinutes = &minutes
	}
	if t.chance(0.2) {
		d = d.without(t.chance(0.5))
	}
	return d
}

// tooMany are more rules of one direction than the quota lets a group have.
func (w *world) tooMany(t throw) []int {
	rules := slices.DeleteFunc(t.originalRules(), func(r int) bool { return naive.Universe[r].Egress })
	return rules[:w.ec2.quota+1+t.IntN(3)]
}

// beyondQuota reports whether no group can have all rules of the document.
func (w *world) beyondQuota(d *document) bool {
	var rules []owned
	for _, r := range d.permanent {
		rules = append(rules, owned{rule: r})
	}
	return full(rules, false, w.ec2.quota+1) || full(rules, true, w.ec2.quota+1)
}
