// Package rewrite changes values of a YAML or JSON file where they stand. All
// else of the text stays as people wrote it: comments, order, layout, quotes.
package rewrite

import (
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// Position is where a value begins. Both count from 1; columns are characters.
type Position struct{ Line, Column int }

// Edits are what to change in a file whose root is a mapping.
type Edits struct {
	Values map[Position]string // strings, by where the old ones begin
	Set    map[string]string   // strings, by the field of the root that they are; absent fields stay absent
	Remove []string            // fields of the root
}

// File returns the text with all edits made. Where a part can't be changed in place,
// such as a string over several lines, the error is a *baseline.Error that says where.
func File(data []byte, edits Edits) ([]byte, error) {
	root, err := parse(data)
	if err != nil {
		return nil, err
	}
	e := &editor{source: newSource(data), edits: edits, met: map[Position]bool{}}
	e.values(root)
	e.fields(root)
	for at := range e.edits.Values {
		if !e.met[at] {
			e.problems = append(e.problems, baseline.Problem{Line: at.Line, Column: at.Column, Message: "no string begins here"})
		}
	}
	if len(e.problems) > 0 {
		return nil, &baseline.Error{Problems: e.problems}
	}
	edited := e.source.apply(e.splices)
	// The text was changed by its look; this is what makes it certain.
	got, err := parse(edited)
	if err == nil && !same(root, got) {
		err = errors.New("it says something else then")
	}
	if err != nil {
		return nil, fmt.Errorf("it can't be changed in place, write it more plainly: %w", err)
	}
	return edited, nil
}

func parse(data []byte) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("it is no object")
	}
	if refers(doc.Content[0]) {
		return nil, errors.New("it has aliases, which change with what they refer to: write the values out")
	}
	return doc.Content[0], nil
}

func refers(n *yaml.Node) bool {
	return n.Kind == yaml.AliasNode || slices.ContainsFunc(n.Content, refers)
}

// same compares what two texts say, however they say it.
func same(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || tagOf(a) != tagOf(b) || a.Value != b.Value || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !same(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

// tagOf takes a time for a string, as documents do: JSON has no times.
func tagOf(n *yaml.Node) string {
	if tag := n.ShortTag(); tag != "!!timestamp" {
		return tag
	}
	return "!!str"
}

// editor changes the tree and collects what changes the text likewise.
type editor struct {
	source   source
	edits    Edits
	met      map[Position]bool // of edits.Values
	splices  []splice
	problems []baseline.Problem
}

// values changes the strings below a node whose positions are known.
func (e *editor) values(n *yaml.Node) {
	at := Position{n.Line, n.Column}
	if value, ok := e.edits.Values[at]; ok && n.Kind == yaml.ScalarNode {
		e.met[at] = true
		e.set(n, value)
		return
	}
	for _, child := range n.Content {
		e.values(child)
	}
}

func (e *editor) set(n *yaml.Node, value string) {
	from, to, ok := e.source.extent(n)
	if !ok {
		e.problem(n, "%q can't be changed in place: write it on one line, without tags and anchors", n.Value)
		return
	}
	if value != n.Value {
		e.splices = append(e.splices, splice{from, to, quote(n.Style, value)})
	}
	n.Value, n.Tag = value, "!!str"
}

// fields sets and removes fields of the root.
func (e *editor) fields(root *yaml.Node) {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if value, ok := e.edits.Set[root.Content[i].Value]; ok {
			e.set(root.Content[i+1], value)
		}
	}
	for _, name := range e.edits.Remove {
		e.remove(root, name)
	}
}

func (e *editor) problem(n *yaml.Node, format string, args ...any) {
	e.problems = append(e.problems, baseline.Problem{Line: n.Line, Column: n.Column, Message: fmt.Sprintf(format, args...)})
}
