package rule

import (
	"math/bits"
	"net/netip"
)

// family knows which addresses of one IP version are public.
type family struct {
	all   netip.Prefix   // holds every public address
	holes []netip.Prefix // lie inside all, don't overlap, and are not public
	// grain is the length of the longest hole. A prefix of that length is public
	// as a whole or not at all, so that counting grains counts addresses.
	grain int
	total uint64 // grains that are public
}

// What is not public is listed as not globally reachable in IANA's IPv4 and IPv6
// special-purpose address registries, or is multicast, or is reserved. Outside
// 2000::/3, IANA has allocated no global unicast addresses (RFC 4291, IANA's IPv6
// address space registry).
var (
	ipv4 = newFamily("0.0.0.0/0",
		"0.0.0.0/8",       // "this network"
		"10.0.0.0/8",      // private
		"100.64.0.0/10",   // shared, behind a provider's NAT
		"127.0.0.0/8",     // loopback
		"169.254.0.0/16",  // link-local
		"172.16.0.0/12",   // private
		"192.0.0.0/24",    // IETF protocol assignments
		"192.0.2.0/24",    // documentation
		"192.168.0.0/16",  // private
		"198.18.0.0/15",   // benchmarking
		"198.51.100.0/24", // documentation
		"203.0.113.0/24",  // documentation
		"224.0.0.0/4",     // multicast, class D
		"240.0.0.0/4",     // reserved, class E
	)
	ipv6 = newFamily("2000::/3",
		"2001:db8::/32", // documentation
		"3fff::/20",     // documentation
	)
)

func newFamily(all string, holes ...string) *family {
	f := &family{all: netip.MustParsePrefix(all)}
	for _, s := range holes {
		hole := netip.MustParsePrefix(s)
		f.holes = append(f.holes, hole)
		f.grain = max(f.grain, hole.Bits())
	}
	f.total = f.count(f.all)
	return f
}

func familyOf(p netip.Prefix) *family {
	if p.Addr().Is4() {
		return ipv4
	}
	return ipv6
}

// count returns how many public grains a prefix holds. A prefix inside a single
// grain counts as that grain.
func (f *family) count(p netip.Prefix) uint64 {
	switch {
	case !p.Overlaps(f.all):
		return 0
	case p.Bits() < f.all.Bits():
		p = f.all
	case p.Bits() > f.grain:
		p = netip.PrefixFrom(p.Addr(), f.grain)
	}
	n := f.grains(p)
	for _, hole := range f.holes {
		if !hole.Overlaps(p) {
			continue
		}
		if hole.Bits() <= p.Bits() {
			return 0
		}
		n -= f.grains(hole)
	}
	return n
}

// grains returns how many grains a prefix holds, public or not. A grain is 32
// bits at most, so that the number fits.
func (f *family) grains(p netip.Prefix) uint64 { return 1 << (f.grain - p.Bits()) }

// publicLength returns the length of the narrowest prefix that has room for all
// public addresses of p. It returns 0 where p holds all public addresses of the
// family, and false where p holds none. So a prefix is wider than a /n, as the
// guardrail means it, exactly when its public length is less than n:
//
//	prefix         public addresses in it        room for them   public length
//	11.0.0.0/8     11.0.0.0/8                    a /8            8
//	10.0.0.0/7     11.0.0.0/8                    a /8            8
//	8.0.0.0/6      8.0.0.0/7 and 11.0.0.0/8      a /6            6
//	192.0.2.0/23   192.0.3.0/24                  a /24           24
//	192.0.3.0/25   192.0.3.0/25                  a /25           25
//	2000::/3       all of IPv6                                   0
func (f *family) publicLength(p netip.Prefix) (length int, ok bool) {
	n := f.count(p)
	switch {
	case n == 0:
		return 0, false
	case n == f.total:
		return 0, true
	case p.Bits() > f.grain:
		return p.Bits(), true
	}
	return f.grain - bits.Len64(n-1), true
}

// nat64 is the well-known prefix for IPv4 addresses behind a NAT64 gateway (RFC
// 6052). The last 32 bits of an address in it are the IPv4 address.
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// publicPrefixes returns the prefixes that a rule for p opens, those without a
// public address left out:
//
//	20.0.1.0/24             20.0.1.0/24
//	64:ff9b::1400:100/120   20.0.1.0/24, which it stands for
//	64:ff9b::/96            0.0.0.0/0
//	::/0                    ::/0 and 0.0.0.0/0
//	10.0.0.0/8              none
func publicPrefixes(p netip.Prefix) []netip.Prefix {
	var public []netip.Prefix
	if _, ok := familyOf(p).publicLength(p); ok {
		public = append(public, p)
	}
	if behind, ok := throughNAT64(p); ok {
		if _, ok := ipv4.publicLength(behind); ok {
			public = append(public, behind)
		}
	}
	return public
}

// throughNAT64 returns the IPv4 addresses that NAT64 addresses of an IPv6 prefix
// stand for.
func throughNAT64(p netip.Prefix) (behind netip.Prefix, ok bool) {
	if !p.Overlaps(nat64) {
		return netip.Prefix{}, false
	}
	if p.Bits() <= nat64.Bits() {
		return worldV4, true
	}
	address := p.Addr().As16()
	return netip.PrefixFrom(netip.AddrFrom4([4]byte(address[12:])), p.Bits()-nat64.Bits()), true
}
