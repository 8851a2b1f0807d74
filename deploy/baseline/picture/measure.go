package picture

import (
	"cmp"
	"slices"
	"strings"
)

// measure counts the steps from the internet to each node, and puts nodes and edges
// in that order. What only one side permits is no step, and neither is what is missing.
func (p *Picture) measure() {
	next := map[string][]string{}
	for _, e := range p.Edges {
		if e.State != Missing && e.OneSide == "" {
			next[e.From] = append(next[e.From], e.To)
		}
	}
	distance := map[string]int{internet: 0}
	for queue := []string{internet}; len(queue) > 0; queue = queue[1:] {
		for _, to := range next[queue[0]] {
			if _, seen := distance[to]; !seen {
				distance[to] = distance[queue[0]] + 1
				queue = append(queue, to)
			}
		}
	}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		var reached bool
		if n.Distance, reached = distance[n.Key]; !reached {
			n.Distance = unreached
		}
	}
	slices.SortStableFunc(p.Nodes, func(a, b Node) int {
		return cmp.Or(cmp.Compare(uint(a.Distance), uint(b.Distance)), strings.Compare(a.label(), b.label()), strings.Compare(a.Key, b.Key))
	})
	position := map[string]int{}
	for i, n := range p.Nodes {
		position[n.Key] = i
	}
	slices.SortStableFunc(p.Edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(position[a.From], position[b.From]), cmp.Compare(position[a.To], position[b.To]))
	})
}

// unreached is the distance of what no step from the internet leads to. As an unsigned
// number it is the largest, so that these nodes come last.
const unreached = -1
