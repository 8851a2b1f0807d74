package rule

import (
	"iter"
	"math"
	"slices"
	"sort"
)

// services is a range of services. A service is a direction, a protocol and a
// port in one number, so that comparing ranges of numbers compares all three:
//
//	number   0x01_01_0800     0x01_06_0016     0x02_06_0016
//	means    ingress icmp 8   ingress tcp 22   egress tcp 22
//
//	| ... icmp ... | ... tcp ... | ... 255 | ... icmp ... | ... tcp ... | ... 255 |
//	|------------- ingress all ------------|------------- egress all -------------|
//
// A rule for one protocol is a part of its protocol's range. A rule for all
// protocols is the whole range of its direction. So a rule for all protocols
// counts for each of them, and rules for two single protocols never meet.
type services struct{ from, to uint32 }

func servicesOf(d Direction, p Protocol, ports Ports) services {
	first := uint32(d) << 24
	if p == All {
		return services{first, first | 0xffffff}
	}
	first |= uint32(p) << 16
	return services{first | uint32(ports.From), first | uint32(ports.To)}
}

// meet returns the services that two ranges share.
func (s services) meet(other services) (shared services, ok bool) {
	shared = services{max(s.from, other.from), min(s.to, other.to)}
	return shared, shared.from <= shared.to
}

// serviceSet is a union of ranges: sorted, disjoint, not adjacent.
type serviceSet []services

var allServices = serviceSet{{0, math.MaxUint32}}

// search returns the index of the first range that ends at the service or later.
func (set serviceSet) search(service uint32) int {
	return sort.Search(len(set), func(i int) bool { return set[i].to >= service })
}

func (set serviceSet) meets(s services) bool {
	i := set.search(s.from)
	return i < len(set) && set[i].from <= s.to
}

// shared yields the parts of s that the set holds.
func (set serviceSet) shared(s services) iter.Seq[services] {
	return func(yield func(services) bool) {
		for i := set.search(s.from); i < len(set); i++ {
			part, ok := set[i].meet(s)
			if !ok || !yield(part) {
				return
			}
		}
	}
}

// lacking yields the parts of s that the set does not hold.
func (set serviceSet) lacking(s services) iter.Seq[services] {
	return func(yield func(services) bool) {
		next := s.from
		for member := range set.shared(s) {
			if member.from > next && !yield(services{next, member.from - 1}) {
				return
			}
			next = member.to + 1
		}
		if next <= s.to {
			yield(services{next, s.to})
		}
	}
}

// with returns the set with the range added. It reuses the set's memory.
func (set serviceSet) with(s services) serviceSet {
	// From i to j are the ranges that meet s or touch it.
	i := sort.Search(len(set), func(i int) bool { return set[i].to+1 >= s.from })
	j := i
	for ; j < len(set) && set[j].from <= s.to+1; j++ {
		s = services{min(s.from, set[j].from), max(s.to, set[j].to)}
	}
	return slices.Replace(set, i, j, s)
}
