package flowlog

import (
	"net/netip"
	"slices"
)

// prefixSet holds addresses in a bounded number of prefixes: sorted, disjoint, all of one IP version. Where there are
// too many, the two closest become the narrowest prefix that holds both.
type prefixSet []netip.Prefix

func compareAddr(p netip.Prefix, a netip.Addr) int { return p.Addr().Compare(a) }

func (s prefixSet) contains(a netip.Addr) bool {
	i, exact := slices.BinarySearchFunc(s, a, compareAddr)
	return exact || i > 0 && s[i-1].Contains(a)
}

// add adds a prefix and keeps the set to a number of prefixes.
func (s prefixSet) add(p netip.Prefix, most int) prefixSet {
	i, exact := slices.BinarySearchFunc(s, p.Addr(), compareAddr)
	switch {
	case exact && s[i].Bits() <= p.Bits(), i > 0 && s[i-1].Contains(p.Addr()):
		return s
	}
	end := i
	for end < len(s) && p.Contains(s[end].Addr()) {
		end++
	}
	return slices.Replace(s, i, end, p).reduce(most)
}

// reduce merges the closest prefixes until there are at most so many.
func (s prefixSet) reduce(most int) prefixSet {
	for len(s) > most {
		at, best := 0, netip.Prefix{}
		for i := range len(s) - 1 {
			if both := common(s[i], s[i+1]); !best.IsValid() || both.Bits() > best.Bits() {
				at, best = i, both
			}
		}
		end := at
		for end < len(s) && best.Contains(s[end].Addr()) {
			end++
		}
		s = slices.Replace(s, at, end, best)
	}
	return s
}

// joined returns the set with all pairs of halves put together, which adds no address.
func (s prefixSet) joined() prefixSet {
	joined := slices.Clone(s)
	for i := 0; i+1 < len(joined); {
		a, b := joined[i], joined[i+1]
		both := common(a, b)
		if a.Bits() != b.Bits() || both.Bits() != a.Bits()-1 {
			i++
			continue
		}
		joined = slices.Replace(joined, i, i+2, both)
		i = max(i-1, 0)
	}
	return joined
}

// common returns the narrowest prefix that holds both.
func common(a, b netip.Prefix) netip.Prefix {
	bits := min(a.Bits(), b.Bits())
	for {
		p := netip.PrefixFrom(a.Addr(), bits).Masked()
		if p.Contains(b.Addr()) {
			return p
		}
		bits--
	}
}

func (s prefixSet) union(other prefixSet, most int) prefixSet {
	for _, p := range other {
		s = s.add(p, most)
	}
	return s
}

// size returns how many addresses the set has.
func (s prefixSet) size() float64 {
	var n float64
	for _, p := range s {
		n += addresses(p)
	}
	return n
}
