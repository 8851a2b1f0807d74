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
	p := b.passage(way, d)
	like := likeness{way, p.State, p.Until, p.oneSide}
	e := found[like]
	if e == nil {
		e = &Edge{From: way.from, To: way.to, State: p.State, OneSide: p.oneSide}
		if !p.Until.IsZero() {
			e.Until = &p.Until
		}
		found[like] = e
	}
	e.Rules = append(e.Rules, d.line(owner))
	e.traffic = append(e.traffic, p.traffic...)
}

// passage is what passes by a rule.
type passage struct {
	Mark
	traffic []rule.Rule
	oneSide string // which side alone permits it, so that nothing passes
}

// passage returns what passes by a rule. Where the rules of the other side are known,
// that is what these permit, too. A line is no better than what the other side has for it:
// with a violating rule alone on that side, it is violating.
func (b *builder) passage(way pair, d drawn) passage {
	own, other, direction := way.to, way.from, rule.Egress
	if d.Direction == rule.Egress {
		own, other, direction = other, own, rule.Ingress
	}
	alone := passage{Mark: d.Mark, traffic: []rule.Rule{d.Rule}}
	g, isGroup := b.groups[other]
	if !isGroup || g.isList() || !g.knows(direction) || !d.carries() {
		return alone
	}
	p := passage{}
	for _, theirs := range b.rules[other] {
		how := endpoint{kind: Grouped, id: own}.matches(theirs.Peer)
		if theirs.Direction != direction || !theirs.carries() || how == no {
			continue
		}
		if both := shared(d.Rule, theirs.Rule); len(both) > 0 {
			if p.traffic == nil || worse(p.Mark, theirs.Mark) {
				p.Mark = theirs.Mark
			}
			p.traffic = append(p.traffic, both...)
		}
	}
	if p.traffic == nil {
		alone.oneSide = "only " + d.Direction.String() + " permits this"
		return alone
	}
	if worse(d.Mark, p.Mark) {
		p.Mark = d.Mark
	}
	if d.State == Violating || d.State == Ending {
		p.traffic = alone.traffic // what the rule itself opens is to be seen
	}
	return p
}

// badness is the order of states of rules that carry traffic, the best first. A rule that nobody
// guards is no worse than one that the other side permits.
var badness = []State{Unguarded, Permitted, Ending, Violating}

// worse reports whether one mark is worse than another. What ends sooner is.
func worse(a, b Mark) bool {
	return cmp.Or(cmp.Compare(slices.Index(badness, a.State), slices.Index(badness, b.State)), b.Until.Compare(a.Until)) > 0
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
