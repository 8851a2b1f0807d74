package simulation

import (
	"fmt"
	"time"
)

// begin makes the groups and baselines that there are at first. No event tells of
// them.
func (w *world) begin(t throw) {
	if t.chance(0.15) {
		w.ec2.pages = 2 + t.IntN(3)
	}
	if t.chance(0.1) {
		w.ec2.quota = 4 + t.IntN(4)
	}
	w.settings.Enforce = !t.chance(0.03)
	for n := range 2 + t.IntN(3) {
		g := &group{id: w.ec2.newID("sg"), name: fmt.Sprintf("group-%d", n)}
		if n == 0 {
			g.id = firstGroup
		}
		w.ec2.groups = append(w.ec2.groups, g)
		d := newDocument(t, g.id)
		var rules []owned
		for _, r := range d.standing {
			if t.chance(0.9) && !full(rules, universe[r].egress, w.ec2.quota) {
				rules = append(rules, owned{w.ec2.newID("sgr"), r})
			}
		}
		w.ec2.become(g, rules, nil, time.Now())
		if t.chance(0.85) {
			w.write(groupsPath+g.id, w.papers.add(d))
		}
	}
	if t.chance(0.4) {
		w.write(guardrailName, w.papers.addGuardrail(&guardrail{enforce: t.chance(0.7)}))
	}
}

func newDocument(t throw, group string) *document {
	d := &document{group: group, restore: t.chance(0.4), alertOnly: t.chance(0.1), exact: t.chance(0.1)}
	d.standing = t.Perm(len(universe))[:1+t.IntN(7)]
	for t.chance(0.25) {
		expires := time.Now().Add(t.between(-time.Minute, 20*time.Minute)).Truncate(time.Second)
		d.exceptions = append(d.exceptions, exception{t.IntN(len(universe)), expires})
	}
	return d
}
