package compare

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Live lists how the live rules of a group differ from its baseline, with
// what enforcement would do about it. It judges as a sweep does, so a live rule that
// the baseline covers is no difference.
func Live(doc *baseline.Document, grounds judge.Grounds, live []secgroup.LiveRule, now time.Time) []Difference {
	decision := judge.ByBaseline(doc, grounds, trail.Trigger{MayRemove: true}, live, now)
	changes := wrongRules(decision)
	for _, a := range decision.Protect {
		changes = append(changes, missing(a.Rule, "live only within a rule that isn't permitted: "+protectText(doc)))
	}
	for _, a := range decision.Missing {
		changes = append(changes, missing(a.Rule, "missing: "+missingText(doc)))
	}
	for _, g := range decision.InGrace {
		says := GraceText(g, now) + ", then revoked"
		changes = append(changes, Difference{Kind: ruleAdded, Rule: g.Rule.String(), Says: says, Until: &g.Until, order: g.Rule})
	}
	return inOrder(changes)
}

// Revokes reports whether enforcement would revoke a rule.
func Revokes(doc *baseline.Document, changes []Difference) bool {
	isAdded := func(d Difference) bool { return d.Kind == ruleAdded }
	return doc.Enforces() && slices.ContainsFunc(changes, isAdded)
}

// Violations counts the live rules that are not permitted.
func Violations(changes []Difference) int {
	n := 0
	for _, d := range changes {
		if d.Kind == ruleAdded {
			n++
		}
	}
	return n
}

// wrongRules lists the violations of a decision and what it can't judge.
func wrongRules(decision judge.Decision) []Difference {
	var changes []Difference
	for _, v := range decision.Violations {
		says := violationText(decision.Enforce) + ": " + v.Reason()
		changes = append(changes, Difference{Kind: ruleAdded, Rule: v.Rule.String(), Says: says, order: v.Rule})
	}
	for _, l := range decision.NotCanonical {
		changes = append(changes, notCanonicalChange(l))
	}
	return changes
}

func missing(r rule.Rule, says string) Difference {
	return Difference{Kind: ruleRemoved, Rule: r.String(), Says: says, order: r}
}

func notCanonicalChange(l secgroup.LiveRule) Difference {
	last := rule.Rule{Direction: rule.Egress + 1} // behind all others
	return Difference{Kind: ruleNotCanonical, Rule: strings.TrimSpace(l.Text), Says: "would be reported, never revoked: " + l.NotCanonical.Error(), order: last}
}

func violationText(enforces bool) string {
	if enforces {
		return "would be revoked"
	}
	return "would be reported (mode alert)"
}

func protectText(doc *baseline.Document) string {
	if doc.Enforces() {
		return "would be authorised before that one is revoked"
	}
	return "would stay as it is (mode alert)"
}

func missingText(doc *baseline.Document) string {
	switch {
	case doc.Restore && doc.Enforces():
		return "would be restored"
	case doc.Restore:
		return "would be reported (mode alert)"
	}
	return "would be reported"
}

// Guardrail lists the rules of a group without a baseline that break the
// guardrail.
func Guardrail(g *baseline.Guardrail, grounds judge.Grounds, live []secgroup.LiveRule, now time.Time) []Difference {
	return inOrder(wrongRules(judge.ByGuardrail(g, grounds, trail.Trigger{}, live, now)))
}

// GraceText says that a rule is permitted by nothing but the grace.
func GraceText(g judge.InGrace, now time.Time) string {
	if g.Version == 0 {
		return fmt.Sprintf("permitted until %s by earlier versions together (grace)", words.Clock(g.Until, now))
	}
	return fmt.Sprintf("permitted until %s by version %d (grace)", words.Clock(g.Until, now), g.Version)
}
