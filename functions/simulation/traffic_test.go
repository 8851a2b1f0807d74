package simulation

import (
	"fmt"
	"net/netip"
	"strings"
)

// The judge's own idea of what rules permit, which shares no code with the
// product: every packet that some rule of the universe could tell from another.

// flow is a kind of packet but for its direction and its peer.
type flow struct {
	protocol string
	port     int // the type, for icmp
}

var (
	flows = []flow{
		{"tcp", 22},
		{"tcp", 25},
		{"tcp", 80},
		{"tcp", 443},
		{"tcp", 450},
		{"tcp", 9999},
		{"udp", 53},
		{"udp", 9999},
		{"icmp", 8},
		{"icmp", 0},
		{"50", 0},
	}
	// addresses stand for all addresses that are in the same CIDRs of the universe.
	addresses = []string{"10.1.2.1", "10.1.0.1", "10.0.0.1", "203.0.113.1", "203.0.113.129", "198.51.100.1", "2001:db8::1"}
	members   = []string{partnerGroup, firstGroup, prefixList} // what is known by its id only
)

// traffic is a set of packets, a bit each.
type traffic [4]uint64

const peersPerFlow = 10 // addresses and members

func bit(egress bool, flow, peer int) int {
	if egress {
		flow += len(flows)
	}
	return flow*peersPerFlow + peer
}

func (t *traffic) set(n int)     { t[n/64] |= 1 << (n % 64) }
func (t traffic) has(n int) bool { return t[n/64]>>(n%64)&1 == 1 }
func (t traffic) empty() bool    { return t == traffic{} }

func (t traffic) or(other traffic) traffic {
	for i := range t {
		t[i] |= other[i]
	}
	return t
}

func (t traffic) and(other traffic) traffic {
	for i := range t {
		t[i] &= other[i]
	}
	return t
}

func (t traffic) without(other traffic) traffic {
	for i := range t {
		t[i] &^= other[i]
	}
	return t
}

// trafficOf is what a rule permits by itself.
func trafficOf(r universeRule) traffic {
	var t traffic
	for f, flow := range flows {
		for p, peer := range append(addresses[:len(addresses):len(addresses)], members...) {
			if r.permitsFlow(flow) && holds(r.peer, peer) {
				t.set(bit(r.egress, f, p))
			}
		}
	}
	return t
}

func (r universeRule) permitsFlow(f flow) bool {
	switch {
	case r.protocol == "all":
		return true
	case r.protocol != f.protocol:
		return false
	case r.protocol == "icmp":
		return r.fromPort == -1 || r.fromPort == f.port
	}
	return r.fromPort <= f.port && f.port <= r.toPort
}

func holds(rulePeer, peer string) bool {
	if !strings.Contains(rulePeer, "/") {
		return rulePeer == peer
	}
	address, err := netip.ParseAddr(peer)
	return err == nil && netip.MustParsePrefix(rulePeer).Contains(address)
}

// together is what rules permit together: where they admit every address, of
// both families, they admit the members of every group and list.
func together(rules []int) traffic {
	var t traffic
	for _, r := range rules {
		t = t.or(universe[r].carried)
	}
	for _, egress := range []bool{false, true} {
		for f := range flows {
			everybody := true
			for a := range addresses {
				everybody = everybody && t.has(bit(egress, f, a))
			}
			for m := range members {
				if everybody {
					t.set(bit(egress, f, len(addresses)+m))
				}
			}
		}
	}
	return t
}

// String lists some of the packets, for a report.
func (t traffic) String() string {
	var texts []string
	for _, egress := range []bool{false, true} {
		for f, flow := range flows {
			for p, peer := range append(addresses[:len(addresses):len(addresses)], members...) {
				if t.has(bit(egress, f, p)) {
					texts = append(texts, fmt.Sprint(map[bool]string{false: "ingress ", true: "egress "}[egress], flow.protocol, " ", flow.port, " ", peer))
				}
			}
		}
	}
	return strings.Join(texts, ", ")
}
