package deploy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/cfn"
)

// template is a CloudFormation template as maps, lists and strings; a short-form function such as !Ref X is a call.
type template struct {
	root  map[string]any
	bytes int
}

// call is one of CloudFormation's functions, such as Ref, GetAtt, Sub, with its argument.
type call = cfn.Call

func parse(t *testing.T, source string) template {
	t.Helper()
	decoded, err := cfn.Decode([]byte(source))
	if err != nil {
		t.Fatalf("parse the template: %v", err)
	}
	root, _ := asTexts(map[string]any(decoded)).(map[string]any)
	if root == nil {
		t.Fatal("the template is not a mapping")
	}
	return template{root: root, bytes: len(source)}
}

// asTexts turns numbers and booleans into texts, as CloudFormation does.
func asTexts(from any) any {
	switch from := from.(type) {
	case map[string]any:
		for key, item := range from {
			from[key] = asTexts(item)
		}
	case []any:
		for i, item := range from {
			from[i] = asTexts(item)
		}
	case call:
		return call{Function: from.Function, Argument: asTexts(from.Argument)}
	case nil:
		return ""
	default:
		return fmt.Sprint(from)
	}
	return from
}

func (t template) section(name string) map[string]any {
	section, _ := t.root[name].(map[string]any)
	return section
}

// resources returns the resources of a type by logical id.
func (t template) resources(kind string) map[string]any { return cfn.Template(t.root).Resources(kind) }

// get follows keys through mappings; nil where one is missing.
func get(from any, keys ...string) any { return cfn.Get(from, keys...) }

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
	if function, ok := item.(call); ok && function.Function == "If" {
		if branches, _ := function.Argument.([]any); len(branches) == 3 && target(branches[2]) == "AWS::NoValue" {
			return branches[1]
		}
	}
	return item
}

// target returns the logical id that a !Ref or !GetAtt refers to, the text of a !Sub, or a plain text.
func target(from any) string {
	if function, ok := from.(call); ok {
		argument, _ := function.Argument.(string)
		if function.Function == "GetAtt" {
			argument, _, _ = strings.Cut(argument, ".")
		}
		return argument
	}
	text, _ := from.(string)
	return text
}
