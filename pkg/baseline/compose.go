package baseline

import (
	"cmp"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Described is a rule with its description, as a group has it.
type Described struct {
	Rule        rule.Rule
	Description string
}

// Compose makes the document of a group that permits exactly the given rules.
// The document guards both directions: a direction without a rule has an empty
// list.
// Rules that differ only in their peer share an entry; the order is always the
// same: by protocol, ports, description and peer.
func Compose(groupID, groupName string, rules []Described) *Document {
	d := &Document{Schema: SchemaVersion, GroupID: groupID, GroupName: groupName, Ingress: []Entry{}, Egress: []Entry{}}
	sorted := slices.Clone(rules)
	slices.SortFunc(sorted, func(a, b Described) int {
		return cmp.Or(
			cmp.Compare(a.Rule.Direction, b.Rule.Direction), cmp.Compare(a.Rule.Protocol, b.Rule.Protocol),
			cmp.Compare(a.Rule.Ports.From, b.Rule.Ports.From), cmp.Compare(a.Rule.Ports.To, b.Rule.Ports.To),
			cmp.Compare(a.Description, b.Description), comparePeers(a.Rule.Peer, b.Rule.Peer),
		)
	})
	for _, r := range slices.CompactFunc(sorted, func(a, b Described) bool { return a.Rule == b.Rule }) {
		d.compose(groupID, r)
	}
	return d
}

func comparePeers(a, b rule.Peer) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), a.Prefix.Addr().Compare(b.Prefix.Addr()), cmp.Compare(a.Prefix.Bits(), b.Prefix.Bits()), cmp.Compare(a.ID, b.ID))
}

func (d *Document) compose(groupID string, r Described) {
	e := entryOf(r.Rule, r.Description)
	if r.Rule.Peer == (rule.Peer{Kind: rule.Group, ID: groupID}) {
		e.setPeers(r.Rule.Direction, []string{"self"})
	}
	entries := d.list(r.Rule.Direction)
	if last := len(*entries) - 1; last >= 0 && (*entries)[last].shares(e) {
		(*entries)[last].Sources = append((*entries)[last].Sources, e.Sources...)
		(*entries)[last].Destinations = append((*entries)[last].Destinations, e.Destinations...)
		(*entries)[last].rules = append((*entries)[last].rules, e.rules...)
		return
	}
	*entries = append(*entries, e)
}

func (e Entry) shares(other Entry) bool {
	return e.Protocol == other.Protocol && e.Ports == other.Ports && e.Description == other.Description
}
