// Package yamlfile reads and writes the files of documents: YAML or, a part of it, JSON.
// The functions read JSON from Parameter Store alone, and don't link a parser of YAML.
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

var format = baseline.NewFormat(read)

// Decode reads a baseline file. See baseline.Decode for the rest.
func Decode(data []byte, groupID string) (*baseline.Document, error) {
	return format.Decode(data, groupID)
}

// DecodeWithNames reads a baseline file in which groups may be named. See
// baseline.Format.DecodeWithNames.
func DecodeWithNames(data []byte, change func(baseline.Reference) (string, error)) (*baseline.Document, error) {
	return format.DecodeWithNames(data, change)
}

// DecodeGuardrail reads the file of a guardrail. See baseline.DecodeGuardrail for the
// rest.
func DecodeGuardrail(data []byte) (*baseline.Guardrail, error) { return format.DecodeGuardrail(data) }

// DecodeApproval reads the file of an approval before the approval is written to SSM: at
// is now. An approval that would have ended already is a problem. See
// baseline.DecodeApproval for the rest.
func DecodeApproval(data []byte, name string, at time.Time) (*baseline.Approval, error) {
	return format.DecodeApproval(data, name, at)
}

// DecodePause reads the file of a pause before the pause is written to SSM: at is now. A
// pause that would have ended already is a problem. See baseline.DecodePause for the rest.
func DecodePause(data []byte, at time.Time) (*baseline.Pause, error) {
	return format.DecodePause(data, at)
}

// DecodeTrust reads the file of trusted principals. See baseline.DecodeTrust for the rest.
func DecodeTrust(data []byte) (*baseline.Trust, error) { return format.DecodeTrust(data) }

// DecodePrefixList reads the file of a prefix list's approved entries, of the list with
// an id if one is given. See baseline.DecodePrefixList for the rest.
func DecodePrefixList(data []byte, id string) (*baseline.PrefixList, error) {
	return format.DecodePrefixList(data, id)
}

// KindOf returns what kind of document a file holds. See baseline.Format.KindOf.
func KindOf(data []byte) baseline.Kind { return format.KindOf(data) }

func read(data []byte) (baseline.Node, error) {
	if marks := CountMarks(data); marks > MaxMarks {
		return baseline.Node{}, baseline.Refuse(0, 0, fmt.Sprintf("too large: %d items, fields and comments; the most is %d", marks, MaxMarks))
	}
	var doc, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	err := decoder.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return baseline.Node{}, baseline.Refuse(1, 1, "the document is empty")
	}
	if err != nil {
		return baseline.Node{}, notYAML(data, err)
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return baseline.Node{}, baseline.Refuse(more.Line, more.Column, "there is a second document behind ---: write a file for each document")
	}
	left := baseline.MaxValues
	return nodeOf(doc.Content[0], 0, &left)
}

// nodeOf makes a node of YAML, as long as values are left.
func nodeOf(y *yaml.Node, depth int, left *int) (baseline.Node, error) {
	refuse := func(format string, args ...any) (baseline.Node, error) {
		return baseline.Node{}, baseline.Refuse(y.Line, y.Column, fmt.Sprintf(format, args...))
	}
	if *left--; *left < 0 {
		return refuse("too large: more than %d values", baseline.MaxValues)
	}
	if depth > baseline.MaxDepth {
		return refuse("nested more than %d deep", baseline.MaxDepth)
	}
	switch y.Kind {
	case yaml.AliasNode:
		return refuse("aliases are not supported: write the value out")
	case yaml.ScalarNode:
		return baseline.NewNode(scalarKind(y.ShortTag()), y.Value, y.Line, y.Column), nil
	}
	step, kind := 1, baseline.NodeList // from item to item, or from key to key
	if y.Kind == yaml.MappingNode {
		step, kind = 2, baseline.NodeObject
	}
	n := baseline.NewNode(kind, y.Value, y.Line, y.Column)
	n.Grow(len(y.Content) / step)
	for i := step - 1; i < len(y.Content); i += step {
		child, err := nodeOf(y.Content[i], depth+1, left)
		if err != nil {
			return child, err
		}
		key := ""
		if kind == baseline.NodeObject {
			key = y.Content[i-1].Value
		}
		n.Append(key, child)
	}
	return n, nil
}

func scalarKind(tag string) baseline.NodeKind {
	switch tag {
	case "!!null":
		return baseline.NodeNull
	case "!!bool":
		return baseline.NodeBoolean
	case "!!int", "!!float":
		return baseline.NodeNumber
	}
	return baseline.NodeText
}
