package rule

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A set is sorted, and its ranges neither meet nor touch. It holds, shares and
// lacks what a set of single services does.
func TestProveServiceSetsAgreeWithSetsOfSingleServices(t *testing.T) {
	t.Parallel()
	const most = 20
	genRange := func(t *rapid.T) services {
		from := rapid.Uint32Range(0, most).Draw(t, "from")
		return services{from, rapid.Uint32Range(from, most).Draw(t, "to")}
	}
	rapid.Check(t, func(t *rapid.T) {
		var set serviceSet
		var inSet [most + 1]bool
		for range rapid.IntRange(0, 6).Draw(t, "ranges") {
			added := genRange(t)
			set = set.with(added)
			for i := added.from; i <= added.to; i++ {
				inSet[i] = true
			}
		}
		for i := range len(set) - 1 {
			if set[i].to+1 >= set[i+1].from {
				t.Fatalf("%v meet or touch", set)
			}
		}
		s := genRange(t)
		shared, lacking := slices.Collect(set.shared(s)), slices.Collect(set.lacking(s))
		for i := range uint32(most + 1) {
			inside, at := s.from <= i && i <= s.to, services{i, i}
			if set.meets(at) != inSet[i] || holds(shared, at) != (inside && inSet[i]) || holds(lacking, at) != (inside && !inSet[i]) {
				t.Fatalf("%v shares %v of %v, and lacks %v", set, shared, s, lacking)
			}
		}
		if set.meets(s) != (len(shared) > 0) {
			t.Fatalf("%v meets %v: %v", set, s, set.meets(s))
		}
	})
}

// holds reports whether just one of the ranges has the service.
func holds(ranges []services, at services) bool {
	n := 0
	for _, r := range ranges {
		if _, ok := r.meet(at); ok {
			n++
		}
	}
	return n == 1
}
