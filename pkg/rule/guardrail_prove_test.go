package rule_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// scenario is a group and a guardrail, made so that rules often add up.
type scenario struct {
	rules   []rule.Rule
	entries []rule.Forbidden
}

// genScenario splits a prefix of the naive universe into parts, makes a rule for
// each, leaves some out, adds others, and shuffles.
func genScenario(t *rapid.T) scenario {
	bases := slices.Concat(naiveV4().bases, naiveV6().bases)
	base := netip.MustParsePrefix(rapid.SampledFrom(bases).Draw(t, "base"))
	widest := genLength(t, base)
	narrowest := min(widest+rapid.IntRange(0, 5).Draw(t, "cuts"), base.Bits())
	service := genService(t)
	parts := []netip.Prefix{around(base, narrowest)}
	for length := widest + 1; length <= narrowest; length++ {
		parts = append(parts, otherHalf(base, length))
	}
	var s scenario
	for _, p := range parts {
		switch rapid.IntRange(0, 9).Draw(t, "part") { // rapid prefers small numbers
		case 9: // left out
		case 7, 8:
			s.rules = append(s.rules, onPrefix(t, genService(t), p))
		default:
			s.rules = append(s.rules, onPrefix(t, service, p))
		}
	}
	for range rapid.IntRange(0, 4).Draw(t, "others") {
		s.rules = append(s.rules, onPrefix(t, genService(t), genNear(t, base)))
	}
	if rapid.IntRange(0, 9).Draw(t, "a group") == 9 {
		s.rules = append(s.rules, rapid.Custom(genRule).Draw(t, "rule"))
	}
	s.rules = rapid.Permutation(s.rules).Draw(t, "order")
	for range rapid.IntRange(1, 3).Draw(t, "entries") {
		s.entries = append(s.entries, genEntry(t, service, widest))
	}
	return s
}

// genService draws a rule without a peer.
func genService(t *rapid.T) rule.Rule {
	r := rapid.Custom(genRule).Draw(t, "service")
	r.Peer = rule.Peer{}
	return r
}

// genLength draws a prefix length, as often long as short.
func genLength(t *rapid.T, base netip.Prefix) int {
	length := rapid.IntRange(0, base.Bits()).Draw(t, "length")
	if rapid.Bool().Draw(t, "from the end") {
		return base.Bits() - length
	}
	return length
}

func genNear(t *rapid.T, base netip.Prefix) netip.Prefix {
	if rapid.IntRange(0, 3).Draw(t, "elsewhere") == 3 {
		bases := slices.Concat(naiveV4().bases, naiveV6().bases)
		base = netip.MustParsePrefix(rapid.SampledFrom(bases).Draw(t, "base"))
	}
	length := genLength(t, base)
	if rapid.Bool().Draw(t, "other half") {
		return otherHalf(base, length)
	}
	return around(base, length)
}

func onPrefix(t *rapid.T, service rule.Rule, p netip.Prefix) rule.Rule {
	if p.Addr().Is4() && rapid.IntRange(0, 5).Draw(t, "NAT64") == 5 {
		p = nat64Prefix(p)
	}
	service.Peer = rule.Peer{Kind: rule.CIDR, Prefix: p}
	return service
}

// genEntry draws an entry that often forbids the service, and often permits the
// parts of a prefix of the length, but not all of it.
func genEntry(t *rapid.T, service rule.Rule, length int) rule.Forbidden {
	if rapid.IntRange(0, 3).Draw(t, "other service") == 3 {
		service = genService(t)
	}
	f := rule.Forbidden{Direction: service.Direction, Protocol: service.Protocol, Ports: service.Ports}
	near := func(most int) int {
		if rapid.IntRange(0, 3).Draw(t, "any widest") == 3 {
			return rapid.IntRange(0, most).Draw(t, "widest")
		}
		return max(0, min(most, length+rapid.SampledFrom([]int{1, 1, 1, 2, 3, 0, -1}).Draw(t, "narrower")))
	}
	f.WidestV4, f.WidestV6 = near(32), near(128)
	return f
}

func TestProveTheGuardrailInOrderAgreesWithTheNaiveModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := genScenario(t)
		got := rule.BreakingInOrder(s.rules, s.entries)
		if diff := cmp.Diff(naiveInOrder(s.rules, s.entries), got); diff != "" {
			t.Fatalf("breaking %+v: %s of\n%s", s.entries, diff, describe(s.rules))
		}
	})
}

func TestProveTheGuardrailTogetherAgreesWithTheNaiveModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := genScenario(t)
		got := rule.BreakingTogether(s.rules, s.entries)
		if diff := cmp.Diff(naiveTogether(s.rules, s.entries), got); diff != "" {
			t.Fatalf("breaking %+v: %s of\n%s", s.entries, diff, describe(s.rules))
		}
	})
}

// Without the rules that break an entry, nothing breaks. None of them could stay.
func TestProveExactlyWhatMustGoGoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := genScenario(t)
		var stayed []rule.Rule
		for i, b := range rule.BreakingInOrder(s.rules, s.entries) {
			if b == nil {
				stayed = append(stayed, s.rules[i])
				continue
			}
			with := append(slices.Clone(stayed), s.rules[i])
			if last := rule.BreakingTogether(with, s.entries)[len(stayed)]; last == nil || *last != *b {
				t.Fatalf("%s breaks %v, and with those that stayed breaks %v, of\n%s", s.rules[i], b, last, describe(s.rules))
			}
		}
		if still := broken(stayed, rule.BreakingTogether(stayed, s.entries)); still != nil {
			t.Fatalf("without the others, %v break %+v", still, s.entries)
		}
	})
}

func TestProveMoreRulesNeverMakeABreakVanish(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := genScenario(t)
		n := rapid.IntRange(0, len(s.rules)).Draw(t, "fewer")
		all := rule.BreakingTogether(s.rules, s.entries)
		for i, b := range rule.BreakingTogether(s.rules[:n], s.entries) {
			if b != nil && (all[i] == nil || all[i].Entry > b.Entry) {
				t.Fatalf("%s breaks %v, and with more rules %v, of\n%s", s.rules[i], b, all[i], describe(s.rules))
			}
		}
	})
}

// Which rules break an entry depends on their order. Whether any rule does, doesn't.
func TestProveOrderDecidesOnlyWhichRulesGo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := genScenario(t)
		other := rapid.Permutation(s.rules).Draw(t, "other order")
		breaks := func(rules []rule.Rule) bool { return broken(rules, rule.BreakingInOrder(rules, s.entries)) != nil }
		together := broken(s.rules, rule.BreakingTogether(s.rules, s.entries)) != nil
		if breaks(s.rules) != together || breaks(other) != together {
			t.Fatalf("together any breaks %+v: %v, in order %v, in another order %v, of\n%s",
				s.entries, together, breaks(s.rules), breaks(other), describe(s.rules))
		}
	})
}

func TestProveOpeningTheWorldAgreesWithTheNaiveModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := genScenario(t)
		want := false
		for _, d := range []rule.Direction{rule.Ingress, rule.Egress} {
			want = want || naiveBreaks(s.rules, rule.Forbidden{Direction: d, Protocol: rule.All, Ports: rule.AllPorts, WidestV4: 1, WidestV6: 1}, nil)
		}
		if got := rule.OpensWorld(s.rules); got != want {
			t.Fatalf("open the world: %v, naively %v:\n%s", got, want, describe(s.rules))
		}
	})
}
