package judge

import (
	"cmp"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// protect returns the approved traffic that the carriers carry and the kept rules
// don't: the traffic that revoking the carriers would interrupt. It is never more than what is
// approved and carried:
//
//	approved      |----- 10.0.0.0/8, 443 -----|      |-- 172.16.0.0/12, all --|
//	violation          |--------------- 0.0.0.0/0, tcp 22-8443 -------------------|
//	protected     |----- 10.0.0.0/8, 443 -----|      |-- 172.16.0.0/12, 22-8443 --|
//
// With match exact a part of an approved rule would itself be a violation, so the
// approved rules themselves are returned.
func protect(approved *rule.Set, match rule.Match, kept *rule.Set, carriers []rule.Rule) []rule.Rule {
	var parts []rule.Rule
	for _, c := range carriers {
		for _, p := range partsOf(approved, match, c) {
			isLive := match == rule.Exact && kept.Permits(p.authorize, rule.Exact)
			if !isLive && !kept.Permits(p.carried, rule.Covered) {
				parts = append(parts, p.authorize)
			}
		}
	}
	return widest(fitting(parts))
}

// maxParts is how many rules EC2 lets a group have at most (Amazon VPC quotas). More
// would not fit, and to sort them out would keep the door open.
const maxParts = 1000

// fitting returns as many of the rules as could fit, those for the most addresses
// first.
func fitting(rules []rule.Rule) []rule.Rule {
	if len(rules) <= maxParts {
		return rules
	}
	slices.SortStableFunc(rules, func(a, b rule.Rule) int { return cmp.Compare(a.Peer.Prefix.Bits(), b.Peer.Prefix.Bits()) })
	return rules[:maxParts]
}

// part is what a carrier carries of the approved traffic, and the rule that permits
// it.
type part struct{ carried, authorize rule.Rule }

// partsOf returns the parts that one carrier carries. A group's or prefix list's may
// be approved by rules that together are for every address.
func partsOf(approved *rule.Set, match rule.Match, carrier rule.Rule) []part {
	var parts []part
	var shared []rule.Rule
	if carrier.Peer.Kind != rule.CIDR {
		shared = approved.Shared(carrier)
	}
	if match != rule.Exact {
		for _, r := range shared {
			parts = append(parts, part{r, r})
		}
	}
	for _, a := range approved.Rules() {
		carried, carries := rule.Carried(a, carrier)
		if !carries && match == rule.Exact && a.Peer.Kind == rule.CIDR && carrier.Peer.Kind != rule.CIDR {
			forPeer := a
			forPeer.Peer = carrier.Peer
			carried, carries = rule.Carried(forPeer, carrier)
			carries = carries && slices.ContainsFunc(shared, func(r rule.Rule) bool { return rule.Overlap(r, carried) })
		}
		if !carries {
			continue
		}
		p := part{carried, carried}
		if match == rule.Exact {
			p.authorize = a
		}
		parts = append(parts, p)
	}
	return parts
}

// widest leaves out repeats, and rules that lie inside another one of the list.
func widest(rules []rule.Rule) []rule.Rule {
	var kept []rule.Rule
	for _, r := range rules {
		inside := func(other rule.Rule) bool { return other != r && rule.Inside(r, other) }
		if !slices.Contains(kept, r) && !slices.ContainsFunc(rules, inside) {
			kept = append(kept, r)
		}
	}
	return kept
}
