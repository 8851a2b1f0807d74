package judge_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// few are rules that overlap in every way.
var few = []string{
	"ingress tcp 22 0.0.0.0/0", "ingress tcp 22 20.0.0.0/24", "ingress tcp 22 20.0.0.0/25", "ingress tcp 22 20.0.0.128/25", "ingress tcp 20-30 20.0.0.0/24",
	"ingress tcp 443 10.0.0.0/8", "ingress tcp 443 10.1.0.0/16", "ingress tcp 400-500 10.1.0.0/16", "ingress all all 10.1.0.0/16", "ingress all all 0.0.0.0/0",
	"ingress tcp 443 sg-0a", "ingress all all sg-0a", "ingress tcp 443 pl-0b", "ingress icmp 8 10.0.0.0/8", "ingress icmp all 10.0.0.0/8",
	"egress all all 0.0.0.0/0", "egress tcp 443 0.0.0.0/0", "egress tcp 443 10.0.0.0/8", "egress tcp 443 pl-0b",
}

func draw(t *rapid.T, name string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(few), 0, 6, rapid.ID[string]).Draw(t, name)
}

// The rules authorised first are approved, was carried, and is all traffic that the revoke would interrupt.
func TestProveProtectionIsTheIntersection(t *testing.T) {
	t.Parallel()
	tb := t
	rapid.Check(t, func(t *rapid.T) {
		approved, is := draw(t, "approved"), draw(t, "live")
		d := judge.ByBaseline(doc(tb, "", approved...), judge.Grounds{}, sweep, live(tb, is...), now)
		permitted := rule.Compile(rules(tb, approved))
		violation := map[rule.Rule]bool{}
		for _, v := range d.Violations {
			violation[v.Rule] = true
		}
		var after []rule.Rule
		for _, r := range rules(tb, is) {
			if !violation[r] {
				after = append(after, r)
			}
		}
		for _, p := range d.Protect {
			carried := false
			for v := range violation {
				part, ok := rule.Carried(p.Rule, v)
				carried = carried || ok && part == p.Rule
			}
			if !permitted.Permits(p.Rule, rule.Covered) || !carried {
				t.Fatalf("%s is approved: %v, carried: %v", p.Rule, permitted.Permits(p.Rule, rule.Covered), carried)
			}
			after = append(after, p.Rule)
		}
		then := rule.Compile(after)
		for _, a := range rules(tb, approved) {
			for v := range violation {
				if part, ok := rule.Carried(a, v); ok && !then.Permits(part, rule.Covered) {
					t.Fatalf("%s would be interrupted when %s is revoked", part, v)
				}
			}
		}
	})
}

// The event and the sweep find the same live violations, whatever the event names.
func TestProveTheEventAndTheSweepAgree(t *testing.T) {
	t.Parallel()
	tb := t
	g := guardrail(t, `{"direction":"ingress","protocol":"tcp","ports":"22","widest":{"ipv4":24}}`)
	rapid.Check(t, func(t *rapid.T) {
		approved, is, inEvent := draw(t, "approved"), live(tb, draw(t, "live")...), draw(t, "named")
		d := doc(tb, "", approved...)
		byEvent, bySweep := judge.ByBaseline(d, judge.Grounds{}, added(tb, inEvent...), is, now), judge.ByBaseline(d, judge.Grounds{}, sweep, is, now)
		if diff := cmp.Diff(alive(bySweep), alive(byEvent)); diff != "" {
			t.Fatal(diff)
		}
		// The guardrail may take another one of those that break it together.
		once, twice := judge.ByGuardrail(g, judge.Grounds{}, added(tb, inEvent...), is, now), judge.ByGuardrail(g, judge.Grounds{}, trail.Trigger{}, is, now)
		if (len(alive(once)) == 0) != (len(alive(twice)) == 0) {
			t.Fatalf("%v and %v", alive(once), alive(twice))
		}
	})
}

func alive(d judge.Decision) []string {
	var texts []string
	for _, v := range d.Violations {
		if !v.NotLive {
			texts = append(texts, v.Rule.String())
		}
	}
	return texts
}

func rules(t testing.TB, texts []string) []rule.Rule {
	all := make([]rule.Rule, len(texts))
	for i, text := range texts {
		all[i] = parse(t, text)
	}
	return all
}
