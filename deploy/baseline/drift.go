package main

import (
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// compareLive lists how the live rules of a group differ from its baseline, with
// what enforcement would do about it: as the remediator judges, so a live rule
// that the baseline covers is no difference.
func compareLive(doc *baseline.Document, live []secgroup.LiveRule, now time.Time) []difference {
	approved := rule.Compile(doc.Permitted(now))
	var changes []difference
	var kept, going []rule.Rule
	for _, l := range live {
		switch {
		case l.Unreadable != nil:
			changes = append(changes, unreadableChange(l))
		case approved.Permits(l.Rule, doc.Matching()):
			kept = append(kept, l.Rule)
		default:
			going = append(going, l.Rule)
			says := violationText(doc.Enforces()) + ": " + expiredText(doc, l.Rule, now) + approved.Reason(l.Rule, doc.Matching())
			changes = append(changes, difference{Kind: ruleAdded, Rule: l.Rule.String(), Says: says, order: l.Rule})
		}
	}
	cut := rule.Cut(approved, rule.Compile(kept), going)
	for _, r := range cut {
		changes = append(changes, missing(r, "live only within a rule that isn't permitted: "+cutText(doc)))
	}
	for _, r := range rule.Missing(doc.Standing(), rule.Compile(slices.Concat(kept, going))) {
		if !slices.Contains(cut, r) {
			changes = append(changes, missing(r, "missing: "+missingText(doc)))
		}
	}
	return inOrder(changes)
}

func missing(r rule.Rule, says string) difference {
	return difference{Kind: ruleRemoved, Rule: r.String(), Says: says, order: r}
}

func unreadableChange(l secgroup.LiveRule) difference {
	last := rule.Rule{Direction: rule.Egress + 1} // behind all others
	return difference{Kind: ruleUnreadable, Rule: strings.TrimSpace(l.Text), Says: "would be reported, never revoked: " + l.Unreadable.Error(), order: last}
}

func violationText(enforces bool) string {
	if enforces {
		return "would be revoked"
	}
	return "would be reported (mode alert)"
}

func cutText(doc *baseline.Document) string {
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

// expiredText names the exception that permitted a rule until it expired.
func expiredText(doc *baseline.Document, r rule.Rule, now time.Time) string {
	for _, e := range doc.Expired(now) {
		if rule.Compile(e.Rules()).Permits(r, rule.Covered) {
			return "the " + strings.Replace(exceptionText(e), "exception until", "exception that ended at", 1) + " permitted it; "
		}
	}
	return ""
}

// compareGuardrail lists the rules of a group without a baseline that break the
// guardrail.
func compareGuardrail(g *baseline.Guardrail, live []secgroup.LiveRule) []difference {
	var rules []rule.Rule
	for _, l := range live {
		if l.Unreadable == nil {
			rules = append(rules, l.Rule)
		}
	}
	var changes []difference
	seen := map[rule.Rule]bool{}
	for _, f := range g.Forbid {
		for _, r := range rule.Breaking(rules, f) {
			if !seen[r] {
				seen[r] = true
				changes = append(changes, difference{Kind: ruleAdded, Rule: r.String(), Says: violationText(g.Enforces()) + ": " + f.Reason(r), order: r})
			}
		}
	}
	return inOrder(changes)
}
