// Package rule decides whether a security-group rule is permitted. It is pure:
// values and set algebra, no AWS calls, no clock.
//
// A Rule is canonical: two spellings of one rule are one value, so rules are
// compared with == and used as map keys. A Set is a compiled list of rules that
// answers whether, taken together, they permit everything another rule permits.
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

// PeerKind tells what a Peer is.
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
