package flowlog

import (
	"maps"
	"math"
	"net/netip"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// How much a narrower proposal may have.
const (
	proposedRanges   = 8  // ranges of ports for each protocol
	proposedPrefixes = 8  // prefixes for each range of ports
	proposedRules    = 16 // rules in all, where fewer prefixes make that possible
)

// A rule for one port and at most 16 addresses is narrow already.
const (
	narrowV4 = 28
	narrowV6 = 124
)

// worthwhile is the part of the rule's addresses times ports that a proposal may have at most.
const worthwhile = 0.5

// narrowed returns the rules that would have covered what a rule saw. It returns nil where the rule is narrow, or where
// the traffic filled more than half of the rule.
func narrowed(r rule.Rule, seen map[uint8]cells) []rule.Rule {
	if len(seen) == 0 || isNarrow(r) {
		return nil
	}
	for most := proposedPrefixes; ; most /= 2 {
		proposal := propose(r, seen, most)
		if len(proposal) > proposedRules && most > 1 {
			continue
		}
		if extents(proposal) > worthwhile*extents([]rule.Rule{r}) {
			return nil
		}
		return proposal
	}
}

func propose(r rule.Rule, seen map[uint8]cells, mostPrefixes int) []rule.Rule {
	var proposal []rule.Rule
	for _, protocol := range slices.Sorted(maps.Keys(seen)) {
		reduced := seen[protocol].clone().reduce(proposedRanges)
		for i := range reduced {
			reduced[i].addrs = proposedAddrs(r, reduced[i].addrs, mostPrefixes)
		}
		for _, c := range reduced.joined() {
			part := rule.Rule{Direction: r.Direction, Protocol: rule.Protocol(protocol), Ports: c.ports, Peer: r.Peer}
			if r.Peer.Kind != rule.CIDR {
				proposal = append(proposal, part)
				continue
			}
			for _, p := range c.addrs {
				part.Peer = rule.Peer{Kind: rule.CIDR, Prefix: p}
				proposal = append(proposal, part)
			}
		}
	}
	return proposal
}

// proposedAddrs keeps the rule's own prefix where that is narrow already.
func proposedAddrs(r rule.Rule, addrs prefixSet, most int) prefixSet {
	switch {
	case r.Peer.Kind != rule.CIDR:
		return nil
	case isFew(r.Peer.Prefix):
		return prefixSet{r.Peer.Prefix}
	}
	return addrs.joined().reduce(most)
}

func isFew(p netip.Prefix) bool {
	if p.Addr().Is4() {
		return p.Bits() >= narrowV4
	}
	return p.Bits() >= narrowV6
}

func isNarrow(r rule.Rule) bool {
	fewAddresses := r.Peer.Kind != rule.CIDR || isFew(r.Peer.Prefix)
	onePort := r.Ports.From == r.Ports.To || r.Protocol != rule.All && !hasKnownPorts(r.Protocol)
	return fewAddresses && onePort && r.Protocol != rule.All
}

// hasKnownPorts reports whether flow logs have the ports of a protocol. They have no types and codes of ICMP
// (VPC User Guide, Flow log records: of the fields none has them).
func hasKnownPorts(p rule.Protocol) bool { return p == rule.TCP || p == rule.UDP }

// extents adds up addresses times ports. Rules for all protocols count for all 256.
func extents(rules []rule.Rule) float64 {
	var sum float64
	for _, r := range rules {
		extent := float64(int(r.Ports.To) - int(r.Ports.From) + 1)
		if r.Peer.Kind == rule.CIDR {
			extent *= addresses(r.Peer.Prefix)
		}
		if r.Protocol == rule.All {
			extent *= 256
		}
		sum += extent
	}
	return sum
}

func addresses(p netip.Prefix) float64 { return math.Exp2(float64(p.Addr().BitLen() - p.Bits())) }
