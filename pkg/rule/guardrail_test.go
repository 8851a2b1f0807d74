package rule_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// forbid makes an entry of a guardrail, such as "ingress tcp 22".
func forbid(t testing.TB, what string, widestV4, widestV6 int) rule.Forbidden {
	t.Helper()
	r := parse(t, what+" 0.0.0.0/0")[0]
	return rule.Forbidden{Direction: r.Direction, Protocol: r.Protocol, Ports: r.Ports, WidestV4: widestV4, WidestV6: widestV6}
}

// broken writes the rules that have a Break, in order.
func broken(rules []rule.Rule, breaks []*rule.Break) []string {
	var texts []string
	for i, b := range breaks {
		switch {
		case b == nil:
		case b.Together:
			texts = append(texts, rules[i].String()+", together")
		default:
			texts = append(texts, rules[i].String())
		}
	}
	return texts
}

// Each case lists rules in the order in which they came, and the rules that break an entry
// when they are judged in order. The other rules are the twins that stay. Where
// the judgement of all rules at once names others, these are listed too.
func TestTheGuardrailForbids(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		what             string
		widest4, widest6 int
		rules            []string
		goes, together   []string
	}{
		"the world on the port": {
			"ingress tcp 22", 1, 4,
			[]string{"ingress tcp 22 0.0.0.0/0", "ingress tcp 23 0.0.0.0/0", "egress tcp 22 0.0.0.0/0", "ingress udp 22 0.0.0.0/0"},
			[]string{"ingress tcp 22 0.0.0.0/0"},
			nil,
		},
		"the IPv6 world in a range around the port": {
			"ingress tcp 22", 1, 4,
			[]string{"ingress tcp 20-30 ::/0", "ingress tcp 23-30 ::/0"},
			[]string{"ingress tcp 20-30 ::/0"},
			nil,
		},
		"all protocols, which hold the port": {
			"ingress tcp 22", 1, 4,
			[]string{"ingress all all 0.0.0.0/0", "ingress all all 10.0.0.0/8"},
			[]string{"ingress all all 0.0.0.0/0"},
			nil,
		},
		"each protocol where the entry is for all": {
			"ingress all all", 1, 4,
			[]string{"ingress udp 53 0.0.0.0/0", "ingress 50 all ::/0", "ingress udp 53 0.0.0.0/1", "egress udp 53 0.0.0.0/0"},
			[]string{"ingress udp 53 0.0.0.0/0", "ingress 50 all ::/0"},
			[]string{"ingress udp 53 0.0.0.0/0", "ingress 50 all ::/0", "ingress udp 53 0.0.0.0/1, together"},
		},
		"an ICMP type with any code, and no other type": {
			"ingress icmp 8", 1, 4,
			[]string{"ingress icmp 8/0 0.0.0.0/0", "ingress icmp all 0.0.0.0/0", "ingress icmp 7 0.0.0.0/0", "ingress icmpv6 8 0.0.0.0/0"},
			[]string{"ingress icmp 8/0 0.0.0.0/0", "ingress icmp all 0.0.0.0/0"},
			nil,
		},
		"prefixes wider than permitted": {
			"ingress tcp 22", 24, 48,
			[]string{"ingress tcp 22 20.0.2.0/23", "ingress tcp 22 20.0.1.0/24", "ingress tcp 22 2600::/47", "ingress tcp 22 2600:0:8::/48"},
			[]string{"ingress tcp 22 20.0.2.0/23", "ingress tcp 22 2600::/47"},
			nil,
		},
		"two addresses where one is permitted": {
			"ingress tcp 22", 32, 128,
			[]string{"ingress tcp 22 20.0.0.0/31", "ingress tcp 22 20.0.0.4/32", "ingress tcp 22 2600::/127", "ingress tcp 22 2600::4/128", "ingress tcp 22 2600::5/128"},
			[]string{"ingress tcp 22 20.0.0.0/31", "ingress tcp 22 2600::/127", "ingress tcp 22 2600::5/128, together"},
			[]string{"ingress tcp 22 20.0.0.0/31", "ingress tcp 22 2600::/127", "ingress tcp 22 2600::4/128, together", "ingress tcp 22 2600::5/128, together"},
		},
		"a prefix that is private in part": {
			"ingress tcp 22", 24, 48, []string{"ingress tcp 22 172.0.0.0/11"}, []string{"ingress tcp 22 172.0.0.0/11"}, nil,
		},
		"nothing where the widest is 0": {
			"ingress tcp 22", 0, 0, []string{"ingress tcp 22 0.0.0.0/0", "ingress tcp 22 ::/0", "ingress tcp 22 64:ff9b::/96", "ingress tcp 22 2000::/3"}, nil, nil,
		},
		"nothing for private addresses, groups and prefix lists": {
			"ingress tcp 22", 32, 128,
			[]string{
				"ingress tcp 22 10.0.0.0/8", "ingress tcp 22 172.16.0.0/12", "ingress tcp 22 100.64.0.0/10", "ingress tcp 22 203.0.113.0/24",
				"ingress tcp 22 224.0.0.0/3", "ingress tcp 22 fd00::/8", "ingress tcp 22 2001:db8::/32", "ingress tcp 22 3fff::/20",
				"ingress tcp 22 64:ff9b::a00:0/104", "ingress tcp 22 4000::/2", "ingress tcp 22 sg-0a", "ingress tcp 22 pl-0a",
			},
			nil, nil,
		},

		// What is public.
		"all of global IPv6, whatever the widest": {
			"ingress tcp 22", 1, 1, []string{"ingress tcp 22 2000::/3"}, []string{"ingress tcp 22 2000::/3"}, nil,
		},
		"all of global IPv6 at the default widest": {
			"ingress tcp 22", 1, 4,
			[]string{"ingress tcp 22 2000::/3", "ingress tcp 22 3000::/4"},
			[]string{"ingress tcp 22 2000::/3"},
			[]string{"ingress tcp 22 2000::/3", "ingress tcp 22 3000::/4, together"},
		},
		"not half of global IPv6 at the default widest": {"ingress tcp 22", 1, 4, []string{"ingress tcp 22 2000::/4"}, nil, nil},
		"half of global IPv6 where a quarter is permitted": {
			"ingress tcp 22", 1, 5, []string{"ingress tcp 22 2000::/4"}, []string{"ingress tcp 22 2000::/4"}, nil,
		},
		"all public IPv4 without class E": {
			"ingress tcp 22", 1, 4,
			[]string{"ingress tcp 22 0.0.0.0/1", "ingress tcp 22 128.0.0.0/2", "ingress tcp 22 192.0.0.0/3"},
			[]string{"ingress tcp 22 192.0.0.0/3, together"},
			[]string{"ingress tcp 22 0.0.0.0/1, together", "ingress tcp 22 128.0.0.0/2, together", "ingress tcp 22 192.0.0.0/3, together"},
		},
		"not a public /8 whose neighbour is private": {"ingress tcp 22", 8, 4, []string{"ingress tcp 22 11.0.0.0/8", "ingress tcp 22 10.0.0.0/7"}, nil, nil},
		"three public /8 around a private one": {
			"ingress tcp 22", 7, 4,
			[]string{"ingress tcp 22 11.0.0.0/8", "ingress tcp 22 8.0.0.0/7"},
			[]string{"ingress tcp 22 8.0.0.0/7, together"},
			[]string{"ingress tcp 22 11.0.0.0/8, together", "ingress tcp 22 8.0.0.0/7, together"},
		},
		"not a public /16 beside a private /16": {
			"ingress tcp 22", 16, 4, []string{"ingress tcp 22 192.168.0.0/16", "ingress tcp 22 192.169.0.0/16", "ingress tcp 22 192.168.0.0/15"}, nil, nil,
		},
		"a public /16 where a /17 is permitted": {
			"ingress tcp 22", 17, 4, []string{"ingress tcp 22 192.168.0.0/15"}, []string{"ingress tcp 22 192.168.0.0/15"}, nil,
		},
		"not a public /24 beside a documentation /24": {"ingress tcp 22", 24, 4, []string{"ingress tcp 22 203.0.112.0/23"}, nil, nil},
		"a public /32 of IPv6 beside documentation where a /33 is permitted": {
			"ingress tcp 22", 1, 33, []string{"ingress tcp 22 2001:db8::/31"}, []string{"ingress tcp 22 2001:db8::/31"}, nil,
		},
		"not a public /32 of IPv6 beside documentation where a /32 is permitted": {
			"ingress tcp 22", 1, 32, []string{"ingress tcp 22 2001:db8::/31"}, nil, nil,
		},

		// NAT64.
		"NAT64, which stands for all of IPv4": {
			"ingress tcp 22", 1, 0, []string{"ingress tcp 22 64:ff9b::/96", "ingress tcp 22 64:ff9b:1::/48"}, []string{"ingress tcp 22 64:ff9b::/96"}, nil,
		},
		"prefixes that hold NAT64": {
			"ingress tcp 22", 24, 0,
			[]string{"ingress tcp 22 ::/0", "ingress tcp 22 ::/3", "ingress tcp 22 64:ff9b::/32", "ingress tcp 22 2000::/3"},
			[]string{"ingress tcp 22 ::/0", "ingress tcp 22 ::/3", "ingress tcp 22 64:ff9b::/32"},
			nil,
		},
		"a prefix that holds NAT64 by its IPv6 addresses": {
			"ingress tcp 22", 0, 4, []string{"ingress tcp 22 ::/0", "ingress tcp 22 ::/3"}, []string{"ingress tcp 22 ::/0"}, nil,
		},
		"part of NAT64 by the widest of IPv4": {
			"ingress tcp 22", 24, 128, []string{"ingress tcp 22 64:ff9b::1400:0/119", "ingress tcp 22 64:ff9b::1500:0/120"}, []string{"ingress tcp 22 64:ff9b::1400:0/119"}, nil,
		},
		"IPv4 and NAT64 that add up": {
			"ingress tcp 22", 24, 48,
			[]string{"ingress tcp 22 20.0.0.0/24", "ingress tcp 22 64:ff9b::1400:100/120"},
			[]string{"ingress tcp 22 64:ff9b::1400:100/120, together"},
			[]string{"ingress tcp 22 20.0.0.0/24, together", "ingress tcp 22 64:ff9b::1400:100/120, together"},
		},

		// Rules that add up.
		"not half the world": {"ingress tcp 22", 1, 4, []string{"ingress tcp 22 0.0.0.0/1", "ingress tcp 22 128.0.0.0/2"}, nil, nil},
		"two halves of the world": {
			"ingress tcp 22", 1, 4,
			[]string{"ingress tcp 22 0.0.0.0/1", "ingress all all 128.0.0.0/1", "ingress tcp 80 128.0.0.0/1"},
			[]string{"ingress all all 128.0.0.0/1, together"},
			[]string{"ingress tcp 22 0.0.0.0/1, together", "ingress all all 128.0.0.0/1, together"},
		},
		"two halves of global IPv6": {
			"ingress tcp 22", 1, 4,
			[]string{"ingress tcp 22 3000::/4", "ingress tcp 22 2000::/4"},
			[]string{"ingress tcp 22 2000::/4, together"},
			[]string{"ingress tcp 22 3000::/4, together", "ingress tcp 22 2000::/4, together"},
		},
		"halves on the port that both open, and not on others": {
			"ingress tcp 20-30", 1, 4,
			[]string{"ingress tcp 0-22 0.0.0.0/1", "ingress tcp 23-99 128.0.0.0/1", "ingress tcp 22 128.0.0.0/1"},
			[]string{"ingress tcp 22 128.0.0.0/1, together"},
			[]string{"ingress tcp 0-22 0.0.0.0/1, together", "ingress tcp 22 128.0.0.0/1, together"},
		},
		"not halves that meet on ports that the entry doesn't forbid": {
			"ingress tcp 22", 1, 4, []string{"ingress tcp 0-22 0.0.0.0/1", "ingress tcp 0-21 128.0.0.0/1", "ingress tcp 23-99 128.0.0.0/1"}, nil, nil,
		},
		"not halves of different protocols": {
			"ingress all all", 1, 4, []string{"ingress tcp 22 0.0.0.0/1", "ingress udp 22 128.0.0.0/1"}, nil, nil,
		},
		"a half for all protocols with a half for one": {
			"ingress all all", 1, 4,
			[]string{"ingress all all 0.0.0.0/1", "ingress udp 22 128.0.0.0/1"},
			[]string{"ingress udp 22 128.0.0.0/1, together"},
			[]string{"ingress all all 0.0.0.0/1, together", "ingress udp 22 128.0.0.0/1, together"},
		},
		"a half for all protocols with a half for the last one": {
			"ingress 255 all", 1, 4,
			[]string{"ingress all all 0.0.0.0/1", "ingress 255 all 128.0.0.0/1"},
			[]string{"ingress 255 all 128.0.0.0/1, together"},
			[]string{"ingress all all 0.0.0.0/1, together", "ingress 255 all 128.0.0.0/1, together"},
		},
		"not a half for one protocol with halves for the next, or for the other direction": {
			"ingress all all", 1, 4,
			[]string{"ingress tcp 65535 0.0.0.0/1", "ingress 7 all 128.0.0.0/1", "ingress 5 all 128.0.0.0/1", "egress all all 128.0.0.0/1"},
			nil, nil,
		},
		"only the last of four quarters": {
			"ingress tcp 22", 22, 4,
			[]string{"ingress tcp 22 20.0.0.0/23", "ingress tcp 22 20.0.2.0/24", "ingress tcp 22 20.0.4.0/22", "ingress tcp 22 20.0.3.0/24"},
			[]string{"ingress tcp 22 20.0.3.0/24, together"},
			[]string{
				"ingress tcp 22 20.0.0.0/23, together", "ingress tcp 22 20.0.2.0/24, together",
				"ingress tcp 22 20.0.4.0/22, together", "ingress tcp 22 20.0.3.0/24, together",
			},
		},
		"a new /24, and not the permitted /24 beside it": {
			"ingress tcp 22", 24, 4,
			[]string{"ingress tcp 22 20.0.0.0/24", "ingress tcp 22 20.0.1.0/24"},
			[]string{"ingress tcp 22 20.0.1.0/24, together"},
			[]string{"ingress tcp 22 20.0.0.0/24, together", "ingress tcp 22 20.0.1.0/24, together"},
		},
		"a rule that adds to one inside a permitted one": {
			"ingress tcp 22", 24, 4,
			[]string{"ingress tcp 22 20.0.0.0/24", "ingress tcp 22 20.0.0.0/25", "ingress tcp 22 20.0.1.0/25", "ingress tcp 22 20.0.1.128/25"},
			[]string{"ingress tcp 22 20.0.1.128/25, together"},
			[]string{
				"ingress tcp 22 20.0.0.0/24, together", "ingress tcp 22 20.0.0.0/25, together",
				"ingress tcp 22 20.0.1.0/25, together", "ingress tcp 22 20.0.1.128/25, together",
			},
		},
		"the wider rule, and not one inside that came before or after": {
			"ingress tcp 22", 1, 4,
			[]string{"ingress tcp 22 20.0.0.0/24", "ingress tcp 22 0.0.0.0/0", "ingress tcp all 20.0.1.7/32", "ingress tcp 22 0.0.0.0/1"},
			[]string{"ingress tcp 22 0.0.0.0/0"},
			[]string{"ingress tcp 22 20.0.0.0/24, together", "ingress tcp 22 0.0.0.0/0", "ingress tcp all 20.0.1.7/32, together", "ingress tcp 22 0.0.0.0/1, together"},
		},
		"the half that came last though the world went": {
			"ingress tcp 22", 1, 4,
			[]string{"ingress tcp 22 0.0.0.0/0", "ingress tcp 22 0.0.0.0/1", "ingress all all 128.0.0.0/1"},
			[]string{"ingress tcp 22 0.0.0.0/0", "ingress all all 128.0.0.0/1, together"},
			[]string{"ingress tcp 22 0.0.0.0/0", "ingress tcp 22 0.0.0.0/1, together", "ingress all all 128.0.0.0/1, together"},
		},
		"both of two equal rules, or neither": {
			"ingress tcp 22", 24, 4,
			[]string{"ingress tcp 22 20.0.0.0/24", "ingress tcp 22 20.0.0.0/24", "ingress tcp 22 20.0.1.0/24", "ingress tcp 22 20.0.1.0/24"},
			[]string{"ingress tcp 22 20.0.1.0/24, together", "ingress tcp 22 20.0.1.0/24, together"},
			[]string{
				"ingress tcp 22 20.0.0.0/24, together", "ingress tcp 22 20.0.0.0/24, together",
				"ingress tcp 22 20.0.1.0/24, together", "ingress tcp 22 20.0.1.0/24, together",
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules, entries := parse(t, c.rules...), []rule.Forbidden{forbid(t, c.what, c.widest4, c.widest6)}
			if diff := cmp.Diff(c.goes, broken(rules, rule.BreakingInOrder(rules, entries))); diff != "" {
				t.Errorf("in order: %s", diff)
			}
			together := c.together
			if together == nil {
				together = c.goes
			}
			if diff := cmp.Diff(together, broken(rules, rule.BreakingTogether(rules, entries))); diff != "" {
				t.Errorf("together: %s", diff)
			}
		})
	}
}

