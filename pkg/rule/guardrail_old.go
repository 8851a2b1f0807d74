package rule

import (
	"fmt"
	"net/netip"

	"go4.org/netipx"
)

// notPublic is what cannot be a public address: private, shared, loopback,
// link-local, multicast and reserved (IANA special-purpose address registries).
// Documentation prefixes are left out: in a rule they stand for public ones.
var notPublic = func() *netipx.IPSet {
	var b netipx.IPSetBuilder
	for _, s := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
		"224.0.0.0/3", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8",
	} {
		b.AddPrefix(netip.MustParsePrefix(s))
	}
	set, err := b.IPSet()
	if err != nil {
		panic(err) // the prefixes are valid
	}
	return set
}()

// Breaking returns the rules that break the guardrail's entry: those that open
// some of its ports to a prefix wider than it permits, alone or together, as two
// halves of the world do. A rule that only lies inside a wider one is none of
// them, unless it still adds up with others when that one is gone. Rules for
// groups, for prefix lists and for addresses that aren't public break nothing.
//
// Deprecated: use BreakingInOrder or BreakingTogether. This file goes when no
// caller is left.
func Breaking(rules []Rule, f Forbidden) []Rule {
	var breaking []Rule
	for remaining := rules; ; {
		set := Compile(remaining)
		var guilty, innocent []Rule
		for _, r := range set.rules {
			if set.breaks(r, f) && !coveredByWider(set, r, f) {
				guilty = append(guilty, r)
			} else {
				innocent = append(innocent, r)
			}
		}
		if len(guilty) == 0 {
			return breaking
		}
		breaking, remaining = append(breaking, guilty...), innocent
	}
}

// breaks reports whether the set opens, on a port that the rule opens and the
// entry forbids, all of a prefix that holds the rule's and is too wide.
func (s *Set) breaks(r Rule, f Forbidden) bool {
	if r.Peer.Kind != CIDR || r.Direction != f.Direction || notPublic.ContainsPrefix(r.Peer.Prefix) {
		return false
	}
	widest := f.widest(r)
	if widest <= 0 {
		return false
	}
	// What a wider prefix is permitted, this narrowest too wide one is too.
	around := netip.PrefixFrom(r.Peer.Prefix.Addr(), min(r.Peer.Prefix.Bits(), widest-1)).Masked()
	for _, p := range s.meeting(r, f) {
		ports := s.permittedPorts(Rule{r.Direction, p, AllPorts, Peer{Kind: CIDR, Prefix: around}})
		if len(ports.intersect(portSet{r.Ports}).intersect(portSet{f.Ports})) > 0 {
			return true
		}
	}
	return false
}

// coveredByWider reports whether rules for wider prefixes permit all that the
// rule and the entry have in common.
func coveredByWider(s *Set, r Rule, f Forbidden) bool {
	var wider []Rule
	for _, w := range s.rules {
		if w.Peer.Kind == CIDR && w.Peer.Prefix.Bits() < r.Peer.Prefix.Bits() && w.Peer.Prefix.Overlaps(r.Peer.Prefix) {
			wider = append(wider, w)
		}
	}
	if len(wider) == 0 {
		return false
	}
	set, ports := Compile(wider), portSet{r.Ports}.intersect(portSet{f.Ports})
	for _, p := range s.meeting(r, f) {
		if !set.permittedPorts(Rule{r.Direction, p, AllPorts, r.Peer}).containsSet(ports) {
			return false
		}
	}
	return true
}

func (f Forbidden) widest(r Rule) int {
	if r.Peer.Prefix.Addr().Is4() {
		return f.WidestV4
	}
	return f.WidestV6
}

// meeting lists the protocols on which rule and entry meet. Where both are for
// all protocols, other rules of the set may add to r on each of theirs.
func (s *Set) meeting(r Rule, f Forbidden) []Protocol {
	switch {
	case r.Protocol == All && f.Protocol == All:
		protocols := []Protocol{All}
		for key := range s.spaces {
			protocols = append(protocols, key.protocol)
		}
		return protocols
	case r.Protocol == All:
		return []Protocol{f.Protocol}
	case f.Protocol == All || f.Protocol == r.Protocol:
		return []Protocol{r.Protocol}
	}
	return nil
}

// Reason says what a rule that breaks the entry does.
//
// Deprecated: use Why.
func (f Forbidden) Reason(r Rule) string {
	widest := f.widest(r)
	together := ""
	if r.Peer.Prefix.Bits() >= widest {
		together = "with other rules of the group "
	}
	what := Rule{Direction: f.Direction, Protocol: f.Protocol, Ports: f.Ports}
	return fmt.Sprintf("the guardrail permits %s public addresses only up to a /%d, and %sthis is wider", what.opening(), widest, together)
}
