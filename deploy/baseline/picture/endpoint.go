package picture

import (
	"net/netip"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// endpoint is where traffic comes from or goes to.
type endpoint struct {
	kind   Kind         // Internet, Addresses, PrefixList, Grouped or Other
	id     string       // of a group or prefix list
	prefix netip.Prefix // of Addresses
}

// how says whether a rule's peer is an endpoint.
type how int

const (
	no      how = iota
	perhaps     // it is where some addresses lie so
	surely
)

// matches says whether a rule for a peer is for an endpoint. An instance of a group has
// addresses that nobody knows here. All addresses of IPv4 or IPv6 hold them, other
// prefixes and prefix lists perhaps.
func (e endpoint) matches(peer rule.Peer) how {
	switch {
	case peer.Kind != rule.CIDR && peer.ID == e.id && e.id != "":
		return surely
	case peer.IsWorld() && (e.kind != Addresses || e.prefix.Addr().Is4() == peer.Prefix.Addr().Is4()):
		return surely
	case peer.Kind == rule.CIDR && e.kind == Addresses:
		return e.overlaps(peer.Prefix)
	case peer.Kind == rule.CIDR && (e.kind == Grouped || e.kind == PrefixList || e.kind == Other):
		return perhaps
	case peer.Kind == rule.PrefixList && e.kind != Internet:
		return perhaps
	}
	return no
}

// overlaps says whether all addresses of an endpoint lie in a prefix, or some.
func (e endpoint) overlaps(p netip.Prefix) how {
	switch {
	case !p.Overlaps(e.prefix):
		return no
	case p.Bits() <= e.prefix.Bits():
		return surely
	}
	return perhaps
}
