// Package patch makes a baseline file say what a document says, with as few changes to
// the text as can be: comments and layout of all that stays the same are kept.
package patch

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sgwarden/sgwarden/deploy/baseline/merge"
	"github.com/sgwarden/sgwarden/deploy/baseline/rewrite"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// File returns the text of a file that says what doc says. The error is one of text
// that can't be changed in place; the file then has to be written anew.
func File(data []byte, doc *baseline.Document) ([]byte, error) {
	have, err := yamlfile.Decode(data, doc.GroupID)
	if err != nil {
		return nil, err
	}
	p := &patch{have: have, want: merge.ContentOf(doc), groupID: doc.GroupID, byRule: map[rule.Rule][]merge.Item{}}
	p.sorted = p.want.Sorted()
	for _, i := range p.sorted {
		p.byRule[i.Rule] = append(p.byRule[i.Rule], i)
	}
	edited, err := rewrite.Tree(data, p.change)
	if err != nil {
		return nil, err
	}
	got, err := yamlfile.Decode(edited, doc.GroupID)
	if err == nil && !merge.ContentOf(got).Same(p.want) {
		err = errors.New("the text says something else then")
	}
	if err != nil {
		return nil, fmt.Errorf("change the text in place: %w", err)
	}
	return edited, nil
}

// patch changes the tree of a file.
type patch struct {
	have    *baseline.Document // what the file says, entry by entry as in the tree
	want    merge.Content
	sorted  []merge.Item // that are wanted
	byRule  map[rule.Rule][]merge.Item
	groupID string
	given   map[merge.Item]bool // what the changed tree says so far
	lists   []*list
}

// list is one of the lists of a file.
type list struct {
	node    *yaml.Node
	entries []*entry
}

// entry is an item of a list, with what the item permits.
type entry struct {
	node  *yaml.Node
	items []merge.Item // one a peer, in the peers' order
}

func (p *patch) change(root *yaml.Node) {
	p.settings(root)
	p.given = map[merge.Item]bool{}
	for _, l := range []struct {
		key     string
		entries []entry
	}{{"ingress", entriesOf(p.have.Ingress)}, {"egress", entriesOf(p.have.Egress)}, {"exceptions", exceptionsOf(p.have.Exceptions)}} {
		if node := field(root, l.key); node != nil {
			p.reduce(node, l.entries)
		}
	}
	p.add(root)
}

func entriesOf(entries []baseline.Entry) []entry {
	var all []entry
	for _, e := range entries {
		all = append(all, entry{items: itemsOf(e, merge.Terms{Description: e.Description})})
	}
	return all
}

func exceptionsOf(exceptions []baseline.Exception) []entry {
	var all []entry
	for _, e := range exceptions {
		all = append(all, entry{items: itemsOf(e.Entry, merge.TermsOf(e))})
	}
	return all
}

func itemsOf(e baseline.Entry, terms merge.Terms) []merge.Item {
	var items []merge.Item
	for _, r := range e.Rules() {
		items = append(items, merge.Item{Rule: r, Terms: terms})
	}
	return items
}

// HasComments reports whether a text has comments, which a file written anew loses.
func HasComments(data []byte) bool {
	return strings.Contains("\n"+string(data), "\n#") || strings.Contains(string(data), " #")
}
