package rule_test

import (
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// The properties below run on 3,000 random cases each in `make test`, and on a
// million in `make prove`.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		if err := flag.Set("rapid.checks", "3000"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// These and the tables beside them were checked against breaks made by hand, one
// at a time, and caught every one: a lookup that skips the prefix's own length;
// adjacent port ranges that don't merge; a containment that looks at one end; an
// intersection that drops single ports; "all" that covers tcp only; egress that
// takes ingress's all-protocol rules; 0.0.0.0/0 alone admitting any group; a
// group's own entry hiding what anyone is permitted; directions taken for one;
// families swapped; an overlap that is the wider prefix, that begins at the lower
// port, that crosses directions, or that forgets the world's share in a group's
// traffic; any ICMP code read as code 0, type 0 code 0 as any; EC2's host bits
// kept; 4-in-6 accepted in a baseline. Of the guardrail: one bit too strict or too
// lax; a block that isn't public forgotten, or too short; the world taken for a
// prefix like others; private neighbours in the way, or public ones not; NAT64 by
// the wrong bits, or without the prefixes around it; families or directions taken
// for one; the rule's or the entry's ports forgotten; rules that are revoked and yet add up
// with later ones; a last gap not handed down, not kept for a new prefix, or kept
// for ports that nobody opened.

// sameRules compares rules; go-cmp doesn't look into netip.Prefix.
var sameRules = cmp.Comparer(func(a, b rule.Rule) bool { return a == b })

func TestProveCoveredAgreesWithTheNaiveModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		baseline, r := genRules(t, "baseline"), rapid.Custom(genRule).Draw(t, "rule")
		set := rule.Compile(baseline)
		want := naiveTraffic(baseline).permits(r)
		if got := set.Permits(r, rule.Covered); got != want {
			t.Fatalf("%s is permitted: %v, naively %v, by\n%s", r, got, want, describe(baseline))
		}
		if set.Reason(r, rule.Covered) == "" {
			t.Fatal("no reason")
		}
	})
}

func TestProveMissingAgreesWithTheNaiveModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		baseline, live := genRules(t, "baseline"), genRules(t, "live")
		carried := naiveTraffic(live)
		var want []rule.Rule
		for _, r := range baseline {
			if !carried.permits(r) {
				want = append(want, r)
			}
		}
		if diff := cmp.Diff(want, rule.Missing(baseline, rule.Compile(live)), sameRules); diff != "" {
			t.Fatalf("missing: %s of\n%sin\n%s", diff, describe(baseline), describe(live))
		}
	})
}

// What two rules have in common is exactly the packets that both permit.
func TestProveCarriedAgreesWithTheNaiveModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		approved, by := rapid.Custom(genRule).Draw(t, "approved"), rapid.Custom(genRule).Draw(t, "by")
		part, carries := rule.Carried(approved, by)
		if by.Peer.Kind == rule.CIDR && approved.Peer.Kind != rule.CIDR {
			by.Peer = approved.Peer // whose addresses nobody knows
		}
		inBy := naiveTraffic([]rule.Rule{by})
		shared := map[packet]bool{}
		for _, p := range packets(approved) {
			if inBy[p] {
				shared[p] = true
			}
		}
		if carries != (len(shared) > 0) {
			t.Fatalf("%s carries some of %s: %v", by, approved, carries)
		}
		if !carries {
			return
		}
		got := packets(part)
		if len(got) != len(shared) {
			t.Fatalf("%s of %s is %s: %d packets, want %d", by, approved, part, len(got), len(shared))
		}
		for _, p := range got {
			if !shared[p] {
				t.Fatalf("%s of %s is %s, which permits %v too", by, approved, part, p)
			}
		}
		if !rule.Inside(part, approved) || !rule.Inside(part, by) {
			t.Fatalf("%s is not inside %s and %s", part, approved, by)
		}
	})
}

func TestProveOrderAndRepetitionNeverMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		baseline, r := genRules(t, "baseline"), rapid.Custom(genRule).Draw(t, "rule")
		other := rapid.Permutation(slices.Concat(baseline, baseline)).Draw(t, "other order")
		for _, match := range []rule.Match{rule.Covered, rule.Exact} {
			if rule.Compile(baseline).Permits(r, match) != rule.Compile(other).Permits(r, match) {
				t.Fatalf("order matters to %s", r)
			}
		}
	})
}

func TestProveAddingToABaselineNeverMakesAViolation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		baseline, more, r := genRules(t, "baseline"), genRules(t, "more"), rapid.Custom(genRule).Draw(t, "rule")
		for _, match := range []rule.Match{rule.Covered, rule.Exact} {
			if rule.Compile(baseline).Permits(r, match) && !rule.Compile(slices.Concat(baseline, more)).Permits(r, match) {
				t.Fatalf("%s is not permitted any more", r)
			}
		}
	})
}

func TestProveExactImpliesCovered(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		baseline := genRules(t, "baseline")
		set := rule.Compile(baseline)
		for _, r := range baseline {
			if !set.Permits(r, rule.Exact) || !set.Permits(r, rule.Covered) {
				t.Fatalf("%s is in the baseline and not permitted", r)
			}
		}
		if missing := rule.Missing(baseline, set); missing != nil {
			t.Fatalf("a group equal to its baseline misses %v", missing)
		}
	})
}

func TestProveReasonsNameOnlyRulesThatPermit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		baseline, r := genRules(t, "baseline"), rapid.Custom(genRule).Draw(t, "rule")
		set := rule.Compile(baseline)
		permitted := set.Permits(r, rule.Covered)
		reason := set.Reason(r, rule.Covered)
		if says := len(reason) > 13 && reason[:13] == "permitted by "; says != permitted {
			t.Fatalf("%s is permitted: %v, but the reason is %q", r, permitted, reason)
		}
	})
}

func TestProveRuleTextReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.Custom(genRule).Draw(t, "rule")
		back, err := rule.Parse(r.String())
		if err != nil || back != r {
			t.Fatalf("%s became %s, %v", r, back, err)
		}
	})
}
