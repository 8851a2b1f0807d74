package rule

import (
	"cmp"
	"slices"
	"sort"
)

// portSet is a union of ranges: sorted, disjoint, not adjacent.
type portSet []Ports

func newPortSet(ranges ...Ports) portSet {
	sorted := slices.Clone(ranges)
	slices.SortFunc(sorted, func(a, b Ports) int { return cmp.Compare(a.From, b.From) })
	merged := sorted[:0]
	for _, r := range sorted {
		last := len(merged) - 1
		if last >= 0 && int(r.From) <= int(merged[last].To)+1 {
			merged[last].To = max(merged[last].To, r.To)
			continue
		}
		merged = append(merged, r)
	}
	return portSet(merged)
}

// contains reports whether one range of the set holds all of r. Ranges are not
// adjacent, so no two of them could hold it together. It does not allocate.
func (s portSet) contains(r Ports) bool {
	i := sort.Search(len(s), func(i int) bool { return s[i].To >= r.To })
	return i < len(s) && s[i].From <= r.From
}

func (s portSet) containsSet(other portSet) bool {
	for _, r := range other {
		if !s.contains(r) {
			return false
		}
	}
	return true
}

func (s portSet) union(other portSet) portSet {
	switch {
	case s.containsSet(other):
		return s
	case other.containsSet(s):
		return other
	}
	return newPortSet(slices.Concat(s, other)...)
}

func (s portSet) intersect(other portSet) portSet {
	var both portSet
	for i, j := 0, 0; i < len(s) && j < len(other); {
		from, to := max(s[i].From, other[j].From), min(s[i].To, other[j].To)
		if from <= to {
			both = append(both, Ports{from, to})
		}
		if s[i].To < other[j].To {
			i++
		} else {
			j++
		}
	}
	return both
}

// without returns what of r the set does not hold.
func (s portSet) without(r Ports) portSet {
	var rest portSet
	next := int(r.From)
	for _, member := range s {
		if int(member.To) < next {
			continue
		}
		if member.From > r.To {
			break
		}
		if int(member.From) > next {
			rest = append(rest, Ports{uint16(next), member.From - 1})
		}
		next = int(member.To) + 1
	}
	if next <= int(r.To) {
		rest = append(rest, Ports{uint16(next), r.To})
	}
	return rest
}
