package rule

import (
	"net/netip"
	"slices"
)

// Match says what it takes for a rule to be permitted.
type Match uint8

const (
	// Covered: the rules of the set together permit all that the rule permits.
	Covered Match = iota
	// Exact: the set holds the same canonical rule.
	Exact
)

// Set is a compiled list of rules, safe for concurrent use.
type Set struct {
	rules  []Rule // without repeats, in the order given
	index  map[Rule]struct{}
	spaces map[spaceKey]*space
}

type spaceKey struct {
	direction Direction
	protocol  Protocol
}

// space holds what is permitted in one direction for one protocol.
type space struct {
	v4, v6 prefixTable
	ids    map[string]portSet // groups and prefix lists
	anyone portSet            // where both 0.0.0.0/0 and ::/0 are permitted
}

// Compile makes a set of rules. Repeats do no harm; order does not matter to
// what is permitted, only to which rule a reason names first.
func Compile(rules []Rule) *Set {
	s := &Set{index: make(map[Rule]struct{}, len(rules)), spaces: map[spaceKey]*space{}}
	grouped := map[spaceKey][]Rule{}
	for _, r := range rules {
		if _, seen := s.index[r]; seen {
			continue
		}
		s.index[r] = struct{}{}
		s.rules = append(s.rules, r)
		key := spaceKey{r.Direction, r.Protocol}
		grouped[key] = append(grouped[key], r)
	}
	for key, own := range grouped {
		if key.protocol != All {
			own = append(own, grouped[spaceKey{key.direction, All}]...)
		}
		s.spaces[key] = newSpace(own)
	}
	return s
}

// Rules returns the rules of the set without repeats, in the order given to Compile.
func (s *Set) Rules() []Rule { return s.rules }

func newSpace(rules []Rule) *space {
	v4, v6 := map[netip.Prefix][]Ports{}, map[netip.Prefix][]Ports{}
	ids := map[string][]Ports{}
	for _, r := range rules {
		switch {
		case r.Peer.Kind != CIDR:
			ids[r.Peer.ID] = append(ids[r.Peer.ID], r.Ports)
		case r.Peer.Prefix.Addr().Is4():
			v4[r.Peer.Prefix] = append(v4[r.Peer.Prefix], r.Ports)
		default:
			v6[r.Peer.Prefix] = append(v6[r.Peer.Prefix], r.Ports)
		}
	}
	sp := &space{v4: newPrefixTable(v4), v6: newPrefixTable(v6), ids: make(map[string]portSet, len(ids))}
	sp.anyone = sp.v4.lookup(worldV4).intersect(sp.v6.lookup(worldV6))
	for id, ranges := range ids {
		sp.ids[id] = newPortSet(ranges...).union(sp.anyone)
	}
	return sp
}

var (
	worldV4 = netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	worldV6 = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
)

// Permits reports whether the set permits the rule. It does not allocate.
func (s *Set) Permits(r Rule, match Match) bool {
	if match == Exact {
		_, ok := s.index[r]
		return ok
	}
	return s.permittedPorts(r).contains(r.Ports)
}

// Shared returns what the set permits of a rule's traffic to or from the whole of the
// rule's peer, as rules for that peer, sorted by protocol and ports. Where the set
// permits every address it permits every group and prefix list too.
func (s *Set) Shared(r Rule) []Rule {
	protocols := []Protocol{r.Protocol}
	if r.Protocol == All {
		for key := range s.spaces {
			if key.direction == r.Direction && key.protocol != All {
				protocols = append(protocols, key.protocol)
			}
		}
		slices.Sort(protocols)
	}
	var shared []Rule
	for _, p := range protocols {
		of := Rule{r.Direction, p, r.Ports, r.Peer}
		for _, ports := range s.permittedPorts(of).intersect(portSet{r.Ports}) {
			if of.Ports = ports; of.hasEC2Form() {
				shared = append(shared, of)
			}
		}
	}
	return shared
}

// hasEC2Form reports whether one rule of EC2's has these ports: of ICMP that is one
// type, one code of it, or all.
func (r Rule) hasEC2Form() bool {
	ports, err := ParsePorts(r.Protocol, PortsText(r.Protocol, r.Ports))
	return err == nil && ports == r.Ports
}

// space returns what is permitted in the rule's direction for its protocol; one
// that no rule is for is permitted what all protocols are.
func (s *Set) space(r Rule) *space {
	if sp := s.spaces[spaceKey{r.Direction, r.Protocol}]; sp != nil {
		return sp
	}
	return s.spaces[spaceKey{r.Direction, All}]
}

// permittedPorts returns the ports, of the rule's and others, on which all of
// the rule's peer is permitted for its protocol. Rules for single protocols
// never add up to all protocols.
func (s *Set) permittedPorts(r Rule) portSet {
	sp := s.space(r)
	switch {
	case sp == nil:
		return nil
	case r.Peer.Kind == CIDR && r.Peer.Prefix.Addr().Is4():
		return sp.v4.lookup(r.Peer.Prefix)
	case r.Peer.Kind == CIDR:
		return sp.v6.lookup(r.Peer.Prefix)
	}
	if ports, ok := sp.ids[r.Peer.ID]; ok {
		return ports
	}
	return sp.anyone
}
