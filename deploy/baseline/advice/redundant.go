package advice

import (
	"fmt"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// owned is a rule with the index of the entry that it is of.
type owned struct {
	rule.Rule
	entry int
}

// redundant finds what the rest permits already: for standing entries the other
// standing ones, for exceptions those and exceptions that last as long. All of
// what it finds can be removed at once.
func (s *subject) redundant() []Hint {
	var permanent, exceptional []owned
	for i, e := range s.entries {
		for _, r := range e.Rules() {
			if e.exception == nil {
				permanent = append(permanent, owned{r, i})
			} else {
				exceptional = append(exceptional, owned{r, i})
			}
		}
	}
	match := s.doc.Matching()
	redundant := prune(&permanent, func(r owned, rest []owned) bool { return oneCovers(rest, r.Rule, match) })
	redundant = append(redundant, prune(&permanent, func(r owned, rest []owned) bool { return compile(rest).Permits(r.Rule, match) })...)
	redundant = append(redundant, prune(&exceptional, func(r owned, rest []owned) bool {
		lasting := slices.DeleteFunc(rest, func(other owned) bool {
			return s.entries[other.entry].exception.Expires.Before(s.entries[r.entry].exception.Expires)
		})
		return compile(slices.Concat(permanent, lasting)).Permits(r.Rule, match)
	})...)
	return s.redundantHints(redundant, compile(slices.Concat(permanent, exceptional)))
}

// prune removes the rules that the rest covers, the last first, and returns
// them. covered is given those of the rest that the rule meets.
func prune(rules *[]owned, covered func(r owned, rest []owned) bool) []owned {
	var redundant []owned
	kept := slices.Clone(*rules)
	for i := len(kept) - 1; i >= 0; i-- {
		r := kept[i]
		var rest []owned
		for j, other := range kept {
			if j != i && meet(other.Rule, r.Rule) {
				rest = append(rest, other)
			}
		}
		if covered(r, rest) {
			redundant = append(redundant, r)
			kept = slices.Delete(kept, i, i+1)
		}
	}
	*rules = kept
	return redundant
}

// meet reports whether a rule may have a part in permitting another. Addresses
// that make up the whole world permit any group and prefix list.
func meet(a, r rule.Rule) bool {
	if a.Peer.Kind == rule.CIDR && r.Peer.Kind != rule.CIDR {
		a.Peer = r.Peer
	}
	return rule.Overlap(a, r)
}

func compile(rules []owned) *rule.Set {
	plain := make([]rule.Rule, len(rules))
	for i, r := range rules {
		plain[i] = r.Rule
	}
	return rule.Compile(plain)
}

func oneCovers(rest []owned, r rule.Rule, match rule.Match) bool {
	return slices.ContainsFunc(rest, func(other owned) bool { return compile([]owned{other}).Permits(r, match) })
}

// redundantHints makes one hint for each entry.
func (s *subject) redundantHints(redundant []owned, kept *rule.Set) []Hint {
	slices.Reverse(redundant) // in the document's order
	byEntry := map[int][]rule.Rule{}
	for _, r := range redundant {
		byEntry[r.entry] = append(byEntry[r.entry], r.Rule)
	}
	var hints []Hint
	for i, e := range s.entries {
		about := byEntry[i]
		if len(about) == 0 {
			continue
		}
		remove := "remove the entry"
		if len(about) < len(e.Rules()) {
			remove = "remove " + map[bool]string{true: "it", false: "them"}[len(about) == 1]
		}
		hints = append(hints, e.hint("redundant", fmt.Sprintf("%s: %s already: %s", trafficText(about), kept.Reason(about[0], s.doc.Matching()), remove)))
	}
	return hints
}
