package cloudformation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

type resource struct {
	Type       string
	Condition  string
	Properties map[string]any
}

// decode reads a template's resources. Short forms of functions, such as !Ref,
// become the long ones.
func decode(template []byte) (map[string]resource, error) {
	var tree any
	if bytes.HasPrefix(bytes.TrimSpace(template), []byte("{")) {
		if err := json.Unmarshal(template, &tree); err != nil {
			return nil, err
		}
	} else {
		var node yaml.Node
		if err := yaml.Unmarshal(template, &node); err != nil {
			return nil, err
		}
		if len(node.Content) != 1 {
			return nil, errors.New("it is empty")
		}
		var err error
		if tree, err = plain(node.Content[0]); err != nil {
			return nil, err
		}
	}
	root, _ := tree.(map[string]any)
	written, ok := root["Resources"].(map[string]any)
	if !ok {
		return nil, errors.New("it has no Resources")
	}
	resources := map[string]resource{}
	for logical, each := range written {
		fields, ok := each.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("the resource %s is no mapping", logical)
		}
		var r resource
		r.Type, _ = fields["Type"].(string)
		r.Condition, _ = fields["Condition"].(string)
		r.Properties, _ = fields["Properties"].(map[string]any)
		resources[logical] = r
	}
	return resources, nil
}

// plain turns YAML into what JSON would decode to.
func plain(n *yaml.Node) (any, error) {
	content, err := untagged(n)
	short, isShort := strings.CutPrefix(n.Tag, "!")
	if err != nil || !isShort || strings.HasPrefix(short, "!") {
		return content, err
	}
	switch short {
	case "Ref", "Condition":
		return map[string]any{short: content}, nil
	}
	return map[string]any{"Fn::" + short: content}, nil
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
		for _, each := range n.Content {
			v, err := plain(each)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.MappingNode:
		mapping := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			v, err := plain(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			mapping[n.Content[i].Value] = v
		}
		return mapping, nil
	}
	// CloudFormation takes no aliases either (User Guide, "YAML").
	return nil, fmt.Errorf("line %d: YAML that CloudFormation doesn't take, such as an alias", n.Line)
}
