package rule_test

import (
	"testing"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

func parse(t testing.TB, texts ...string) []rule.Rule {
	t.Helper()
	var rules []rule.Rule
	for _, text := range texts {
		r, err := rule.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, r)
	}
	return rules
}

// Each case holds a rule that is permitted and its twins, one address, port,
// type, id or protocol away, that are not.
func TestTheBaselineAsAWholePermits(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		baseline  []string
		permitted string
		twins     []string
	}{
		"the same rule": {
			[]string{"ingress tcp 443 0.0.0.0/0"},
			"ingress tcp 443 0.0.0.0/0",
			[]string{"ingress tcp 444 0.0.0.0/0", "ingress udp 443 0.0.0.0/0", "egress tcp 443 0.0.0.0/0", "ingress tcp 443 ::/0"},
		},
		"a narrower prefix and port": {
			[]string{"ingress tcp 400-500 10.0.0.0/16"},
			"ingress tcp 443 10.0.1.0/24",
			[]string{"ingress tcp 443 10.0.0.0/15", "ingress tcp 501 10.0.1.0/24", "ingress tcp 399-443 10.0.1.0/24"},
		},
		"two halves of a prefix": {
			[]string{"ingress tcp 443 10.0.0.0/25", "ingress tcp 443 10.0.0.128/25"},
			"ingress tcp 443 10.0.0.0/24",
			[]string{"ingress tcp 443 10.0.0.0/23", "ingress tcp 442-443 10.0.0.0/24"},
		},
		"quarters of an IPv6 prefix at several depths": {
			[]string{"egress udp 53 2001:db8::/34", "egress udp 53 2001:db8:4000::/34", "egress udp 53 2001:db8:8000::/33"},
			"egress udp 53 2001:db8::/32",
			[]string{"egress udp 53 2001:db8::/31"},
		},
		"adjacent port ranges": {
			[]string{"ingress tcp 1-100 10.0.0.0/8", "ingress tcp 101-200 10.0.0.0/8"},
			"ingress tcp 50-150 10.0.0.0/8",
			[]string{"ingress tcp 50-201 10.0.0.0/8", "ingress tcp 0-150 10.0.0.0/8"},
		},
		"an L-shaped union of prefixes and ports": {
			[]string{"ingress tcp 1-100 10.0.0.0/25", "ingress tcp 1-50 10.0.0.128/25", "ingress tcp 40-60 10.0.0.0/24"},
			"ingress tcp 1-60 10.0.0.0/24",
			[]string{"ingress tcp 1-61 10.0.0.0/24", "ingress tcp 60-61 10.0.0.128/32"},
		},
		"anything inside all traffic": {
			[]string{"egress all all 0.0.0.0/0"},
			"egress 50 all 10.0.0.0/8",
			[]string{"egress all all ::/0", "ingress all all 0.0.0.0/0"},
		},
		"one ICMP type inside any": {
			[]string{"ingress icmp all 10.0.0.0/8"},
			"ingress icmp 8 10.0.0.0/8",
			[]string{"ingress icmpv6 8 10.0.0.0/8"},
		},
		"one ICMP code inside its type": {
			[]string{"ingress icmp 3 10.0.0.0/8"},
			"ingress icmp 3/4 10.0.0.0/8",
			[]string{"ingress icmp 4/4 10.0.0.0/8", "ingress icmp all 10.0.0.0/8"},
		},
		"a group by its id": {
			[]string{"ingress tcp 80 sg-0aaa"},
			"ingress tcp 80 sg-0aaa",
			[]string{"ingress tcp 80 sg-0aab", "ingress tcp 80 pl-0aaa", "ingress tcp 80 10.0.0.0/32"},
		},
		"any group and prefix list where the whole world of both families is": {
			[]string{"ingress tcp 80-90 0.0.0.0/0", "ingress tcp 85-95 ::/0"},
			"ingress tcp 85-90 pl-0aaa",
			[]string{"ingress tcp 84-90 sg-0aaa", "ingress tcp 91 sg-0aaa"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := rule.Compile(parse(t, c.baseline...))
			if r := parse(t, c.permitted)[0]; !set.Permits(r, rule.Covered) {
				t.Errorf("%s is not permitted: %s", r, set.Reason(r, rule.Covered))
			}
			for _, r := range parse(t, c.twins...) {
				if set.Permits(r, rule.Covered) {
					t.Errorf("%s is permitted: %s", r, set.Reason(r, rule.Covered))
				}
			}
		})
	}
}

func TestSingleProtocolsNeverAddUpToAll(t *testing.T) {
	t.Parallel()
	var rules []rule.Rule
	for n := range 256 {
		r := parse(t, "ingress all all 10.0.0.0/8")[0]
		r.Protocol = rule.Protocol(n)
		rules = append(rules, r)
	}
	all := parse(t, "ingress all all 10.0.0.0/8")[0]
	if rule.Compile(rules).Permits(all, rule.Covered) {
		t.Error("256 single protocols permit all protocols")
	}
	if !rule.Compile(append(rules, all)).Permits(all, rule.Covered) {
		t.Error("all protocols don't permit all protocols")
	}
}

func TestExactAsksForTheSameRule(t *testing.T) {
	t.Parallel()
	set := rule.Compile(parse(t, "ingress tcp 400-500 10.0.0.0/8"))
	same, inside := parse(t, "ingress tcp 400-500 10.0.0.0/8")[0], parse(t, "ingress tcp 443 10.0.0.0/8")[0]
	if !set.Permits(same, rule.Exact) {
		t.Error("the same rule is not permitted")
	}
	if set.Permits(inside, rule.Exact) {
		t.Error("a narrower rule is permitted")
	}
}

func TestAnEmptySetPermitsNothing(t *testing.T) {
	t.Parallel()
	for _, r := range parse(t, "ingress tcp 1 10.0.0.0/32", "egress all all ::/0", "ingress tcp 1 sg-0a") {
		if rule.Compile(nil).Permits(r, rule.Covered) {
			t.Errorf("%s is permitted", r)
		}
	}
}
