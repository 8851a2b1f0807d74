package rule_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Each case lists the rules of a group that break the entry; the group's other
// rules are the twins that don't.
func TestTheGuardrail(t *testing.T) {
	t.Parallel()
	ssh := rule.Forbidden{Direction: rule.Ingress, Protocol: rule.TCP, Ports: rule.Ports{From: 22, To: 22}, WidestV4: 1, WidestV6: 1}
	wide := func(v4, v6 int) rule.Forbidden {
		f := ssh
		f.WidestV4, f.WidestV6 = v4, v6
		return f
	}
	everything := rule.Forbidden{Direction: rule.Ingress, Protocol: rule.All, Ports: rule.AllPorts, WidestV4: 1, WidestV6: 1}
	cases := map[string]struct {
		entry  rule.Forbidden
		group  []string
		breaks []string
	}{
		"the world on the port": {
			ssh,
			[]string{"ingress tcp 22 0.0.0.0/0", "ingress tcp 23 0.0.0.0/0", "egress tcp 22 0.0.0.0/0", "ingress udp 22 0.0.0.0/0"},
			[]string{"ingress tcp 22 0.0.0.0/0"},
		},
		"the IPv6 world in a range around the port": {
			ssh, []string{"ingress tcp 20-30 ::/0", "ingress tcp 23-30 ::/0"}, []string{"ingress tcp 20-30 ::/0"},
		},
		"all protocols hold the port": {
			ssh, []string{"ingress all all 0.0.0.0/0", "ingress all all 10.0.0.0/8"}, []string{"ingress all all 0.0.0.0/0"},
		},
		"two halves of the world are the world": {
			ssh,
			[]string{"ingress tcp 22 0.0.0.0/1", "ingress all all 128.0.0.0/1", "ingress tcp 80 128.0.0.0/1"},
			[]string{"ingress tcp 22 0.0.0.0/1", "ingress all all 128.0.0.0/1"},
		},
		"half the world is not": {ssh, []string{"ingress tcp 22 0.0.0.0/1", "ingress tcp 22 128.0.0.0/2"}, nil},
		"a prefix wider than permitted": {
			wide(24, 48),
			[]string{"ingress tcp 22 198.51.100.0/23", "ingress tcp 22 203.0.113.0/24", "ingress tcp 22 2001:db8::/47", "ingress tcp 22 2001:db8:8::/48"},
			[]string{"ingress tcp 22 198.51.100.0/23", "ingress tcp 22 2001:db8::/47"},
		},
		"private addresses, groups and prefix lists never": {
			wide(24, 48),
			[]string{"ingress tcp 22 10.0.0.0/8", "ingress tcp 22 fd00::/8", "ingress tcp 22 172.16.0.0/12", "ingress tcp 22 sg-0a", "ingress tcp 22 pl-0a"},
			nil,
		},
		"a prefix that is private in part": {
			wide(24, 48), []string{"ingress tcp 22 172.0.0.0/11"}, []string{"ingress tcp 22 172.0.0.0/11"},
		},
		"nothing is too wide for 0": {wide(0, 0), []string{"ingress tcp 22 0.0.0.0/0", "ingress tcp 22 ::/0"}, nil},
		"all protocols meet each": {
			everything,
			[]string{"ingress udp 53 0.0.0.0/0", "ingress 50 all ::/0", "ingress udp 53 0.0.0.0/1"},
			[]string{"ingress udp 53 0.0.0.0/0", "ingress 50 all ::/0"},
		},
		"a rule inside a wider one is innocent": {
			ssh,
			[]string{"ingress tcp 22 0.0.0.0/0", "ingress tcp 22 203.0.113.0/24", "ingress tcp all 198.51.100.7/32", "ingress tcp 22 0.0.0.0/1"},
			[]string{"ingress tcp 22 0.0.0.0/0"},
		},
		"unless it adds up with others when that one is gone": {
			ssh,
			[]string{"ingress tcp 22 0.0.0.0/0", "ingress tcp 22 0.0.0.0/1", "ingress all all 128.0.0.0/1", "ingress tcp 22 203.0.113.0/24"},
			[]string{"ingress tcp 22 0.0.0.0/0", "ingress tcp 22 0.0.0.0/1", "ingress all all 128.0.0.0/1"},
		},
		"unequal parts of the world are the world": {
			ssh,
			[]string{"ingress tcp 22 0.0.0.0/1", "ingress tcp 22 128.0.0.0/2", "ingress tcp 22 192.0.0.0/2", "ingress tcp 22 192.0.0.0/3"},
			[]string{"ingress tcp 22 0.0.0.0/1", "ingress tcp 22 128.0.0.0/2", "ingress tcp 22 192.0.0.0/2"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range rule.Breaking(parse(t, c.group...), c.entry) {
				got = append(got, r.String())
			}
			slices.Sort(got)
			slices.Sort(c.breaks)
			if diff := cmp.Diff(c.breaks, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheGuardrailSaysWhy(t *testing.T) {
	t.Parallel()
	f := rule.Forbidden{Direction: rule.Ingress, Protocol: rule.TCP, Ports: rule.Ports{From: 22, To: 22}, WidestV4: 24, WidestV6: 48}
	rules := parse(t, "ingress all all 0.0.0.0/0", "ingress tcp 22 203.0.113.0/24", "ingress tcp 22 ::/0")
	var got []string
	for _, r := range rules {
		got = append(got, f.Reason(r))
	}
	want := []string{
		"the guardrail permits tcp 22 from public addresses only up to a /24, and this is wider",
		"the guardrail permits tcp 22 from public addresses only up to a /24, and with other rules of the group this is wider",
		"the guardrail permits tcp 22 from public addresses only up to a /48, and this is wider",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
