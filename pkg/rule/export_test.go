package rule

import "net/netip"

// GuardrailSteps returns how much work judging takes in order, and at once.
func GuardrailSteps(rules []Rule, entries []Forbidden) (inOrder, together int) {
	ordered, all := newOpened(entries), newOpened(nil)
	ordered.breakingInOrder(rules)
	all.breakingTogether(rules, entries)
	return ordered.steps, all.steps
}

// PublicLength returns the public length of a prefix of either family.
func PublicLength(p netip.Prefix) (int, bool) { return familyOf(p).publicLength(p) }