// A rule that breaks one entry is no partner to later rules for another entry.
func TestTheFirstEntryBrokenIsNamed(t *testing.T) {
	t.Parallel()
	entries := []rule.Forbidden{
		forbid(t, "egress all all", 32, 128),
		forbid(t, "ingress tcp 22", 1, 4),
		forbid(t, "ingress tcp 20-30", 24, 48),
		forbid(t, "ingress tcp 80", 8, 48),
	}
	rules := parse(t,
		"ingress tcp 22 0.0.0.0/0",   // breaks entries 1 and 2
		"ingress tcp 22 20.0.0.0/23", // breaks entry 2
		"ingress tcp all 21.0.0.0/8", // breaks entry 2, and so doesn't count for entry 3
		"ingress tcp 80 20.0.0.0/8",  // would break entry 3 beside that
		"ingress tcp 443 0.0.0.0/0",
	)
	none := (*rule.Break)(nil)
	for name, c := range map[string]struct{ got, want []*rule.Break }{
		"in order": {rule.BreakingInOrder(rules, entries), []*rule.Break{{Entry: 1}, {Entry: 2}, {Entry: 2}, none, none}},
		"together": {rule.BreakingTogether(rules, entries), []*rule.Break{{Entry: 1}, {Entry: 1, Together: true}, {Entry: 1, Together: true}, {Entry: 3, Together: true}, none}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got := rule.BreakingInOrder(rules, nil); !slices.Equal(got, make([]*rule.Break, len(rules))) {
		t.Errorf("no entries, and yet %v", got)
	}
}

func TestOpensWorld(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		rules []string
		opens bool
	}{
		"0.0.0.0/0 does":                                   {[]string{"ingress tcp 22 0.0.0.0/0"}, true},
		"::/0 does":                                        {[]string{"egress 50 all ::/0"}, true},
		"2000::/3 does":                                    {[]string{"ingress tcp 22 2000::/3"}, true},
		"2000::/4 does not":                                {[]string{"ingress tcp 22 2000::/4"}, false},
		"NAT64 does":                                       {[]string{"ingress tcp 22 64:ff9b::/96"}, true},
		"half of NAT64 does not":                           {[]string{"ingress tcp 22 64:ff9b::/97"}, false},
		"half of NAT64 and half of IPv4 do":                {[]string{"ingress tcp 22 64:ff9b::/97", "ingress tcp 22 128.0.0.0/1"}, true},
		"two halves do":                                    {[]string{"ingress tcp 22 0.0.0.0/1", "ingress all all 128.0.0.0/1"}, true},
		"two halves on different ports do not":             {[]string{"ingress tcp 22 0.0.0.0/1", "ingress tcp 23 128.0.0.0/1"}, false},
		"two halves of different protocols do not":         {[]string{"ingress tcp 22 0.0.0.0/1", "ingress udp 22 128.0.0.0/1"}, false},
		"two halves in different directions do not":        {[]string{"ingress tcp 22 0.0.0.0/1", "egress tcp 22 128.0.0.0/1"}, false},
		"half of IPv4 and half of IPv6 do not":             {[]string{"ingress tcp 22 0.0.0.0/1", "ingress tcp 22 2000::/4"}, false},
		"all public IPv4 without class E does":             {[]string{"ingress tcp 22 0.0.0.0/1", "ingress tcp 22 128.0.0.0/2", "ingress tcp 22 192.0.0.0/3"}, true},
		"a class A less does not":                          {[]string{"ingress tcp 22 0.0.0.0/1", "ingress tcp 22 128.0.0.0/2", "ingress tcp 22 192.0.0.0/4"}, false},
		"one address, private addresses and groups do not": {[]string{"ingress all all 20.0.0.1/32", "ingress all all 10.0.0.0/8", "ingress all all sg-0a"}, false},
		"no rules do not":                                  {nil, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := rule.OpensWorld(parse(t, c.rules...)); got != c.opens {
				t.Errorf("opens the world: %v", got)
			}
		})
	}
}

