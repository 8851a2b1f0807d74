package picture

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// internet is the key of the internet's node.
const internet = "internet"

// builder collects nodes and what connects them.
type builder struct {
	now    time.Time
	groups map[string]Group
	rules  map[string][]drawn // by group
	nodes  []Node
	at     map[string]int // of nodes, by key
	pairs  map[pair]*sides
}

// pair is a direction in which traffic goes.
type pair struct{ from, to string }

// sides are the rules for a pair: those of the group that receives, and those of the
// group that sends.
type sides struct{ ingress, egress []drawn }

func newBuilder(groups []Group, now time.Time) *builder {
	b := &builder{now: now, groups: map[string]Group{}, rules: map[string][]drawn{}, at: map[string]int{}, pairs: map[pair]*sides{}}
	for _, g := range groups {
		if g.isList() {
			continue
		}
		b.groups[g.ID], b.rules[g.ID] = g, g.drawn(now)
		b.node(Node{Key: g.ID, Kind: Grouped, Name: groupName(g), Notes: notesOn(g)})
	}
	for _, g := range groups {
		if g.isList() {
			b.groups[g.ID] = g
		}
	}
	return b
}

// groupName is the name for people; name:web stands for the group called web.
func groupName(g Group) string {
	if name, isName := baseline.Name(g.ID); isName {
		return name
	}
	return g.Name
}

// notesOn says what the picture can't show of a group.
func notesOn(g Group) []string {
	var notes []string
	switch {
	case !g.HasBaseline:
		notes = append(notes, "no baseline")
	default:
		for _, d := range []rule.Direction{rule.Ingress, rule.Egress} {
			if !slices.Contains(g.Guarded, d) {
				notes = append(notes, d.String()+" not guarded")
			}
		}
	}
	return append(notes, g.Remarks...)
}

func (b *builder) node(n Node) {
	if _, there := b.at[n.Key]; !there {
		b.at[n.Key] = len(b.nodes)
		b.nodes = append(b.nodes, n)
	}
}

// connect takes up the rules of all groups.
func (b *builder) connect() {
	for _, n := range slices.Clone(b.nodes) {
		all := b.rules[n.Key]
		wide := internetRules(all)
		for _, d := range all {
			peer := b.peer(d, wide[d.Rule])
			way := pair{peer, n.Key}
			if d.Direction == rule.Egress {
				way = pair{n.Key, peer}
			}
			s := b.pairs[way]
			if s == nil {
				s = &sides{}
				b.pairs[way] = s
			}
			if d.Direction == rule.Egress {
				s.egress = append(s.egress, d)
			} else {
				s.ingress = append(s.ingress, d)
			}
		}
	}
}

// peer returns the key of a rule's other end, whose node it makes where need be.
func (b *builder) peer(d drawn, isInternet bool) string {
	n := Node{Key: d.Peer.String()}
	switch {
	case isInternet:
		n = Node{Key: internet, Kind: Internet, Name: "Internet"}
	case d.Peer.Kind == rule.CIDR:
		n.Kind, n.Notes = Addresses, []string{"no public address"}
		if rule.OpensPublicBeyond(d.Peer.Prefix, nil) {
			n.Notes = []string{"public addresses"}
		}
	case d.Peer.Kind == rule.PrefixList:
		n.Kind, n.Name, n.Notes = PrefixList, b.groups[n.Key].Name, []string{"prefix list"}
	case d.owner != "":
		n.Kind, n.Notes = Other, []string{"group of account " + d.owner}
	default:
		n.Kind, n.Notes = Other, []string{"group outside the picture"}
		if name, isName := baseline.Name(n.Key); isName {
			n.Name = name
		}
	}
	b.node(n)
	return n.Key
}

// Rules reach the internet where they open more public addresses than one organisation
// has. IANA gave out IPv4 in pieces of a /8 (IANA IPv4 address space registry); the
// largest pieces of IPv6 that one network has are a /19 (RIPE NCC's and APNIC's lists of
// allocations). Which addresses are public, and how wide prefixes are together, is as in the
// guardrail: a private range is not the internet, and neither is one public address.
const (
	widestV4 = 8
	widestV6 = 19
)

// internetRules returns those of a group's rules that reach the internet, alone or
// together with others of the group.
func internetRules(all []drawn) map[rule.Rule]bool {
	wide := map[rule.Rule]bool{}
	for _, direction := range []rule.Direction{rule.Ingress, rule.Egress} {
		var rules []rule.Rule
		for _, d := range all {
			if d.Direction == direction {
				rules = append(rules, d.Rule)
			}
		}
		anything := rule.Forbidden{Direction: direction, Protocol: rule.All, Ports: rule.AllPorts, WidestV4: widestV4, WidestV6: widestV6}
		for i, broken := range rule.BreakingTogether(rules, []rule.Forbidden{anything}) {
			wide[rules[i]] = broken != nil
		}
	}
	return wide
}

func compareRules(a, b rule.Rule) int {
	return cmp.Or(
		cmp.Compare(a.Direction, b.Direction), cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Ports.From, b.Ports.From), cmp.Compare(a.Ports.To, b.Ports.To),
		cmp.Compare(a.Peer.Kind, b.Peer.Kind), a.Peer.Prefix.Addr().Compare(b.Peer.Prefix.Addr()), cmp.Compare(a.Peer.Prefix.Bits(), b.Peer.Prefix.Bits()),
		strings.Compare(a.Peer.ID, b.Peer.ID),
	)
}
