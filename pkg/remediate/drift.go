package remediate

import (
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Drift returns the rules of a group that its baseline does not permit, and
// whether an approved rule is missing.
func Drift(doc *baseline.Document, live []rule.Rule, now time.Time) (violations []rule.Rule, missing bool) {
	approved := rule.Compile(doc.Permitted(now))
	for _, r := range live {
		if !approved.Permits(r, doc.Matching()) {
			violations = append(violations, r)
		}
	}
	return violations, len(rule.Missing(doc.Standing(), rule.Compile(live))) > 0
}

// Breaking returns the rules of a group that break the guardrail.
func Breaking(g *baseline.Guardrail, live []rule.Rule) []rule.Rule {
	broken := breaking(live, g)
	var rules []rule.Rule
	for _, r := range live {
		if _, breaks := broken[r]; breaks {
			rules = append(rules, r)
		}
	}
	return rules
}