func TestTheGuardrailSaysWhy(t *testing.T) {
	t.Parallel()
	cases := []struct {
		what             string
		widest4, widest6 int
		rule             string
		together         bool
		want             string
	}{
		{
			"ingress tcp 22", 24, 48, "ingress all all 0.0.0.0/0", false,
			"the guardrail permits tcp 22 from public addresses only up to a /24, and 0.0.0.0/0 is wider",
		},
		{
			"ingress tcp 22", 24, 48, "ingress tcp 22 20.0.1.0/24", true,
			"the guardrail permits tcp 22 from public addresses only up to a /24, and 20.0.1.0/24 together with other rules of the group is wider",
		},
		{
			"egress all all", 24, 48, "egress tcp 22 2600::/32", false,
			"the guardrail permits all protocols to public addresses only up to a /48, and 2600::/32 is wider",
		},
		{ // public IPv6 addresses are a /3 in all: forbidding that permits a /4
			"ingress tcp 22", 24, 1, "ingress tcp 22 2000::/3", false,
			"the guardrail permits tcp 22 from public addresses only up to a /4, and 2000::/3 is wider",
		},
		{
			"ingress tcp 22", 24, 48, "ingress tcp 22 64:ff9b::1400:0/112", false,
			"the guardrail permits tcp 22 from public addresses only up to a /24, and 64:ff9b::1400:0/112 (20.0.0.0/16 through NAT64) is wider",
		},
		{
			"ingress tcp 22", 24, 48, "ingress tcp 22 ::/3", false,
			"the guardrail permits tcp 22 from public addresses only up to a /24, and ::/3 (0.0.0.0/0 through NAT64) is wider",
		},
		{
			"ingress tcp 22", 24, 48, "ingress tcp 22 ::/0", false,
			"the guardrail permits tcp 22 from public addresses only up to a /48, and ::/0 is wider",
		},
		{
			"ingress tcp 22", 24, 0, "ingress tcp 22 ::/0", false,
			"the guardrail permits tcp 22 from public addresses only up to a /24, and ::/0 (0.0.0.0/0 through NAT64) is wider",
		},
	}
	for _, c := range cases {
		f, rules := forbid(t, c.what, c.widest4, c.widest6), parse(t, c.rule)
		if diff := cmp.Diff(c.want, f.Reason(rules[0], c.together)); diff != "" {
			t.Errorf("%s: %s", c.rule, diff)
		}
		breaks := rule.BreakingTogether(rules, []rule.Forbidden{f})
		if alone := breaks[0] != nil; alone == c.together {
			t.Errorf("%s breaks the entry by itself: %v", c.rule, alone)
		}
	}
}
