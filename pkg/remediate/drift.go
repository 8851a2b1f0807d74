package remediate

import (
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Drifts reports whether a group with these rules has a violation, or misses an
// approved rule.
func Drifts(doc *baseline.Document, live []rule.Rule, now time.Time) bool {
	approved := rule.Compile(doc.Permitted(now))
	for _, r := range live {
		if !approved.Permits(r, doc.Matching()) {
			return true
		}
	}
	return len(rule.Missing(doc.Standing(), rule.Compile(live))) > 0
}

// BreaksGuardrail reports whether a group with these rules breaks the guardrail.
func BreaksGuardrail(g *baseline.Guardrail, live []rule.Rule) bool {
	for _, f := range g.Forbid {
		if len(rule.Breaking(live, f)) > 0 {
			return true
		}
	}
	return false
}
