package baseline

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// stricter is traffic for which another breadth holds.
type stricter struct {
	traffic       traffic
	before, after breadth
}

// strictness compares what two lists of entries forbid, traffic by traffic, since
// entries overlap:
//
//	before       |---------- all tcp ----------|
//	after             |-- 22 --|
//	allowed now  |---|          |--------------|
func strictness(before, after []rule.Forbidden) []stricter {
	var all []stricter
	entries := slices.Concat(before, after)
	for _, direction := range []rule.Direction{rule.Ingress, rule.Egress} {
		others := compareAt(before, after, traffic{direction: direction, protocol: rule.All, ports: rule.AllPorts})
		var exceptions []stricter
		var names []string
		for _, p := range protocolsOf(entries, direction) {
			parts := comparePorts(before, after, direction, p)
			isLikeOthers := len(parts) == 1 && parts[0].before == others.before && parts[0].after == others.after
			if isLikeOthers && parts[0].traffic.ports == rule.AllPorts {
				continue
			}
			names = append(names, p.String())
			for _, part := range parts {
				if part.before != part.after {
					exceptions = append(exceptions, part)
				}
			}
		}
		if others.before != others.after {
			others.traffic.but = strings.Join(names, " and ")
			all = append(all, others)
		}
		all = append(all, exceptions...)
	}
	return all
}

// ForbidsLess reports whether new entries of a guardrail allow something that the old
// ones forbade.
func ForbidsLess(before, after []rule.Forbidden) bool {
	return slices.ContainsFunc(strictness(before, after), func(s stricter) bool {
		return s.after.v4 < s.before.v4 || s.after.v6 < s.before.v6
	})
}

// comparePorts compares all ports of one protocol. Neighbours of which the same
// holds are one.
func comparePorts(before, after []rule.Forbidden, direction rule.Direction, p rule.Protocol) []stricter {
	starts := []int{0}
	for _, f := range slices.Concat(before, after) {
		if f.Direction == direction && f.Protocol == p {
			starts = append(starts, int(f.Ports.From), int(f.Ports.To)+1)
		}
	}
	slices.Sort(starts)
	starts = slices.Compact(starts)
	var parts []stricter
	for i, from := range starts {
		to := int(rule.AllPorts.To)
		if i+1 < len(starts) {
			to = starts[i+1] - 1
		}
		if from > to {
			continue
		}
		part := compareAt(before, after, traffic{direction: direction, protocol: p, ports: rule.Ports{From: uint16(from), To: uint16(to)}})
		last := len(parts) - 1
		if last >= 0 && parts[last].before == part.before && parts[last].after == part.after {
			parts[last].traffic.ports.To = part.traffic.ports.To
			continue
		}
		parts = append(parts, part)
	}
	return parts
}

func compareAt(before, after []rule.Forbidden, t traffic) stricter {
	return stricter{t, strictest(before, t), strictest(after, t)}
}

// strictest is what all entries together say of traffic of which each entry forbids
// all or nothing.
func strictest(entries []rule.Forbidden, t traffic) breadth {
	var w breadth
	for _, f := range entries {
		meets := f.Protocol == rule.All || f.Protocol == t.protocol && f.Ports.From <= t.ports.From && t.ports.To <= f.Ports.To
		if f.Direction == t.direction && meets {
			of := widestOf(f)
			w = breadth{max(w.v4, of.v4), max(w.v6, of.v6)}
		}
	}
	return w
}

func protocolsOf(entries []rule.Forbidden, direction rule.Direction) []rule.Protocol {
	var protocols []rule.Protocol
	for _, f := range entries {
		if f.Direction == direction && f.Protocol != rule.All {
			protocols = append(protocols, f.Protocol)
		}
	}
	slices.SortFunc(protocols, func(a, b rule.Protocol) int { return cmp.Compare(a, b) })
	return slices.Compact(protocols)
}
