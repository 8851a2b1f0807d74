package deploy_test

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// template is a CloudFormation template as maps, lists and strings; a short-form function such as !Ref X is a call.
type template struct {
	root  map[string]any
	bytes int
}

// call is one of CloudFormation's functions, such as Ref, GetAtt, Sub, with its argument.
type call struct {
	function string
	argument any
}

func parse(t *testing.T, source string) template {
	t.Helper()
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(source), &document); err != nil {
		t.Fatalf("parse the template: %v", err)
	}
	root, ok := value(document.Content[0]).(map[string]any)
	if !ok {
		t.Fatal("the template is not a mapping")
	}
	return template{root: root, bytes: len(source)}
}

func value(node *yaml.Node) any {
	var plain any
	switch node.Kind {
	case yaml.MappingNode:
		mapping := map[string]any{}
		for i := 0; i < len(node.Content); i += 2 {
			mapping[node.Content[i].Value] = value(node.Content[i+1])
		}
		plain = mapping
	case yaml.SequenceNode:
		sequence := []any{}
		for _, item := range node.Content {
			sequence = append(sequence, value(item))
		}
		plain = sequence
	default:
		plain = node.Value
	}
	if strings.HasPrefix(node.Tag, "!") && !strings.HasPrefix(node.Tag, "!!") {
		return call{function: node.Tag[1:], argument: plain}
	}
	return plain
}

func (t template) section(name string) map[string]any {
	section, _ := t.root[name].(map[string]any)
	return section
}

// resources returns the resources of a type by logical id.
func (t template) resources(kind string) map[string]any {
	found := map[string]any{}
	for name, resource := range t.section("Resources") {
		if get(resource, "Type") == kind {
			found[name] = resource
		}
	}
	return found
}

// get follows keys through mappings; nil where one is missing.
func get(from any, keys ...string) any {
	for _, key := range keys {
		mapping, _ := from.(map[string]any)
		from = mapping[key]
	}
	return from
}

// list returns a list's items; a single value stands for a list of it, as in IAM policies. An item that is there under a
// condition, !If [CONDITION, ITEM, !Ref AWS::NoValue], counts as there.
func list(from any) (items []any) {
	switch from := from.(type) {
	case nil:
		return nil
	case []any:
		for _, item := range from {
			items = append(items, present(item))
		}
		return items
	default:
		return []any{present(from)}
	}
}

func present(item any) any {
	if function, ok := item.(call); ok && function.function == "If" {
		if branches, _ := function.argument.([]any); len(branches) == 3 && target(branches[2]) == "AWS::NoValue" {
			return branches[1]
		}
	}
	return item
}

// target returns the logical id that a !Ref or !GetAtt refers to, the text of a !Sub, or a plain text.
func target(from any) string {
	if function, ok := from.(call); ok {
		argument, _ := function.argument.(string)
		if function.function == "GetAtt" {
			argument, _, _ = strings.Cut(argument, ".")
		}
		return argument
	}
	text, _ := from.(string)
	return text
}
