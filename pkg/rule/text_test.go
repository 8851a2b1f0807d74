package rule_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

func TestRuleTextReadsBack(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"ingress tcp 22 0.0.0.0/0", "egress all all sg-0bbb", "ingress icmp 8 10.0.0.0/8", "ingress tcp 8000-8080 pl-0ccc",
		"ingress icmp 3/4 10.0.0.0/8", "ingress icmpv6 all ::/0", "egress 50 all 2001:db8::/32", "ingress udp all sg-0a",
		"ingress icmp 255/255 10.0.0.0/8", "ingress tcp 0 10.0.0.0/8", "egress 0 all 10.0.0.0/8",
	} {
		r, err := rule.Parse(text)
		if err != nil {
			t.Error(err)
		} else if diff := cmp.Diff(text, r.String()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestRuleTextErrorsPointAtTheWrongWord(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text string
		word int
		want string
	}{
		"nothing at all":                 {"", 1, "missing"},
		"no peer":                        {"ingress tcp 22", 4, "missing"},
		"a word too many":                {"ingress tcp 22 10.0.0.0/8 please", 5, "please"},
		"an unknown direction":           {"inbound tcp 22 10.0.0.0/8", 1, "inbound"},
		"an unknown protocol":            {"ingress tpc 22 10.0.0.0/8", 2, "tpc"},
		"a protocol number beyond 255":   {"ingress 256 all 10.0.0.0/8", 2, "256"},
		"a port beyond 65535":            {"ingress tcp 65536 10.0.0.0/8", 3, "65536"},
		"a range turned round":           {"ingress tcp 90-80 10.0.0.0/8", 3, "90-80"},
		"a port with a leading zero":     {"ingress tcp 022 10.0.0.0/8", 3, "022"},
		"ports for all protocols":        {"ingress all 8080 10.0.0.0/8", 3, "no ports"},
		"ports for a protocol of none":   {"ingress 50 22 10.0.0.0/8", 3, "no ports"},
		"an ICMP type beyond 255":        {"ingress icmp 256 10.0.0.0/8", 3, "256"},
		"an ICMP range":                  {"ingress icmp 3-4 10.0.0.0/8", 3, "3-4"},
		"host bits":                      {"ingress tcp 22 10.0.0.5/24", 4, "10.0.0.0/24"},
		"an IPv4-mapped IPv6 prefix":     {"ingress tcp 22 ::ffff:10.0.0.0/104", 4, "IPv4-mapped"},
		"an address without a length":    {"ingress tcp 22 10.0.0.1", 4, "10.0.0.1"},
		"a group id with a foreign sign": {"ingress tcp 22 sg-0a!", 4, "sg-0a!"},
		"an empty prefix list id":        {"ingress tcp 22 pl-", 4, "pl-"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := rule.Parse(c.text)
			var wrong *rule.TextError
			if !errors.As(err, &wrong) {
				t.Fatalf("got %v, want a TextError", err)
			}
			if wrong.Word != c.word || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got word %d: %v; want word %d and %q", wrong.Word, err, c.word, c.want)
			}
		})
	}
}
