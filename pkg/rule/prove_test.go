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
// lax; a block that isn't public forgotten, or cut short; the world taken for a
// prefix like others; private neighbours in the way, or public ones not; NAT64 by
// the wrong bits, or without the prefixes around it; families or directions taken
// for one; the rule's or the entry's ports forgotten; rules that go and yet add up
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

// TestProveCutAgreesWithTheNaiveModel: an approved rule is cut when one of its
// packets is live now and won't be without the violations. Rules for peers of
// another kind may have it cut too, but never one whose packets all stay.
func TestProveCutAgreesWithTheNaiveModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		baseline, live := genRules(t, "baseline"), genRules(t, "live")
		match := rapid.SampledFrom([]rule.Match{rule.Covered, rule.Exact}).Draw(t, "match")
		approved := rule.Compile(baseline)
		kept, going := split(approved, live, match)
		got := rule.Cut(approved, rule.Compile(kept), going)

		permitted, now, then := naiveTraffic(baseline), naiveTraffic(live), naiveTraffic(kept)
		lost := func(p packet) bool { return now[p] && !then[p] }
		for _, a := range approved.Rules() {
			is, must, mustNot := slices.Contains(got, a), slices.ContainsFunc(packets(a), lost), len(going) == 0 || then.permits(a)
			if must && !is || is && mustNot {
				t.Fatalf("%s is cut: %v, must: %v, must not: %v, of\n%sin\n%s", a, is, must, mustNot, describe(baseline), describe(live))
			}
		}
		// What matters in the end: nothing approved is lost once they are back.
		after := naiveTraffic(slices.Concat(kept, got))
		for p := range now {
			if permitted[p] && !after[p] {
				t.Fatalf("%v is cut, of\n%sin\n%s", p, describe(baseline), describe(live))
			}
		}
	})
}

func split(approved *rule.Set, live []rule.Rule, match rule.Match) (kept, going []rule.Rule) {
	for _, r := range live {
		if approved.Permits(r, match) {
			kept = append(kept, r)
		} else {
			going = append(going, r)
		}
	}
	return kept, going
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
