// Package rule decides whether a security-group rule is permitted. It is pure:
// values and set algebra, no AWS calls, no clock.
//
// A Rule is canonical: two spellings of one rule are one value, so rules are
// compared with == and used as map keys. A Set is a compiled list of rules that
// answers whether, taken together, they permit everything another rule permits.
//
// # Addresses and ports
//
// A rule for a CIDR is a rectangle: its addresses across, its ports down. A Set permits
// a rule whose rectangle lies inside the rectangles of the set, however many of them it
// takes. A is ingress tcp 400-500 10.0.0.0/25, and B is ingress tcp 400-449 10.0.0.128/25:
//
//	           10.0.0.0/25   10.0.0.128/25
//	          +-------------+-------------+
//	 400-449  | AAAAAAAAAAA | BBBBBBBBBBB |
//	          +-------------+-------------+
//	 450-500  | AAAAAAAAAAA |             |
//	          +-------------+-------------+
//
//	ingress tcp 443 10.0.0.0/24      permitted: A and B cover both halves
//	ingress tcp 400-500 10.0.0.0/25  permitted: A covers it
//	ingress tcp 460 10.0.0.0/24      not permitted: nothing covers the right half
//
// Prefixes never overlap by halves: of two prefixes one holds the other, or they have no
// address in common. So what two rules have in common is a rectangle too, and Carried and
// Shared answer with rules. An approved rule and a violation that was made of it:
//
//	10.0.0.0/16  |------approved------|
//	10.0.0.0/8   |----------------violation----------------|
//	             |------carried-------|
//
// # Protocols
//
// All protocols are a layer over every single one. A rule for all protocols permits tcp,
// but rules for single protocols never add up to all.
//
//	all   ==========
//	tcp   ---  permitted by all
//	50    ---  permitted by all
//
// # Peers that are no addresses
//
// A group and a prefix list are islands. Nobody here knows their addresses. A rule for
// such a peer is permitted by a rule for the same id, or where both 0.0.0.0/0 and ::/0 are
// permitted. A group never permits a CIDR.
//
//	addresses   |--------------- 0.0.0.0/0 ---------------|
//	sg-0aaa     ( )   covered only by sg-0aaa itself, or by all addresses of IPv4 and IPv6
//	pl-0bbb     ( )   likewise
package rule

import "net/netip"

// Direction says which way traffic flows through a rule.
type Direction uint8

// The two directions of a rule.
const (
	Ingress Direction = iota + 1
	Egress
)

// Rule is one canonical single-source security-group rule. Its identity is
// direction, protocol, ports and peer; description, tags, rule id and the
// account that owns a referenced group stay outside.
type Rule struct {
	Direction Direction
	Protocol  Protocol
	Ports     Ports
	Peer      Peer
}

// PeerKind says what a Peer is.
type PeerKind uint8

// The kinds of peer that EC2 knows.
const (
	CIDR PeerKind = iota + 1
	Group
	PrefixList
)

// Peer is the other end of a rule: the source of an ingress rule, the
// destination of an egress rule. Prefix is set for a CIDR, ID for the others.
type Peer struct {
	Kind   PeerKind
	Prefix netip.Prefix
	ID     string
}

// IsWorld reports whether the peer is 0.0.0.0/0 or ::/0.
func (p Peer) IsWorld() bool { return p.Kind == CIDR && p.Prefix.Bits() == 0 }

// String writes the peer as rule text does: the CIDR or the id.
func (p Peer) String() string {
	if p.Kind == CIDR {
		return p.Prefix.String()
	}
	return p.ID
}

// String is "ingress" or "egress".
func (d Direction) String() string {
	switch d {
	case Ingress:
		return "ingress"
	case Egress:
		return "egress"
	}
	return "unknown"
}
