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
	var doc, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	err := decoder.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return node{}, nil
	}
	if err != nil {
		return node{}, &Error{[]Problem{{Message: "not YAML: " + err.Error()}}}
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return node{}, &Error{[]Problem{{Line: more.Line, Column: more.Column, Message: "there is a second document behind ---: write a file for each group"}}}
	}
	n, err := fromYAML(doc.Content[0], 0)
	if err != nil {
		return n, &Error{[]Problem{{Line: n.line, Column: n.column, Message: err.Error()}}}
	}
	return n, nil
}

func fromYAML(y *yaml.Node, depth int) (node, error) {
	n := node{scalar: y.Value, line: y.Line, column: y.Column}
	if depth > maxDepth {
		return n, fmt.Errorf("nested more than %d deep", maxDepth)
	}
	switch y.Kind {
	case yaml.AliasNode:
		return n, errors.New("aliases are not supported: write the value out")
	case yaml.ScalarNode:
		n.kind = scalarKind(y.ShortTag())
		return n, nil
	case yaml.SequenceNode:
		n.kind = list
		for _, item := range y.Content {
			v, err := fromYAML(item, depth+1)
			if err != nil {
				return v, err
			}
			n.items = append(n.items, v)
		}
		return n, nil
	}
	n.kind = object
	for i := 0; i+1 < len(y.Content); i += 2 {
		v, err := fromYAML(y.Content[i+1], depth+1)
		if err != nil {
			return v, err
		}
		n.fields = append(n.fields, field{y.Content[i].Value, v})
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
