package rule_test

import (
	"fmt"
	"net/netip"
	"slices"

	"pgregory.net/rapid"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// A second, naive implementation of the semantics, over a universe small enough
// to enumerate every packet. A packet stands for all real packets that no rule
// of the universe can distinguish: its address for a whole /3 (IPv4) or /2
// (IPv6), its port for a range between the ports that rules here begin or end at.
type packet struct {
	direction rule.Direction
	protocol  rule.Protocol
	port      uint16
	peer      rule.Peer
}

// other stands for the protocols that no single-protocol rule is for.
const other rule.Protocol = 99

var (
	protocols = []rule.Protocol{rule.TCP, rule.ICMP, 50, rule.All}
	// starts are the first ports of ranges, ends the last; each start is also
	// the first of a class of ports that belong together.
	starts = []uint16{0, 1, 2, 100, 101, 65535}
	ends   = []uint16{0, 1, 99, 100, 65534, 65535}
	// ICMP types and codes by name; in between lie those that only wider rules name.
	icmpTypes, icmpCodes = []uint16{0, 8, 255}, []uint16{0, 255}
	icmpStarts           = icmpClasses()
	v4, v6               = blocks("0.0.0.0", 3), blocks("::", 2)
	ids                  = []rule.Peer{{Kind: rule.Group, ID: "sg-a"}, {Kind: rule.Group, ID: "sg-b"}, {Kind: rule.PrefixList, ID: "pl-a"}}
	atoms                = slices.Concat(v4, v6, ids)
)

func icmpClasses() []uint16 {
	var classes []uint16
	for _, typ := range []uint16{0, 1, 8, 9, 255} {
		for _, code := range []uint16{0, 1, 255} {
			classes = append(classes, typ<<8|code)
		}
	}
	return classes
}

func blocks(zero string, bits int) []rule.Peer {
	var peers []rule.Peer
	for i := range 1 << bits {
		bytes := netip.MustParseAddr(zero).AsSlice()
		bytes[0] = byte(i << (8 - bits))
		addr, _ := netip.AddrFromSlice(bytes)
		peers = append(peers, rule.Peer{Kind: rule.CIDR, Prefix: netip.PrefixFrom(addr, bits)})
	}
	return peers
}

func portClasses(p rule.Protocol) []uint16 {
	switch p {
	case rule.TCP:
		return starts
	case rule.ICMP:
		return icmpStarts
	}
	return []uint16{0}
}

// packets enumerates what a rule permits, by itself.
func packets(r rule.Rule) []packet {
	var all []packet
	for _, p := range []rule.Protocol{rule.TCP, rule.ICMP, 50, other} {
		if r.Protocol != rule.All && r.Protocol != p {
			continue
		}
		for _, port := range portClasses(p) {
			if port < r.Ports.From || port > r.Ports.To {
				continue
			}
			for _, a := range atoms {
				if holds(r.Peer, a) {
					all = append(all, packet{r.Direction, p, port, a})
				}
			}
		}
	}
	return all
}

func holds(peer, atom rule.Peer) bool {
	if peer.Kind != rule.CIDR || atom.Kind != rule.CIDR {
		return peer == atom
	}
	return peer.Prefix.Bits() <= atom.Prefix.Bits() && peer.Prefix.Contains(atom.Prefix.Addr())
}

// traffic is a set of packets.
type traffic map[packet]bool

// naiveTraffic is everything that rules permit together.
func naiveTraffic(rules []rule.Rule) traffic {
	t := traffic{}
	for _, r := range rules {
		for _, p := range packets(r) {
			t[p] = true
		}
	}
	for _, d := range []rule.Direction{rule.Ingress, rule.Egress} {
		for _, p := range []rule.Protocol{rule.TCP, rule.ICMP, 50, other} {
			for _, port := range portClasses(p) {
				if t.hasAll(d, p, port, v4) && t.hasAll(d, p, port, v6) {
					for _, id := range ids {
						t[packet{d, p, port, id}] = true
					}
				}
			}
		}
	}
	return t
}

func (t traffic) hasAll(d rule.Direction, p rule.Protocol, port uint16, peers []rule.Peer) bool {
	for _, peer := range peers {
		if !t[packet{d, p, port, peer}] {
			return false
		}
	}
	return true
}

func (t traffic) permits(r rule.Rule) bool {
	for _, p := range packets(r) {
		if !t[p] {
			return false
		}
	}
	return true
}

// Generators over the universe.

func genRule(t *rapid.T) rule.Rule {
	r := rule.Rule{
		Direction: rapid.SampledFrom([]rule.Direction{rule.Ingress, rule.Ingress, rule.Ingress, rule.Egress}).Draw(t, "direction"),
		Protocol:  rapid.SampledFrom(protocols).Draw(t, "protocol"),
		Peer:      genPeer(t),
	}
	r.Ports = genPorts(t, r.Protocol)
	return r
}

func genPorts(t *rapid.T, p rule.Protocol) rule.Ports {
	if !p.HasPorts() || rapid.IntRange(0, 3).Draw(t, "all ports") == 0 {
		return rule.AllPorts
	}
	if p == rule.TCP {
		i := rapid.IntRange(0, len(starts)-1).Draw(t, "from")
		j := rapid.IntRange(i, len(ends)-1).Draw(t, "to")
		return rule.Ports{From: starts[i], To: ends[j]}
	}
	typ := rapid.SampledFrom(icmpTypes).Draw(t, "type") << 8
	if rapid.Bool().Draw(t, "any code") {
		return rule.Ports{From: typ, To: typ | 255}
	}
	code := rapid.SampledFrom(icmpCodes).Draw(t, "code")
	return rule.Ports{From: typ | code, To: typ | code}
}

func genPeer(t *rapid.T) rule.Peer {
	switch kind := rapid.IntRange(0, 5).Draw(t, "kind of peer"); kind {
	case 0:
		return rapid.SampledFrom(ids).Draw(t, "id")
	case 1, 2:
		return genPrefix(t, v6)
	default:
		return genPrefix(t, v4)
	}
}

func genPrefix(t *rapid.T, family []rule.Peer) rule.Peer {
	block := rapid.SampledFrom(family).Draw(t, "block")
	bits := rapid.IntRange(0, block.Prefix.Bits()).Draw(t, "bits")
	return rule.Peer{Kind: rule.CIDR, Prefix: netip.PrefixFrom(block.Prefix.Addr(), bits).Masked()}
}

func genRules(t *rapid.T, name string) []rule.Rule {
	return rapid.SliceOfN(rapid.Custom(genRule), 0, 9).Draw(t, name)
}

func describe(rules []rule.Rule) string {
	var s string
	for _, r := range rules {
		s += fmt.Sprintln(" ", r)
	}
	return s
}
