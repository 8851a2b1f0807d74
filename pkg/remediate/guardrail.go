package remediate

import (
	"slices"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// judgeByGuardrail takes the live rules together, since two halves of the world
// are the world. What is gone is reported, and makes no live rule a violation.
func judgeByGuardrail(t trail.Trigger, live []secgroup.LiveRule, g *baseline.Guardrail) verdict {
	var alive, once []rule.Rule
	for _, l := range live {
		if l.Unreadable == nil {
			alive = append(alive, l.Rule)
		}
	}
	for _, c := range t.Changes {
		once = append(once, c.Rules()...)
	}
	named := breaking(once, g)
	broken := map[bool]map[rule.Rule]rule.Forbidden{false: breaking(alive, g), true: breaking(slices.Concat(alive, once), g)}
	v := sift(t, live, opinion{
		permits: func(r rule.Rule, gone bool) bool { _, breaks := broken[gone][r]; return !breaks },
		retry:   func(r rule.Rule) bool { _, breaks := named[r]; return !breaks },
		reason:  func(r rule.Rule) string { return broken[true][r].Reason(r) },
	})
	v.kind = alert.GuardrailKind
	return v
}

// breaking finds the entry that each rule breaks.
func breaking(rules []rule.Rule, g *baseline.Guardrail) map[rule.Rule]rule.Forbidden {
	entries := map[rule.Rule]rule.Forbidden{}
	for _, f := range g.Forbid {
		for _, r := range rule.Breaking(rules, f) {
			entries[r] = f
		}
	}
	return entries
}
