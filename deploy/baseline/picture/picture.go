package picture

import (
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Most is how many groups one picture shows readably.
const Most = 40

// Options say how to draw.
type Options struct {
	// GroupBy puts groups together into boxes: by "vpc", or by the value of a tag, as in
	// "tag:team". Empty: only more than Most groups are put together, by VPC.
	GroupBy string
}

// Kind is what a node stands for.
type Kind string

// The kinds of nodes.
const (
	Internet   Kind = "internet"   // public addresses, more than one organisation has
	Addresses  Kind = "addresses"  // a CIDR that is not the internet
	PrefixList Kind = "prefixList" //
	Grouped    Kind = "group"      // a group of the picture
	Other      Kind = "other"      // a group that rules name and that is not of the picture
	Box        Kind = "box"        // several groups together
)

// Node is one end of edges.
type Node struct {
	Key  string `json:"key"` // an id, a CIDR, or internet
	Kind Kind   `json:"kind"`
	Name string `json:"name,omitempty"`
	// Notes are what people have to know of the node, a line each.
	Notes []string `json:"notes,omitempty"`
	// Distance counts the steps from the internet; -1: no step leads there.
	Distance int `json:"distance"`
	// Groups are the ids of the groups in a box.
	Groups []string `json:"groups,omitempty"`

	asides []string // what a picture writes into the node instead of edges
}

// Edge says what one node may send to another.
type Edge struct {
	From  string     `json:"from"`
	To    string     `json:"to"`
	State State      `json:"state"`
	Until *time.Time `json:"until,omitempty"` // of an ending one
	Ports string     `json:"ports"`           // such as "tcp 80, 443; udp 53"
	// OneSide says which side alone permits the traffic, so that none passes: empty where
	// both do, or where only one side is known.
	OneSide string `json:"oneSide,omitempty"`
	Rules   []Line `json:"rules"`

	traffic []rule.Rule // ports, one rule each
	aside   bool        // a picture writes it into the node where it begins
}

// Line is a rule, whose it is, and what it is.
type Line struct {
	GroupID string     `json:"groupId"`
	Rule    string     `json:"rule"`
	State   State      `json:"state"`
	Until   *time.Time `json:"until,omitempty"`
	Says    string     `json:"says,omitempty"`
}

func (d drawn) line(groupID string) Line {
	l := Line{GroupID: groupID, Rule: d.String(), State: d.State, Says: d.Says}
	if !d.Until.IsZero() {
		l.Until = &d.Until
	}
	return l
}

// Picture is what there is to draw. Nodes are in the order of their distance from the
// internet.
type Picture struct {
	Nodes []Node `json:"nodes"`
	Edges []Edge `json:"edges"`
	// Note says how groups were put together, empty where they were not.
	Note string `json:"note,omitempty"`

	now    time.Time
	groups []Group
}

// New makes the picture of some groups at a time.
func New(groups []Group, now time.Time, o Options) Picture {
	b := newBuilder(groups, now)
	b.connect()
	p := Picture{Nodes: b.nodes, Edges: b.edges(), now: now, groups: groups}
	p = p.folded(o)
	p.measure()
	p.setAside()
	return p
}

// Drifts reports whether something is violating or missing, or permitted by the grace
// alone.
func (p Picture) Drifts() bool {
	return slices.ContainsFunc(p.groups, func(g Group) bool {
		for _, mark := range g.Marks {
			if mark.State == Violating || mark.State == Missing || mark.Grace {
				return true
			}
		}
		return false
	})
}
