package deploy_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// deployedStack is what a template makes of parameters: which resources there are, and with which branch of each !If.
type deployedStack struct {
	template
	parameters map[string]string
}

// stackOf returns the stack of a template with the parameters chosen, and the template's defaults for the rest.
func stackOf(t template, chosen map[string]string) deployedStack {
	values := map[string]string{}
	for name, parameter := range t.section("Parameters") {
		values[name], _ = get(parameter, "Default").(string)
		if value, given := chosen[name]; given {
			values[name] = value
		}
	}
	return deployedStack{t, values}
}

// resource returns a resource as it is deployed; nil where its condition does not hold, or the template has none.
func (s deployedStack) resource(name string) any { return s.deployed(s.section("Resources")[name]) }

func (s deployedStack) output(name string) any { return s.deployed(s.section("Outputs")[name]) }

func (s deployedStack) deployed(item any) any {
	if item == nil {
		return nil
	}
	if condition, _ := get(item, "Condition").(string); condition != "" && !s.holds(condition) {
		return nil
	}
	return s.waitUntilStable(item)
}

// waitUntilStable returns a value with each !If replaced by the branch that its condition chooses.
func (s deployedStack) waitUntilStable(value any) any {
	switch value := value.(type) {
	case map[string]any:
		settled := map[string]any{}
		for key, inner := range value {
			settled[key] = s.waitUntilStable(inner)
		}
		return settled
	case []any:
		settled := make([]any, len(value))
		for i, inner := range value {
			settled[i] = s.waitUntilStable(inner)
		}
		return settled
	case call:
		arguments, _ := value.argument.([]any)
		if value.function != "If" || len(arguments) != 3 {
			return call{value.function, s.waitUntilStable(value.argument)}
		}
		if s.holds(fmt.Sprint(arguments[0])) {
			return s.waitUntilStable(arguments[1])
		}
		return s.waitUntilStable(arguments[2])
	}
	return value
}

// holds evaluates a condition of the template by its name.
func (s deployedStack) holds(name string) bool {
	condition, found := s.section("Conditions")[name]
	if !found {
		panic("the template has no condition " + name)
	}
	return s.true(condition)
}

func (s deployedStack) true(condition any) bool {
	function, _ := condition.(call)
	arguments, _ := function.argument.([]any)
	switch function.function {
	case "Condition":
		return s.holds(fmt.Sprint(function.argument))
	case "Not":
		return !s.true(arguments[0])
	case "And":
		for _, argument := range arguments {
			if !s.true(argument) {
				return false
			}
		}
		return true
	case "Or":
		for _, argument := range arguments {
			if s.true(argument) {
				return true
			}
		}
		return false
	case "Equals":
		return s.text(arguments[0]) == s.text(arguments[1])
	}
	panic(fmt.Sprintf("a condition of another kind: %v", condition))
}

func (s deployedStack) text(value any) string {
	if function, is := value.(call); is && function.function == "Ref" {
		return s.parameters[target(value)]
	}
	return fmt.Sprint(value)
}

func TestAStackHasWhatItsConditionsSay(t *testing.T) {
	t.Parallel()
	parsed := parse(t, `
Parameters: {Mode: {Default: enforce}, Chat: {Default: "off"}}
Conditions:
  Enforcing: !Equals [!Ref Mode, enforce]
  Talks: !Equals [!Ref Chat, "on"]
  Both: !And [!Condition Enforcing, !Condition Talks]
  Either: !Or [!Condition Enforcing, !Condition Talks]
  Neither: !Not [!Condition Either]
Resources:
  Always: {Name: !If [Talks, loud, !Sub quiet]}
  Both: {Condition: Both}
  Either: {Condition: Either}
  Neither: {Condition: Neither}
`)
	for name, row := range map[string]struct {
		chosen map[string]string
		want   map[string]any
	}{
		"the defaults":     {nil, map[string]any{"Always": map[string]any{"Name": call{"Sub", "quiet"}}, "Either": map[string]any{"Condition": "Either"}}},
		"another mode":     {map[string]string{"Mode": "alert"}, map[string]any{"Always": map[string]any{"Name": call{"Sub", "quiet"}}, "Neither": map[string]any{"Condition": "Neither"}}},
		"one thing more":   {map[string]string{"Chat": "on"}, map[string]any{"Always": map[string]any{"Name": "loud"}, "Both": map[string]any{"Condition": "Both"}, "Either": map[string]any{"Condition": "Either"}}},
		"only the branch ": {map[string]string{"Chat": "on", "Mode": "alert"}, map[string]any{"Always": map[string]any{"Name": "loud"}, "Either": map[string]any{"Condition": "Either"}}},
	} {
		stack, got := stackOf(parsed, row.chosen), map[string]any{}
		for _, resource := range []string{"Always", "Both", "Either", "Neither"} {
			if deployed := stack.resource(resource); deployed != nil {
				got[resource] = deployed
			}
		}
		if diff := cmp.Diff(row.want, got, cmp.AllowUnexported(call{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
