package rule

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// EC2 is a single-source rule as EC2 and CloudTrail spell it, before it is made
// canonical. Nil ports are absent. Exactly one of CIDR, GroupID and
// PrefixListID is set.
type EC2 struct {
	Direction    Direction
	Protocol     string
	From, To     *int
	CIDR         string
	GroupID      string
	PrefixListID string
}

// Canonical turns EC2's spelling into a Rule. Host bits are masked, as EC2 does
// itself. A rule that has no canonical form is an error, never a guess.
func (e EC2) Canonical() (Rule, error) {
	if e.Direction != Ingress && e.Direction != Egress {
		return Rule{}, errors.New("a rule without a direction")
	}
	protocol, err := ParseProtocol(e.Protocol)
	if err != nil {
		return Rule{}, err
	}
	ports, err := portsFromEC2(protocol, e.From, e.To)
	if err != nil {
		return Rule{}, err
	}
	peer, err := e.peer()
	return Rule{e.Direction, protocol, ports, peer}, err
}

func (e EC2) peer() (Peer, error) {
	set := 0
	for _, s := range []string{e.CIDR, e.GroupID, e.PrefixListID} {
		if s != "" {
			set++
		}
	}
	switch {
	case set != 1:
		return Peer{}, fmt.Errorf("a rule with %d peers instead of one", set)
	case e.GroupID != "":
		return Peer{Kind: Group, ID: e.GroupID}, checkID("sg-", e.GroupID)
	case e.PrefixListID != "":
		return Peer{Kind: PrefixList, ID: e.PrefixListID}, checkID("pl-", e.PrefixListID)
	}
	prefix, err := parsePrefix(e.CIDR)
	return Peer{Kind: CIDR, Prefix: prefix.Masked()}, err
}

// ParsePeer reads a peer as baselines and rule text write it: a CIDR, sg-… or
// pl-…. Host bits and IPv4-mapped IPv6 prefixes are refused: a person who
// writes them means something else.
func ParsePeer(s string) (Peer, error) {
	switch {
	case strings.HasPrefix(s, "sg-"):
		return Peer{Kind: Group, ID: s}, checkID("sg-", s)
	case strings.HasPrefix(s, "pl-"):
		return Peer{Kind: PrefixList, ID: s}, checkID("pl-", s)
	}
	prefix, err := parsePrefix(s)
	switch {
	case err != nil:
		return Peer{}, err
	case prefix != prefix.Masked():
		return Peer{}, fmt.Errorf("%s has host bits set: write %s or the one address you mean", s, prefix.Masked())
	case prefix.Addr().Is4In6():
		return Peer{}, fmt.Errorf("%s is an IPv4-mapped IPv6 prefix, which matches no IPv4 traffic: write IPv4", s)
	}
	return Peer{Kind: CIDR, Prefix: prefix}, nil
}

// IsGroupID reports whether s has the form of a security group's id.
func IsGroupID(s string) bool { return checkID("sg-", s) == nil }

// IsPrefixListID reports whether s has the form of a prefix list's id.
func IsPrefixListID(s string) bool { return checkID("pl-", s) == nil }

func parsePrefix(s string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		return prefix, fmt.Errorf("%q is not a CIDR, sg-… or pl-…", s)
	}
	return prefix, nil
}

func checkID(prefix, id string) error {
	rest := strings.TrimPrefix(id, prefix)
	ok := rest != id && rest != "" && len(id) <= 64
	for _, c := range rest {
		ok = ok && (c >= '0' && c <= '9' || c >= 'a' && c <= 'z')
	}
	if !ok {
		return fmt.Errorf("%q is not an id of the form %s0123abcd", id, prefix)
	}
	return nil
}
