package rule_test

import (
	"net/netip"
	"testing"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

func TestThePublicLengthIsTheRoomThatPublicAddressesNeed(t *testing.T) {
	t.Parallel()
	const none = -1
	cases := map[string]int{
		"0.0.0.0/0":       0,
		"0.0.0.0/1":       1,
		"192.0.0.0/3":     3,
		"224.0.0.0/3":     none,
		"8.0.0.0/6":       6,
		"10.0.0.0/7":      8,
		"10.0.0.0/8":      none,
		"11.0.0.0/8":      8,
		"192.168.0.0/15":  16,
		"192.0.2.0/23":    24,
		"192.0.2.0/24":    none,
		"192.0.2.128/25":  none,
		"192.0.3.0/24":    24,
		"192.0.3.0/25":    25,
		"192.0.3.1/32":    32,
		"::/0":            0,
		"2000::/3":        0,
		"2000::/4":        4,
		"4000::/3":        none,
		"2001:db8::/31":   32,
		"2001:db8::/32":   none,
		"2001:db8::1/128": none,
		"2001:db9::/33":   33,
		"2001:db9::1/128": 128,
		"3fff::/19":       20,
		"3fff::/20":       none,
		"64:ff9b::/96":    none,
	}
	for s, want := range cases {
		length, ok := rule.PublicLength(netip.MustParsePrefix(s))
		if !ok {
			length = none
		}
		if length != want {
			t.Errorf("%s: %d, not %d", s, length, want)
		}
	}
}
