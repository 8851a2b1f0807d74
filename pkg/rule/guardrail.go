package rule

import (
	"fmt"
	"net/netip"

	"go4.org/netipx"
)

// Forbidden is one entry of the guardrail: what a group without a baseline may
// not open to more public addresses than it says.
type Forbidden struct {
	Direction Direction
	Protocol  Protocol // All meets every protocol
	Ports     Ports
	// WidestV4 and WidestV6 are the prefix lengths of the widest public peer
	// that is still permitted: 1 forbids the whole world only, 0 forbids nothing.
	WidestV4, WidestV6 int
}

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

// Breaks reports whether rule r of the set breaks the guardrail's entry: the
// rules of the set together open some of its ports to a prefix that r is part
// of and that is wider than the entry permits. Rules for groups, for prefix
// lists and for addresses that aren't public break nothing.
func (s *Set) Breaks(r Rule, f Forbidden) bool {
	if r.Peer.Kind != CIDR || r.Direction != f.Direction || notPublic.ContainsPrefix(r.Peer.Prefix) {
		return false
	}
	widest := f.WidestV6
	if r.Peer.Prefix.Addr().Is4() {
		widest = f.WidestV4
	}
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
func (f Forbidden) Reason(r Rule) string {
	widest := f.WidestV6
	if r.Peer.Prefix.Addr().Is4() {
		widest = f.WidestV4
	}
	together := ""
	if r.Peer.Prefix.Bits() >= widest {
		together = "with other rules of the group "
	}
	what := Rule{Direction: f.Direction, Protocol: f.Protocol, Ports: f.Ports}
	return fmt.Sprintf("the guardrail permits %s public addresses only up to a /%d, and %sthis is wider", what.opening(), widest, together)
}
