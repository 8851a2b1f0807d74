package rule_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// someRules makes a baseline such as big groups have: prefixes of all lengths
// inside 10.0.0.0/8 and 2001:db8::/32, groups, and many ports. It is the same
// every time.
func someRules(n int) []rule.Rule {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	rules := make([]rule.Rule, n)
	for i := range rules {
		from := uint16(random.IntN(60_000))
		rules[i] = rule.Rule{
			Direction: rule.Ingress, Protocol: rule.TCP, Ports: rule.Ports{From: from, To: from + uint16(random.IntN(100))},
			Peer: somePeer(random),
		}
	}
	return rules
}

func somePeer(random *rand.Rand) rule.Peer {
	switch random.IntN(4) {
	case 0:
		return rule.Peer{Kind: rule.Group, ID: fmt.Sprintf("sg-%x", random.IntN(500))}
	case 1:
		bytes := [16]byte{0x20, 0x01, 0x0d, 0xb8, byte(random.Uint32()), byte(random.Uint32()), byte(random.Uint32()), byte(random.Uint32())}
		return rule.Peer{Kind: rule.CIDR, Prefix: netip.PrefixFrom(netip.AddrFrom16(bytes), 33+random.IntN(32)).Masked()}
	}
	bytes := [4]byte{10, byte(random.Uint32()), byte(random.Uint32()), byte(random.Uint32())}
	return rule.Peer{Kind: rule.CIDR, Prefix: netip.PrefixFrom(netip.AddrFrom4(bytes), 9+random.IntN(24)).Masked()}
}

var sizes = []int{10, 100, 1_000, 10_000}

// BenchmarkPermits judges rules that are permitted, one after the other.
func BenchmarkPermits(b *testing.B) {
	for _, n := range sizes {
		rules := someRules(n)
		set := rule.Compile(rules)
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if !set.Permits(rules[i%n], rule.Covered) {
					b.Fatal("a rule of the baseline is not permitted")
				}
			}
		})
	}
}

// BenchmarkRefuses judges rules that are not permitted.
func BenchmarkRefuses(b *testing.B) {
	for _, n := range sizes {
		set := rule.Compile(someRules(n))
		foreign := parse(b, "ingress tcp 22 192.0.2.1/32", "ingress tcp 22 fd00::/128", "ingress tcp 22 sg-none", "egress udp 53 10.0.0.0/8")
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if set.Permits(foreign[i%len(foreign)], rule.Covered) {
					b.Fatal("a foreign rule is permitted")
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, n := range sizes {
		rules := someRules(n)
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rule.Compile(rules)
			}
		})
	}
}

func TestJudgingDoesNotAllocate(t *testing.T) { // AllocsPerRun counts all goroutines', so this one doesn't run in parallel
	rules := someRules(1_000)
	set := rule.Compile(rules)
	for _, match := range []rule.Match{rule.Covered, rule.Exact} {
		allocs := testing.AllocsPerRun(10, func() {
			for _, r := range rules {
				if !set.Permits(r, match) {
					t.Fatalf("%s is not permitted", r)
				}
			}
		})
		if allocs != 0 {
			t.Errorf("%v allocations for %d rules", allocs, len(rules))
		}
	}
}
