package judge

import (
	"cmp"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// ByGuardrail judges a group without a baseline. It takes the live rules
// together, since two halves of the world are the world. Of rules that break an
// entry only together the one that came last is revoked: what the event named is taken
// to have come last. A rule that is not live is reported and makes no live rule a violation.
//
// Rules that the group's approvals permit break nothing.
func ByGuardrail(g *baseline.Guardrail, grounds Grounds, hint trail.Trigger, live []secgroup.LiveRule, now time.Time) Decision {
	inEvent := eventRules(hint)
	approved := rule.Compile(grounds.approved(now))
	exceptions := newExpired(nil, grounds.Approvals, approved, now)
	broken := brokenBy(inOrderOfArrival(hint, live, approved), g, rule.BreakingInOrder)
	var byEvent, ever map[rule.Rule]rule.Break
	if len(inEvent) > 0 {
		byEvent = brokenBy(inEvent, g, rule.BreakingTogether)
		ever = brokenBy(slices.Concat(readable(live), inEvent), g, rule.BreakingTogether)
	}
	without := func(broken map[rule.Rule]rule.Break) func(rule.Rule) bool {
		return func(r rule.Rule) bool {
			_, breaks := broken[r]
			return !breaks || approved.Permits(r, rule.Covered)
		}
	}
	o := opinion{
		guards: func(rule.Direction) bool { return true },
		live:   without(broken), notLive: without(ever), retry: without(byEvent),
		reason: func(r rule.Rule) string {
			b, isLive := broken[r]
			if !isLive {
				b = ever[r]
			}
			return exceptions.reason(r) + g.Forbid[b.Entry].Reason(r, b.Together)
		},
	}
	d := o.judge(hint, live)
	d.Kind, d.Enforce = alert.GuardrailKind, g.Enforces()
	if exceptions.explains(d.Violations) {
		d.Kind = alert.ExceptionExpired
	}
	if grounds.Trusted {
		d.separatePending(grounds, now)
	}
	return d
}

// brokenBy gives the entry that each rule breaks, of those that break one.
func brokenBy(rules []rule.Rule, g *baseline.Guardrail, breaking func([]rule.Rule, []rule.Forbidden) []*rule.Break) map[rule.Rule]rule.Break {
	broken := map[rule.Rule]rule.Break{}
	for i, b := range breaking(rules, g.Forbid) {
		if b != nil {
			broken[rules[i]] = *b
		}
	}
	return broken
}

// inOrderOfArrival sorts the live rules: first those that are approved; then those
// that no event named, from the widest down, since nobody knows in which order they
// came; then those that the event named.
func inOrderOfArrival(hint trail.Trigger, live []secgroup.LiveRule, approved *rule.Set) []rule.Rule {
	rules := readable(live)
	isInEvent := map[rule.Rule]bool{}
	if hint.EventID != "" {
		for _, r := range eventRules(hint) {
			isInEvent[r] = true
		}
	}
	var first, others, last []rule.Rule
	for _, r := range rules {
		switch {
		case approved.Permits(r, rule.Covered):
			first = append(first, r)
		case isInEvent[r]:
			last = append(last, r)
		default:
			others = append(others, r)
		}
	}
	slices.SortFunc(others, widestFirst)
	return slices.Concat(first, others, last)
}

// widestFirst is an order that does not depend on EC2's, so that two looks at the
// same rules find the same ones guilty.
func widestFirst(a, b rule.Rule) int {
	return cmp.Or(
		cmp.Compare(a.Peer.Prefix.Bits(), b.Peer.Prefix.Bits()), a.Peer.Prefix.Addr().Compare(b.Peer.Prefix.Addr()),
		cmp.Compare(a.Direction, b.Direction), cmp.Compare(a.Protocol, b.Protocol),
		cmp.Compare(a.Ports.From, b.Ports.From), cmp.Compare(b.Ports.To, a.Ports.To),
	)
}

func readable(live []secgroup.LiveRule) []rule.Rule {
	var rules []rule.Rule
	for _, l := range live {
		if l.NotCanonical == nil {
			rules = append(rules, l.Rule)
		}
	}
	return rules
}

func eventRules(hint trail.Trigger) []rule.Rule {
	var rules []rule.Rule
	for _, c := range hint.Changes {
		rules = append(rules, c.Rules()...)
	}
	return rules
}
