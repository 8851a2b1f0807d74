package rule_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// shapes make groups of n rules that are hard to judge by twelveEntries.
var shapes = map[string]func(n int) []rule.Rule{
	"one prefix in the other, with ports of its own each": func(n int) []rule.Rule {
		return each(n, func(i int) rule.Rule {
			return tcp(fmt.Sprintf("2600:5555:5555:5555:5555:5555:5555:5555/%d", 9+i%120), i, 65535-i)
		})
	},
	"two halves that share no port": func(n int) []rule.Rule {
		return each(n, func(i int) rule.Rule { return tcp([]string{"20.0.0.0/9", "20.128.0.0/9"}[i%2], 2*i+i%2, 2*i+i%2) })
	},
	"many ports in a half, and all in the other": func(n int) []rule.Rule {
		return each(n, func(i int) rule.Rule {
			if i%2 == 0 {
				return tcp("20.0.0.0/9", 2*i, 2*i)
			}
			return tcp("20.128.0.0/9", n-i, 65535-n+i)
		})
	},
	"many ports that complete a prefix of each length": func(n int) []rule.Rule {
		return each(n, func(i int) rule.Rule {
			if length := 128 - i; length > 9 {
				return tcp(otherHalf(netip.MustParsePrefix("2600::/128"), length).String(), 0, 65535)
			}
			return tcp("2600::/128", 2*i, 2*i)
		})
	},
	"many ports in a half, and rules for the other that go": func(n int) []rule.Rule {
		return each(n, func(i int) rule.Rule {
			if i < n/2 {
				return tcp("20.0.0.0/8", 2*i, 2*i)
			}
			return tcp("21.0.0.0/8", 0, 65535-i)
		})
	},
	"many ports, and rules that go since they complete a prefix of each length": func(n int) []rule.Rule {
		return each(n, func(i int) rule.Rule {
			switch length := 127 - i; {
			case length > 8:
				return tcp(otherHalf(netip.MustParsePrefix("2600::/128"), length).String(), 0, 65535)
			case i < 119+(n-119)/2:
				return tcp("2600::/128", 2*i, 2*i)
			}
			return tcp("2600::1/128", 0, 65535-i)
		})
	},
	"many ports in turn with rules that go": func(n int) []rule.Rule {
		return each(n, func(i int) rule.Rule {
			switch length := 127 - i; {
			case length > 8:
				return tcp(otherHalf(netip.MustParsePrefix("2600::/128"), length).String(), 0, 65535)
			case i%2 == 0:
				return tcp("2600::/128", 2*i, 2*i)
			}
			return tcp("2600::1/128", 0, 65535-i)
		})
	},
	"each address of a block": func(n int) []rule.Rule {
		return each(n, func(i int) rule.Rule { return tcp(fmt.Sprintf("20.0.%d.%d/32", i/256, i%256), i%4, 65535-i%3) })
	},
	"random prefixes and ports": func(n int) []rule.Rule {
		random := rand.New(rand.NewPCG(2, 3))
		return each(n, func(int) rule.Rule {
			prefix := fmt.Sprintf("%d.%d.0.0/%d", 11+random.IntN(50), random.IntN(256), 4+random.IntN(13))
			from := random.IntN(60_000)
			return tcp(prefix, from, from+random.IntN(5_000))
		})
	},
}

func each(n int, ith func(i int) rule.Rule) []rule.Rule {
	var rules []rule.Rule
	for i := range n {
		rules = append(rules, ith(i))
	}
	return rules
}

func tcp(prefix string, from, to int) rule.Rule {
	return rule.Rule{
		Direction: rule.Ingress, Protocol: rule.TCP, Ports: rule.Ports{From: uint16(from), To: uint16(to)},
		Peer: rule.Peer{Kind: rule.CIDR, Prefix: netip.MustParsePrefix(prefix).Masked()},
	}
}

// twelveEntries forbids the world on some ports and on all protocols, and on all
// ports of tcp more than that.
func twelveEntries() []rule.Forbidden {
	var entries []rule.Forbidden
	for i := range 10 {
		port := uint16(4*i + 1)
		entries = append(entries, rule.Forbidden{
			Direction: rule.Ingress, Protocol: rule.TCP, Ports: rule.Ports{From: port, To: port}, WidestV4: 1, WidestV6: 4,
		})
	}
	return append(entries,
		rule.Forbidden{Direction: rule.Ingress, Protocol: rule.All, Ports: rule.AllPorts, WidestV4: 1, WidestV6: 4},
		rule.Forbidden{Direction: rule.Ingress, Protocol: rule.TCP, Ports: rule.AllPorts, WidestV4: 8, WidestV6: 9})
}

// A step is a node or an entry looked at, or a range of ports that a node gains.
// For twice the rules there may be little more than twice the steps, and never
// more than some for each bit of a prefix and each entry.
func TestTheWorkGrowsWithTheNumberOfRules(t *testing.T) {
	t.Parallel()
	entries := twelveEntries()
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			most := 128 * (len(entries) + 8)
			for _, n := range []int{500, 1_000} {
				inOrder, together := rule.GuardrailSteps(shape(n), entries)
				inOrder2, together2 := rule.GuardrailSteps(shape(2*n), entries)
				if inOrder2*10 > inOrder*25 || inOrder > n*most {
					t.Errorf("in order: %d steps for %d rules, %d for twice as many", inOrder, n, inOrder2)
				}
				if together2*10 > together*25 || together > n*most {
					t.Errorf("together: %d steps for %d rules, %d for twice as many", together, n, together2)
				}
			}
		})
	}
}

// The shapes do what their names say.
func TestTheRulesThatShouldBreakAnEntryDo(t *testing.T) {
	t.Parallel()
	const n, ladder = 500, 119
	breaking := map[string]int{
		"many ports in a half, and rules for the other that go":                     n / 2,
		"many ports, and rules that go since they complete a prefix of each length": (n - ladder + 1) / 2,
		"many ports in turn with rules that go":                                     (n - ladder) / 2,
		"random prefixes and ports":                                                 148,
	}
	for name, shape := range shapes {
		rules := shape(n)
		if got := len(broken(rules, rule.BreakingInOrder(rules, twelveEntries()))); got != breaking[name] {
			t.Errorf("%s: %d go, not %d", name, got, breaking[name])
		}
	}
}

func BenchmarkGuardrail(b *testing.B) {
	entries := twelveEntries()
	for _, name := range slices.Sorted(maps.Keys(shapes)) {
		for _, n := range []int{240, 1_000} {
			rules := shapes[name](n)
			b.Run(fmt.Sprintf("in order/%s/rules=%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					rule.BreakingInOrder(rules, entries)
				}
			})
			b.Run(fmt.Sprintf("together/%s/rules=%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					rule.BreakingTogether(rules, entries)
				}
			})
		}
	}
}
