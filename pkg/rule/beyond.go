package rule

import (
	"net/netip"

	"go4.org/netipx"
)

// OpensPublicBeyond reports whether a prefix holds a public address that none of the
// approved prefixes holds. NAT64 addresses count as the IPv4 addresses that they stand
// for. A prefix that is not valid holds no address.
func OpensPublicBeyond(p netip.Prefix, approved []netip.Prefix) bool {
	for _, part := range beyond(p, approved) {
		if len(publicPrefixes(part)) > 0 {
			return true
		}
	}
	return false
}

// beyond returns the parts of a prefix that lie outside the approved prefixes.
func beyond(p netip.Prefix, approved []netip.Prefix) []netip.Prefix {
	var rest netipx.IPSetBuilder
	rest.AddPrefix(p)
	for _, a := range approved {
		rest.RemovePrefix(a)
	}
	set, err := rest.IPSet()
	if err != nil {
		return []netip.Prefix{p} // only prefixes that are not valid have errors: judge them as if nothing were approved
	}
	return set.Prefixes()
}
