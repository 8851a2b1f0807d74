package rule

import "net/netip"

// OfAddresses returns a rule for all traffic from some addresses. It stands for the
// addresses where only addresses matter, as in a managed prefix list.
func OfAddresses(p netip.Prefix) Rule {
	return Rule{Direction: Ingress, Protocol: All, Ports: AllPorts, Peer: Peer{Kind: CIDR, Prefix: p}}
}

// CompileAddresses makes a set that permits, of what OfAddresses returns, what some
// prefixes together cover.
func CompileAddresses(prefixes []netip.Prefix) *Set {
	rules := make([]Rule, len(prefixes))
	for i, p := range prefixes {
		rules[i] = OfAddresses(p)
	}
	return Compile(rules)
}
