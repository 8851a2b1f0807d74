package baseline

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// DecodeYAML reads a baseline file, which is YAML or, a part of it, JSON. See
// Decode for the rest.
func DecodeYAML(data []byte, groupID string) (*Document, error) {
	return (&decoder{}).decode(readYAML, data, groupID)
}

func readYAML(data []byte) (node, error) {
	if marks := countMarks(data); marks > maxMarks {
		return node{}, &Error{Problems: []Problem{{Message: fmt.Sprintf("too large: %d items, fields and comments; the most is %d", marks, maxMarks)}}}
	}
	var doc, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	err := decoder.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return node{}, &Error{Problems: []Problem{{Line: 1, Column: 1, Message: "the document is empty"}}}
	}
	if err != nil {
		return node{}, notYAML(data, err)
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return node{}, &Error{Problems: []Problem{{Line: more.Line, Column: more.Column, Message: "there is a second document behind ---: write a file for each document"}}}
	}
	left := maxValues
	n, err := fromYAML(doc.Content[0], 0, &left)
	if err != nil {
		return n, &Error{Problems: []Problem{{Line: int(n.line), Column: int(n.column), Message: err.Error()}}}
	}
	return n, nil
}

// fromYAML makes a node of YAML, as long as values are left.
func fromYAML(y *yaml.Node, depth int, left *int) (node, error) {
	n := node{scalar: y.Value, line: int32(y.Line), column: int32(y.Column)}
	if *left--; *left < 0 {
		return n, fmt.Errorf("too large: more than %d values", maxValues)
	}
	if depth > maxDepth {
		return n, fmt.Errorf("nested more than %d deep", maxDepth)
	}
	switch y.Kind {
	case yaml.AliasNode:
		return n, errors.New("aliases are not supported: write the value out")
	case yaml.ScalarNode:
		n.kind = scalarKind(y.ShortTag())
		return n, nil
	}
	step := 1 // from item to item, or from key to key
	n.kind = list
	if y.Kind == yaml.MappingNode {
		n.kind, step = object, 2
	}
	n.items = make([]node, 0, len(y.Content)/step)
	for i := step - 1; i < len(y.Content); i += step {
		v, err := fromYAML(y.Content[i], depth+1, left)
		if err != nil {
			return v, err
		}
		if n.kind == object {
			v.key = y.Content[i-1].Value
		}
		n.items = append(n.items, v)
	}
	return n, nil
}

func scalarKind(tag string) kind {
	switch tag {
	case "!!null":
		return null
	case "!!bool":
		return boolean
	case "!!int", "!!float":
		return number
	}
	return text
}
