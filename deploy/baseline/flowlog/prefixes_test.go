package flowlog

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"go4.org/netipx"
	"pgregory.net/rapid"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

func drawAddr(t *rapid.T, within netip.Prefix) netip.Addr {
	bytes := within.Addr().AsSlice()
	// Few different bits, so that addresses meet.
	random := rand.New(rand.NewPCG(rapid.Uint64Range(0, 400).Draw(t, "seed"), 1))
	for bit := within.Bits(); bit < len(bytes)*8; bit++ {
		if random.IntN(2) == 1 {
			bytes[bit/8] |= 0x80 >> (bit % 8)
		}
	}
	addr, _ := netip.AddrFromSlice(bytes)
	return addr
}

// TestPrefixSetsContainWhatWasAdded compares with netipx, which has no bound.
func TestPrefixSetsContainWhatWasAdded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		within := netip.MustParsePrefix(rapid.SampledFrom([]string{"10.0.0.0/8", "0.0.0.0/0", "10.1.2.0/26", "2001:db8::/32", "::/0"}).Draw(t, "within"))
		most := rapid.IntRange(1, 10).Draw(t, "most")
		var set prefixSet
		var all netipx.IPSetBuilder
		for range rapid.IntRange(1, 60).Draw(t, "n") {
			addr := drawAddr(t, within)
			p := netip.PrefixFrom(addr, max(within.Bits(), addr.BitLen()-rapid.IntRange(0, 6).Draw(t, "host bits"))).Masked()
			all.AddPrefix(p)
			set = set.add(p, most)
			if !set.contains(addr) {
				t.Fatalf("%v does not contain %v", set, addr)
			}
		}
		if len(set) > most {
			t.Fatalf("%d prefixes are more than %d", len(set), most)
		}
		for i, p := range set {
			if !within.Contains(p.Addr()) || p.Bits() < within.Bits() || p != p.Masked() {
				t.Fatalf("%v reaches beyond %v", p, within)
			}
			if i > 0 && (set[i-1].Overlaps(p) || set[i-1].Addr().Compare(p.Addr()) >= 0) {
				t.Fatalf("%v is not in order", set)
			}
		}
		wanted, err := all.IPSet()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range wanted.Prefixes() {
			if !rule.CompileAddresses(set.joined()).Permits(rule.OfAddresses(p), rule.Covered) {
				t.Fatalf("%v lacks %v", set, p)
			}
		}
		if extent := set.joined(); extent.size() != set.size() {
			t.Fatalf("%v has other addresses than %v", extent, set)
		}
	})
}

// TestFewAddressesStayExact is the twin: below the bound nothing is added.
func TestFewAddressesStayExact(t *testing.T) {
	t.Parallel()
	var set prefixSet
	for _, a := range []string{"10.0.0.9", "10.0.0.1", "10.0.0.0", "10.200.0.1", "10.0.0.1"} {
		set = set.add(netip.PrefixFrom(netip.MustParseAddr(a), 32), 8)
	}
	if set.size() != 4 || len(set.joined()) != 3 {
		t.Errorf("got %v", set)
	}
}

// TestPortsAreKeptInFewRanges compares the cells with all that was seen.
func TestPortsAreKeptInFewRanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var c cells
		type pair struct {
			port uint16
			addr netip.Addr
		}
		var seen []pair
		for range rapid.IntRange(1, 150).Draw(t, "n") {
			p := pair{rapid.Uint16().Draw(t, "port"), drawAddr(t, netip.MustParsePrefix("10.0.0.0/8"))}
			seen = append(seen, p)
			to := uint16(min(65535, int(p.port)+rapid.SampledFrom([]int{0, 0, 0, 200}).Draw(t, "more")))
			c = c.see(rule.Ports{From: p.port, To: to}, p.addr)
		}
		for _, few := range []cells{c, c.clone().reduce(4), c.clone().reduce(1).joined()} {
			for i := range few {
				if i > 0 && few[i-1].ports.To >= few[i].ports.From {
					t.Fatalf("%v is not in order", few)
				}
			}
			for _, p := range seen {
				if !hasPair(few, p.port, p.addr) {
					t.Fatalf("%v lacks %v", few, p)
				}
			}
		}
		if len(c) > mostCells || len(c.clone().reduce(4)) > 4 {
			t.Fatalf("%d ranges", len(c))
		}
	})
}

func hasPair(c cells, port uint16, addr netip.Addr) bool {
	for _, one := range c {
		if one.ports.From <= port && port <= one.ports.To && one.addrs.contains(addr) {
			return true
		}
	}
	return false
}
