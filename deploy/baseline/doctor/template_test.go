package doctor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/cfn"
)

// expectationOf reads a template.
func expectationOf(text []byte) (expectation, error) {
	template, err := cfn.Decode(text)
	if err != nil {
		return expectation{}, fmt.Errorf("read the template: %w", err)
	}
	root := plain(map[string]any(template)).(map[string]any)
	e := expectation{Rules: map[string]string{}, Patterns: map[string]any{}, Conditions: root["Conditions"].(map[string]any)}
	resources := root["Resources"].(map[string]any)
	for _, logical := range slices.Sorted(maps.Keys(resources)) {
		resource := resources[logical].(map[string]any)
		properties, _ := resource["Properties"].(map[string]any)
		switch resource["Type"] {
		case "AWS::Events::Rule":
			target := properties["Targets"].([]any)[0].(map[string]any)["Arn"]
			e.Rules[logical], _, _ = strings.Cut(strings.Trim(written(target), "${}"), ".")
			if pattern, is := properties["EventPattern"]; is {
				e.Patterns[logical] = asText(pattern)
			}
		case "AWS::IAM::Policy":
			var when []string
			if condition, is := resource["Condition"].(string); is {
				when = append(when, condition)
			}
			e.addGrants(properties, when)
		}
	}
	return e, nil
}

// addGrants adds what a policy permits, each time with the conditions on which that depends.
func (e *expectation) addGrants(policy map[string]any, when []string) {
	for _, statement := range policy["PolicyDocument"].(map[string]any)["Statement"].([]any) {
		for _, way := range ways(conditionsIn(statement), when) {
			s, is := resolved(statement, way).(map[string]any)
			if !is || s["Effect"] != "Allow" {
				continue
			}
			g := grant{Sid: s["Sid"].(string), When: way}
			for _, action := range listOf(s["Action"]) {
				g.Actions = append(g.Actions, strings.TrimSuffix(written(action), "*")) // GenerateDataKey*: a simulation takes no wildcard
			}
			for _, resource := range listOf(s["Resource"]) {
				// No call of sgwarden is checked for the resource security-group-rule: Revoke does
				// not know it, and Authorize asks only where it sets tags (Service Authorization
				// Reference, Amazon EC2).
				if text := written(resource); !strings.HasSuffix(text, ":security-group-rule/*") {
					g.Resources = append(g.Resources, text)
				}
			}
			g.Context = contextOf(s["Condition"])
			for _, role := range listOf(resolved(policy["Roles"], way)) {
				g.Role = strings.Trim(written(role), "${}")
				e.Grants = append(e.Grants, g)
			}
		}
	}
}

func contextOf(condition any) map[string][]string {
	operators, _ := condition.(map[string]any)
	if len(operators) == 0 {
		return nil
	}
	values := map[string][]string{}
	for _, keys := range operators {
		for key, value := range keys.(map[string]any) {
			for _, one := range listOf(value) {
				values[key] = append(values[key], written(one))
			}
		}
	}
	return values
}

// ways are all combinations of conditions that hold or do not, beside those that must hold.
func ways(names, must []string) [][]string {
	all := [][]string{slices.Clone(must)}
	for _, name := range names {
		if slices.Contains(must, name) {
			continue
		}
		var next [][]string
		for _, way := range all {
			next = append(next, append(slices.Clone(way), name), append(slices.Clone(way), "!"+name))
		}
		all = next
	}
	return all
}

// conditionsIn returns the names of the conditions of each If in a value, sorted.
func conditionsIn(v any) []string {
	found := map[string]bool{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if branches, is := v["If"].([]any); is {
				found[branches[0].(string)] = true
			}
			for _, below := range v {
				walk(below)
			}
		case []any:
			for _, below := range v {
				walk(below)
			}
		}
	}
	walk(v)
	return slices.Sorted(maps.Keys(found))
}

type noValue struct{}

// resolved is a value in which each If is decided, without what is AWS::NoValue.
func resolved(v any, way []string) any {
	switch v := v.(type) {
	case map[string]any:
		if branches, is := v["If"].([]any); is {
			if slices.Contains(way, branches[0].(string)) {
				return resolved(branches[1], way)
			}
			return resolved(branches[2], way)
		}
		if v["Ref"] == "AWS::NoValue" {
			return noValue{}
		}
		all := map[string]any{}
		for key, below := range v {
			if below = resolved(below, way); !isNoValue(below) {
				all[key] = below
			}
		}
		return all
	case []any:
		var all []any
		for _, below := range v {
			if below = resolved(below, way); !isNoValue(below) {
				all = append(all, below)
			}
		}
		return all
	}
	return v
}

func isNoValue(v any) bool { _, is := v.(noValue); return is }

func listOf(v any) []any {
	if list, is := v.([]any); is {
		return list
	}
	if v == nil {
		return nil
	}
	return []any{v}
}

// written is a value as a text of Fn::Sub.
func written(v any) string {
	call, is := v.(map[string]any)
	switch {
	case !is:
		return fmt.Sprint(v)
	case call["Sub"] != nil:
		return substituted(call["Sub"])
	case call["Select"] != nil: // [N, Split [":", "${ARN}:::::"]], a part of an ARN
		selected := call["Select"].([]any)
		split := selected[1].(map[string]any)["Split"].([]any)
		return strings.TrimRight(written(split[1]), ":}") + "#" + selected[0].(string) + "}"
	case call["Ref"] != nil:
		return "${" + call["Ref"].(string) + "}"
	case call["GetAtt"] != nil:
		return "${" + call["GetAtt"].(string) + "}"
	}
	panic(fmt.Sprintf("the template has a function that this test does not know: %v", v))
}

// asText is a value with each function as the text of Fn::Sub.
func asText(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if v["Sub"] != nil || v["Ref"] != nil || v["GetAtt"] != nil {
			return written(v)
		}
		all := map[string]any{}
		for key, below := range v {
			all[key] = asText(below)
		}
		return all
	case []any:
		all := []any{}
		for _, below := range v {
			all = append(all, asText(below))
		}
		return all
	}
	return v
}

// substituted is the text of a Sub, in its short form or as [TEXT, {NAME: VALUE}].
func substituted(argument any) string {
	if text, is := argument.(string); is {
		return text
	}
	list := argument.([]any)
	text := list[0].(string)
	for name, value := range list[1].(map[string]any) {
		text = strings.ReplaceAll(text, "${"+name+"}", written(value))
	}
	return text
}

// plain is what was decoded with {Ref: X} for each call such as !Ref X, and texts for numbers.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		all := map[string]any{}
		for key, below := range v {
			all[key] = plain(below)
		}
		return all
	case []any:
		all := []any{}
		for _, below := range v {
			all = append(all, plain(below))
		}
		return all
	case cfn.Call:
		return map[string]any{v.Function: plain(v.Argument)}
	}
	return fmt.Sprint(v)
}
