package picture

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// likeness is what the rules of one edge have in common.
type likeness struct {
	pair
	state   State
	until   time.Time
	oneSide string
}

// edges returns what connects the nodes: an edge for each likeness.
func (b *builder) edges() []Edge {
	found := map[likeness]*Edge{}
	for _, way := range slices.SortedFunc(maps.Keys(b.pairs), comparePairs) {
		s := b.pairs[way]
		for _, d := range s.ingress {
			b.addEdge(found, way, way.to, d)
		}
		for _, d := range s.egress {
			b.addEdge(found, way, way.from, d)
		}
	}
	all := make([]Edge, 0, len(found))
	for _, e := range found {
		e.Ports = portsText(e.traffic)
		all = append(all, *e)
	}
	slices.SortFunc(all, compareEdges)
	return all
}

// addEdge adds a rule of the group owner to the edge that it belongs to.
func (b *builder) addEdge(found map[likeness]*Edge, way pair, owner string, d drawn) {
	traffic, oneSide := b.traffic(way, d)
	like := likeness{way, d.State, d.Until, oneSide}
	e := found[like]
	if e == nil {
		e = &Edge{From: way.from, To: way.to, State: d.State, OneSide: oneSide}
		if !d.Until.IsZero() {
			e.Until = &d.Until
		}
		found[like] = e
	}
	e.Rules = append(e.Rules, d.line(owner))
	e.traffic = append(e.traffic, traffic...)
}

// traffic returns what passes by a rule. Where the rules of the other side are known,
// that is what these permit, too; oneSide says that they permit nothing of it.
func (b *builder) traffic(way pair, d drawn) (passing []rule.Rule, oneSide string) {
	other, direction := way.from, rule.Egress
	if d.Direction == rule.Egress {
		other, direction = way.to, rule.Ingress
	}
	g, isGroup := b.groups[other]
	if !isGroup || g.isList() || !g.knows(direction) || !d.carries() {
		return []rule.Rule{d.Rule}, ""
	}
	own := way.to
	if d.Direction == rule.Egress {
		own = way.from
	}
	for _, theirs := range b.rules[other] {
		if theirs.Direction != direction || !theirs.carries() {
			continue
		}
		if how := (endpoint{kind: Grouped, id: own}).matches(theirs.Peer); how != no {
			passing = append(passing, shared(d.Rule, theirs.Rule)...)
		}
	}
	if len(passing) == 0 {
		return []rule.Rule{d.Rule}, "only " + d.Direction.String() + " permits this"
	}
	return passing, ""
}

// shared returns what two rules permit of one kind of traffic, whatever their directions
// and peers are. There is one rule at most.
func shared(a, b rule.Rule) []rule.Rule {
	b.Direction, b.Peer = a.Direction, a.Peer
	return rule.Compile([]rule.Rule{b}).Shared(a)
}

func comparePairs(a, b pair) int {
	return cmp.Or(strings.Compare(a.from, b.from), strings.Compare(a.to, b.to))
}

// order is the order of states in a list: the usual first.
var order = []State{Permitted, Unguarded, Ending, Violating, Missing}

func compareEdges(a, b Edge) int {
	until := func(e Edge) time.Time {
		if e.Until == nil {
			return time.Time{}
		}
		return *e.Until
	}
	return cmp.Or(
		comparePairs(pair{a.From, a.To}, pair{b.From, b.To}), cmp.Compare(slices.Index(order, a.State), slices.Index(order, b.State)),
		until(a).Compare(until(b)), strings.Compare(a.OneSide, b.OneSide),
	)
}
