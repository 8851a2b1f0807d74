package rule

import (
	"fmt"
	"slices"
	"strings"
)

// maxListed bounds how many rules or ranges a reason lists.
const maxListed = 3

// Reason says for a person why the set permits the rule or doesn't: which rules
// permit it, or what exceeds them. It is one short line, and the same for the
// same set and rule.
func (s *Set) Reason(r Rule, match Match) string {
	permitting := s.permitting(r)
	switch {
	case match == Exact && s.Permits(r, Exact):
		return "permitted by " + r.String()
	case match == Exact && len(permitting) > 0:
		return fmt.Sprintf("%s would cover it, but the baseline asks for exact matches and none is %s", list(permitting, Rule.String), r)
	case len(permitting) > 0:
		return "permitted by " + list(permitting, Rule.String)
	}
	return s.excess(r)
}

// permitting returns a small list of rules that together permit r: one if one
// suffices, else the overlapping ones that can't be spared. It is empty if r is
// not permitted.
func (s *Set) permitting(r Rule) []Rule {
	if !s.Permits(r, Covered) {
		return nil
	}
	var helping []Rule
	for _, a := range s.rules {
		if shared, ok := intersect(a, r); ok && shared == r {
			return []Rule{a}
		}
		if s.contributes(a, r) {
			helping = append(helping, a)
		}
	}
	return withoutRedundant(helping, r)
}

// contributes reports whether rule a of the set permits some of what r does. The
// rules that make up 0.0.0.0/0 and ::/0 permit any group and prefix list too.
func (s *Set) contributes(a, r Rule) bool {
	if a.Peer.Kind != CIDR || r.Peer.Kind == CIDR {
		return Overlap(a, r)
	}
	a.Peer = r.Peer
	shared, ok := intersect(a, r)
	sp := s.space(shared)
	return ok && sp != nil && len(sp.anyone.intersect(portSet{shared.Ports})) > 0
}

// withoutRedundant leaves out what the others make superfluous. Beyond a few rules the
// reason names only the first ones, so exactness is not worth its time.
func withoutRedundant(rules []Rule, r Rule) []Rule {
	const worthIt = 16
	if len(rules) > worthIt {
		return rules
	}
	for i := len(rules) - 1; i >= 0; i-- {
		rest := slices.Delete(slices.Clone(rules), i, i+1)
		if Compile(rest).Permits(r, Covered) {
			rules = rest
		}
	}
	return rules
}

// excess says what of a rule that is not permitted goes beyond the set.
func (s *Set) excess(r Rule) string {
	full := s.permittedPorts(r)
	permitted, beyond := full.intersect(portSet{r.Ports}), full.without(r.Ports)
	if len(permitted) > 0 {
		portText := func(p Ports) string { return PortsText(r.Protocol, p) }
		return fmt.Sprintf("%s is permitted on %s only; %s %s not", r.Peer, list(permitted, portText),
			list(beyond, portText), isOrAre(beyond))
	}
	var partly []Rule
	for _, a := range s.rules {
		if s.contributes(a, r) {
			partly = append(partly, a)
		}
	}
	if len(partly) > 0 {
		return fmt.Sprintf("only part of %s is permitted, by %s", r.traffic(), list(partly, Rule.String))
	}
	return "no baseline rule permits " + r.traffic()
}

// traffic describes what a rule lets through, e.g. "tcp 22 from 0.0.0.0/0".
func (r Rule) traffic() string { return r.opening() + " " + r.Peer.String() }

// opening is traffic without the peer.
func (r Rule) opening() string {
	preposition := "from"
	if r.Direction == Egress {
		preposition = "to"
	}
	switch {
	case r.Protocol.HasPorts():
		return fmt.Sprintf("%s %s %s", r.Protocol, PortsText(r.Protocol, r.Ports), preposition)
	case r.Protocol == All:
		return "all protocols " + preposition
	}
	return fmt.Sprintf("protocol %s %s", r.Protocol, preposition)
}

// list joins the first few of many: "a", "a and b", "a, b and c", "a, b, c and 4 more".
func list[T any](items []T, text func(T) string) string {
	words := make([]string, 0, maxListed+1)
	for i, item := range items {
		if i == maxListed && len(items) > maxListed+1 {
			words = append(words, fmt.Sprintf("%d more", len(items)-i))
			break
		}
		words = append(words, text(item))
	}
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

func isOrAre(ranges portSet) string {
	if len(ranges) == 1 && ranges[0].From == ranges[0].To {
		return "is"
	}
	return "are"
}
