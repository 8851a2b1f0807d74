package naive

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// The judge's own idea of what rules permit, which shares no code with the
// product: every packet that some rule of the universe could distinguish from another.

// flow is a kind of packet but for its direction and its peer.
type flow struct {
	protocol string
	port     int // the type, for icmp
}

var (
	// flows has one port of each set of ports that no rule distinguishes.
	flows = sampleFlows()
	// addresses has one address of each set of addresses that no rule distinguishes.
	addresses = sampleAddresses()
	members   = []string{PartnerGroup, FirstGroup, prefixList} // what is known by its id only
	peers     = slices.Concat(addresses, members)
)

// sampleFlows: a set of ports begins at port 0, where a range begins, or behind
// the end of a range.
//
//	tcp 0-1023   |-----------------------------|
//	tcp 20-30         |-----|
//	samples      0    20    31 (like 0)        1024
func sampleFlows() []flow {
	var all []flow
	add := func(f flow) { all = appendSample(all, f, func(r Rule) bool { return r.permitsFlow(f) }) }
	for _, protocol := range []string{"tcp", "udp", "icmp"} {
		add(flow{protocol, 0})
		for _, r := range Originals {
			if r.Protocol == protocol {
				add(flow{protocol, r.First})
				add(flow{protocol, min(r.Last+1, mostPort(protocol))})
			}
		}
	}
	add(flow{"50", 0}) // a protocol that only rules for all protocols permit
	return all
}

// sampleAddresses: a set of addresses begins at the first address of all, at that
// of a CIDR, or behind the last one of a CIDR.
func sampleAddresses() []string {
	var all []string
	add := func(address netip.Addr) {
		a := address.String()
		all = appendSample(all, a, func(r Rule) bool { return contains(r.Peer, a) })
	}
	for _, r := range Originals {
		if !r.Prefix.IsValid() {
			continue
		}
		add(r.Prefix.Addr())
		if behind := lastOf(r.Prefix).Next(); behind.IsValid() {
			add(behind)
		}
	}
	return all
}

// signatures are by which rules a sample differs from others.
var signatures = map[any]string{}

// appendSample leaves out what no rule distinguishes from a sample that is there already.
func appendSample[S comparable](all []S, sample S, permits func(Rule) bool) []S {
	text := ""
	for _, r := range Originals {
		text += fmt.Sprint(map[bool]int{true: 1}[permits(r)])
	}
	signatures[sample] = text
	if slices.ContainsFunc(all, func(other S) bool { return signatures[other] == text }) {
		return all
	}
	return append(all, sample)
}

func lastOf(p netip.Prefix) netip.Addr {
	bytes := p.Addr().AsSlice()
	for bit := p.Bits(); bit < 8*len(bytes); bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	last, _ := netip.AddrFromSlice(bytes)
	return last
}

// Traffic is a set of packets, a bit each.
type Traffic [6]uint64

func bit(egress bool, flow, peer int) int {
	if egress {
		flow += len(flows)
	}
	return flow*len(peers) + peer
}

func (t *Traffic) set(n int)     { t[n/64] |= 1 << (n % 64) }
func (t Traffic) has(n int) bool { return t[n/64]>>(n%64)&1 == 1 }
func (t Traffic) Empty() bool    { return t == Traffic{} }

func (t Traffic) or(other Traffic) Traffic {
	for i := range t {
		t[i] |= other[i]
	}
	return t
}

func (t Traffic) And(other Traffic) Traffic {
	for i := range t {
		t[i] &= other[i]
	}
	return t
}

func (t Traffic) Without(other Traffic) Traffic {
	for i := range t {
		t[i] &^= other[i]
	}
	return t
}

// TrafficOf is what a rule permits by itself.
func TrafficOf(r Rule) Traffic {
	var t Traffic
	for f, flow := range flows {
		for p, peer := range peers {
			if r.permitsFlow(flow) && contains(r.Peer, peer) {
				t.set(bit(r.Egress, f, p))
			}
		}
	}
	return t
}

func (r Rule) permitsFlow(f flow) bool {
	return r.Protocol == "all" || r.Protocol == f.protocol && r.First <= f.port && f.port <= r.Last
}

func contains(rulePeer, peer string) bool {
	if !strings.Contains(rulePeer, "/") {
		return rulePeer == peer
	}
	address, err := netip.ParseAddr(peer)
	return err == nil && netip.MustParsePrefix(rulePeer).Contains(address)
}
