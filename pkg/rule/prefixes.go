package rule

import (
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// prefixTable maps prefixes of one address family to the ports on which every
// address of the prefix is permitted, by the prefix itself, by one around it or
// by several inside it that make it up. A prefix that isn't in the table is
// permitted what the nearest one around it is.
type prefixTable struct {
	ports   map[netip.Prefix]portSet
	lengths []int // the prefix lengths present, longest first
}

// newPrefixTable first joins halves upwards (two /25 make a /24), then hands
// down what wider prefixes permit.
func newPrefixTable(ranges map[netip.Prefix][]Ports) prefixTable {
	t := prefixTable{ports: make(map[netip.Prefix]portSet, len(ranges))}
	levels := make([][]netip.Prefix, 129)
	for prefix, r := range ranges {
		t.ports[prefix] = newPortSet(r...)
		levels[prefix.Bits()] = append(levels[prefix.Bits()], prefix)
	}
	for bits := len(levels) - 1; bits > 0; bits-- {
		for _, prefix := range levels[bits] {
			if parent, isNew := t.join(prefix); isNew {
				levels[bits-1] = append(levels[bits-1], parent)
			}
		}
	}
	for bits, prefixes := range levels {
		if len(prefixes) == 0 {
			continue
		}
		for _, prefix := range prefixes {
			t.ports[prefix] = t.ports[prefix].union(t.above(prefix))
		}
		t.lengths = slices.Insert(t.lengths, 0, bits)
	}
	return t
}

// join gives the parent of a prefix what both of its halves are permitted.
func (t prefixTable) join(prefix netip.Prefix) (parent netip.Prefix, isNew bool) {
	parent = netip.PrefixFrom(prefix.Addr(), prefix.Bits()-1).Masked()
	lower := netip.PrefixFrom(parent.Addr(), prefix.Bits())
	if prefix != lower {
		return parent, false
	}
	upper := netip.PrefixFrom(netipx.RangeOfPrefix(lower).To().Next(), prefix.Bits())
	both := t.ports[lower].intersect(t.ports[upper])
	if len(both) == 0 {
		return parent, false
	}
	own, known := t.ports[parent]
	t.ports[parent] = own.union(both)
	return parent, !known
}

func (t prefixTable) above(prefix netip.Prefix) portSet {
	if prefix.Bits() == 0 {
		return nil
	}
	return t.lookup(netip.PrefixFrom(prefix.Addr(), prefix.Bits()-1).Masked())
}

// lookup returns the ports on which all of the prefix is permitted. It does not
// allocate, and its time grows with the number of prefix lengths (at most 33
// for IPv4, 129 for IPv6), not of prefixes.
func (t prefixTable) lookup(prefix netip.Prefix) portSet {
	for _, bits := range t.lengths {
		if bits > prefix.Bits() {
			continue
		}
		around := netip.PrefixFrom(prefix.Addr(), bits).Masked()
		if ports, ok := t.ports[around]; ok {
			return ports
		}
	}
	return nil
}
