package rewrite

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// Tree returns a text that says what change makes of the text's tree. All that change
// leaves alone stays as people wrote it.
//
// change may set the values of scalars, take items out of lists and fields out of
// mappings, and put in new ones, whose nodes have no line: items at the end of a list,
// fields anywhere but first. A part that can't be changed in place is an error.
func Tree(data []byte, change func(root *yaml.Node)) ([]byte, error) {
	before, err := parse(data)
	if err != nil {
		return nil, err
	}
	after, err := parse(data)
	if err != nil {
		return nil, err
	}
	change(after)
	t := &trees{source: newSource(data)}
	t.json = before.Style&yaml.FlowStyle != 0 && len(before.Content) > 0 && before.Content[0].Style == yaml.DoubleQuotedStyle
	t.node(before, after, len(t.source.lines)+1)
	if len(t.problems) > 0 {
		return nil, &baseline.Error{Problems: t.problems}
	}
	edited := t.source.apply(t.splices)
	// The text was changed by its look; this is what makes it certain.
	got, err := parse(edited)
	if err == nil && !same(after, got) {
		err = errors.New("it says something else then")
	}
	if err != nil {
		return nil, fmt.Errorf("it can't be changed in place: %w", err)
	}
	return edited, nil
}

// trees compares two trees of one text and collects what changes the text.
type trees struct {
	source   source
	json     bool
	splices  []splice
	problems []baseline.Problem
}

// part is a field of a mapping, or an item of a list: then both are the item.
type part struct{ head, value *yaml.Node }

func partsOf(n *yaml.Node) []part {
	var parts []part
	for i := 0; i < len(n.Content); i++ {
		p := part{n.Content[i], n.Content[i]}
		if n.Kind == yaml.MappingNode {
			i++
			p.value = n.Content[i]
		}
		parts = append(parts, p)
	}
	return parts
}

func positionOf(n *yaml.Node) Position { return Position{n.Line, n.Column} }

// node changes the text of a node. limit is the line on which what follows begins.
func (t *trees) node(before, after *yaml.Node, limit int) {
	switch {
	case same(before, after):
	case before.Kind != after.Kind:
		t.problem(before, "it becomes another kind of value")
	case before.Kind == yaml.ScalarNode, before.Style&yaml.FlowStyle != 0:
		from, to, ok := t.extent(before)
		text, ok2 := t.flow(before, after)
		if !ok || !ok2 {
			t.problem(before, "it can't be changed in place")
			return
		}
		t.splices = append(t.splices, splice{from, to, text})
	default:
		t.block(before, after, limit)
	}
}

func (t *trees) problem(n *yaml.Node, message string) {
	t.problems = append(t.problems, baseline.Problem{Line: n.Line, Column: n.Column, Message: message})
}

// extent is where a scalar or a node in flow style begins and ends.
func (t *trees) extent(n *yaml.Node) (from, to int, ok bool) {
	if n.Kind == yaml.ScalarNode {
		return t.source.extent(n)
	}
	from, ok = t.source.offset(positionOf(n))
	if !ok || n.Style&yaml.FlowStyle == 0 || from >= len(t.source.text) || !strings.ContainsRune("[{", rune(t.source.text[from])) {
		return 0, 0, false
	}
	to = from + 1
	for _, p := range partsOf(n) {
		if _, to, ok = t.extent(p.value); !ok {
			return 0, 0, false
		}
	}
	to = t.source.skip(to, ",")
	if to >= len(t.source.text) || !strings.ContainsRune("]}", rune(t.source.text[to])) {
		return 0, 0, false
	}
	return from, to + 1, true
}

// skip returns where something else than white space, comments and the given
// delimiters stands.
func (s source) skip(at int, delimiters string) int {
	for at < len(s.text) {
		switch c := s.text[at]; {
		case c == '#' && at > 0 && strings.ContainsRune(" \t\r\n,[{", rune(s.text[at-1])):
			end := strings.IndexByte(s.text[at:], '\n')
			if end < 0 {
				return len(s.text)
			}
			at += end
		case strings.ContainsRune(" \t\r\n"+delimiters, rune(c)):
			at++
		default:
			return at
		}
	}
	return at
}
