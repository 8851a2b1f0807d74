package patch

import (
	"go.yaml.in/yaml/v3"

	"github.com/sgwarden/sgwarden/deploy/baseline/merge"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// reduce takes out of a list what is not wanted, and changes the terms of entries all
// of whose rules get the same others.
func (p *patch) reduce(node *yaml.Node, entries []entry) {
	l := &list{node: node}
	if len(node.Content) != len(entries) { // a file that decodes has them side by side
		return
	}
	for i := range entries {
		e := &entries[i]
		e.node = node.Content[i]
		p.renew(e)
		p.removePeers(e)
		if len(e.items) > 0 {
			l.entries = append(l.entries, e)
		}
	}
	node.Content = nil
	for _, e := range l.entries {
		node.Content = append(node.Content, e.node)
	}
	p.lists = append(p.lists, l)
}

// renew gives an entry other terms, where none of its rules stays under the old ones.
func (p *patch) renew(e *entry) {
	var terms *merge.Terms
	for _, old := range e.items {
		if p.want.Items[old] {
			return
		}
		for _, i := range p.missing(old) {
			if terms == nil {
				terms = &i.Terms
			}
		}
	}
	if terms == nil {
		return
	}
	for i := range e.items {
		e.items[i].Terms = *terms
	}
	setText(e.node, "description", terms.Description)
	if terms.Expires != "" {
		setTime(e.node, "expires", terms.Expires)
		setText(e.node, "reason", terms.Reason)
		setText(e.node, "approvedBy", terms.ApprovedBy)
	}
}

// missing returns what is wanted of an item's rule in the same list, and not given yet.
func (p *patch) missing(old merge.Item) []merge.Item {
	var found []merge.Item
	for _, i := range p.byRule[old.Rule] {
		if (i.Terms.Expires == "") == (old.Terms.Expires == "") && !p.given[i] {
			found = append(found, i)
		}
	}
	return found
}

// removePeers takes out the peers of an entry whose rules are not wanted.
func (p *patch) removePeers(e *entry) {
	peers := field(e.node, peersKey(e.items[0].Rule.Direction))
	var items []merge.Item
	var nodes []*yaml.Node
	for i, item := range e.items {
		if p.want.Items[item] {
			p.given[item] = true
			items, nodes = append(items, item), append(nodes, peers.Content[i])
		}
	}
	e.items, peers.Content = items, nodes
}

// add puts in what is wanted and not there: peers of entries that fit, or new entries.
func (p *patch) add(root *yaml.Node) {
	for _, i := range p.sorted {
		if p.given[i] {
			continue
		}
		p.given[i] = true
		l := p.list(root, i)
		fitting := l.fitting(i)
		if fitting == nil {
			fitting = &entry{node: entryNode(i)}
			l.node.Content = append(l.node.Content, fitting.node)
			l.entries = append(l.entries, fitting)
		}
		fitting.items = append(fitting.items, i)
		peers := field(fitting.node, peersKey(i.Rule.Direction))
		peers.Content = append(peers.Content, text(merge.PeerText(i.Rule.Peer, p.groupID)))
	}
}

// fitting returns an entry that an item can join as one peer more.
func (l *list) fitting(i merge.Item) *entry {
	for _, e := range l.entries {
		if e.items[0].Shares(i) {
			return e
		}
	}
	return nil
}

// list returns the list that an item belongs to, which may be new.
func (p *patch) list(root *yaml.Node, i merge.Item) *list {
	key := i.Rule.Direction.String()
	if i.Terms.Expires != "" {
		key = "exceptions"
	}
	node := field(root, key)
	if node == nil {
		node = &yaml.Node{Kind: yaml.SequenceNode}
		insertField(root, key, node)
	}
	for _, l := range p.lists {
		if l.node == node {
			return l
		}
	}
	l := &list{node: node}
	p.lists = append(p.lists, l)
	return l
}

func peersKey(direction rule.Direction) string {
	if direction == rule.Egress {
		return "destinations"
	}
	return "sources"
}
