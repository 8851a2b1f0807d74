// Package cfn reads CloudFormation templates, JSON or YAML, and works out what their functions come to.
//
// A template is a tree of maps, lists, texts, numbers and booleans. A function in it, in its short or its long form, is a
// Call.
package cfn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Call is a function of CloudFormation with its argument. !Sub x and {"Fn::Sub": "x"} are both Call{"Sub", "x"}.
type Call struct {
	Function string
	Argument any
}

// Name is how the function is called in its long form.
func (c Call) Name() string {
	if c.Function == "Ref" || c.Function == "Condition" {
		return c.Function
	}
	return "Fn::" + c.Function
}

// MarshalYAML writes the long form.
func (c Call) MarshalYAML() (any, error) {
	argument := c.Argument
	if text, isText := argument.(string); isText && c.Function == "GetAtt" {
		argument = strings.SplitN(text, ".", 2) // the long form takes no text in JSON, nor does moto in YAML
	}
	return map[string]any{c.Name(): argument}, nil
}

// Template is a template's sections by their names.
type Template map[string]any

// Decode reads a template. Its error is that the text is neither JSON nor YAML of the kind that CloudFormation takes.
func Decode(text []byte) (Template, error) {
	tree, err := decode(text)
	if err != nil {
		return nil, err
	}
	sections, _ := tree.(map[string]any)
	return sections, nil
}

func decode(text []byte) (any, error) {
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		var tree any
		if err := json.Unmarshal(text, &tree); err == nil {
			return withCalls(tree), nil
		} // else a flow mapping of YAML, or neither
	}
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil {
		return nil, err
	}
	if len(node.Content) != 1 {
		return nil, errors.New("it is empty")
	}
	return value(node.Content[0])
}

// withCalls turns the functions in what was read from JSON into calls.
func withCalls(tree any) any {
	switch tree := tree.(type) {
	case []any:
		for i := range tree {
			tree[i] = withCalls(tree[i])
		}
	case map[string]any:
		for name := range tree {
			tree[name] = withCalls(tree[name])
		}
		return callIn(tree)
	}
	return tree
}

// callIn is the call that a mapping is in the long form, or else the mapping. {Condition: NAME} stays: it may be a
// resource with a condition and nothing else.
func callIn(mapping map[string]any) any {
	if len(mapping) == 1 {
		for name, argument := range mapping {
			if inner, long := strings.CutPrefix(name, "Fn::"); long || name == "Ref" {
				return Call{inner, argument}
			}
		}
	}
	return mapping
}

func value(n *yaml.Node) (any, error) {
	plain, err := untagged(n)
	if function, isShort := strings.CutPrefix(n.Tag, "!"); isShort && !strings.HasPrefix(function, "!") {
		return Call{function, plain}, err
	}
	return plain, err
}

func untagged(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.ScalarNode:
		if strings.HasPrefix(n.Tag, "!!") && n.Tag != "!!timestamp" {
			var v any
			return v, n.Decode(&v)
		}
		return n.Value, nil
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			v, err := value(item)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.MappingNode:
		mapping := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			v, err := value(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			mapping[n.Content[i].Value] = v
		}
		return callIn(mapping), nil
	}
	// CloudFormation takes no aliases either (User Guide, "YAML").
	return nil, fmt.Errorf("line %d: YAML that CloudFormation doesn't take, such as an alias", n.Line)
}

// Section returns a section's items by their names, nil where there is no such section.
func (t Template) Section(name string) map[string]any {
	section, _ := t[name].(map[string]any)
	return section
}

// Resources returns the resources of a type by their logical ids.
func (t Template) Resources(kind string) map[string]any {
	found := map[string]any{}
	for logical, resource := range t.Section("Resources") {
		if Get(resource, "Type") == kind {
			found[logical] = resource
		}
	}
	return found
}

// Get follows keys through mappings. It returns nil where one is missing.
func Get(from any, keys ...string) any {
	for _, key := range keys {
		mapping, _ := from.(map[string]any)
		from = mapping[key]
	}
	return from
}
