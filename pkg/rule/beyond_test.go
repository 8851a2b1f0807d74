package rule_test

import (
	"net/netip"
	"testing"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

func TestPublicAddressesBeyondTheApprovedOnesAreFound(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		prefix   string
		approved []string
		want     bool
	}{
		"the world, and nothing approved":                          {"0.0.0.0/0", nil, true},
		"the world, which is approved":                             {"0.0.0.0/0", []string{"0.0.0.0/0"}, false},
		"the world, half of which is approved":                     {"0.0.0.0/0", []string{"0.0.0.0/1"}, true},
		"the world, both halves of which are approved":             {"0.0.0.0/0", []string{"0.0.0.0/1", "128.0.0.0/1"}, false},
		"private addresses":                                        {"10.0.0.0/8", nil, false},
		"private addresses and the public ones beside them":        {"10.0.0.0/7", nil, true},
		"private addresses, the public ones beside them approved":  {"10.0.0.0/7", []string{"11.0.0.0/8"}, false},
		"one public address":                                       {"20.0.0.1/32", nil, true},
		"one public address of an approved block":                  {"20.0.0.1/32", []string{"20.0.0.0/24"}, false},
		"all public IPv6":                                          {"2000::/3", nil, true},
		"all IPv6, the public part of which is approved":           {"::/0", []string{"2000::/3"}, true}, // NAT64 is left
		"all IPv6, the public part and NAT64 of which is approved": {"::/0", []string{"2000::/3", "64:ff9b::/96"}, false},
		"unique local IPv6":                                        {"fd00::/8", nil, false},
		"a public IPv4 address through NAT64":                      {"64:ff9b::1400:1/128", nil, true},
		"a private IPv4 address through NAT64":                     {"64:ff9b::a00:1/128", nil, false},
		"another family":                                           {"0.0.0.0/0", []string{"::/0"}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var approved []netip.Prefix
			for _, a := range c.approved {
				approved = append(approved, netip.MustParsePrefix(a))
			}
			if got := rule.OpensPublicBeyond(netip.MustParsePrefix(c.prefix), approved); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
