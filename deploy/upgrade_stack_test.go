package deploy_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/cfn"
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
	scope := cfn.Scope{Conditions: s.section("Conditions"), Ref: func(name string) (any, error) { return s.parameters[name], nil }}
	present, err := scope.Present(map[string]any{"item": item})
	if err != nil {
		panic(fmt.Sprintf("the template's conditions: %v", err))
	}
	decided, err := scope.Decide(present["item"])
	if err != nil {
		panic(fmt.Sprintf("the template's conditions: %v", err))
	}
	return decided
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
		"the defaults":     {nil, map[string]any{"Always": map[string]any{"Name": call{Function: "Sub", Argument: "quiet"}}, "Either": map[string]any{"Condition": "Either"}}},
		"another mode":     {map[string]string{"Mode": "alert"}, map[string]any{"Always": map[string]any{"Name": call{Function: "Sub", Argument: "quiet"}}, "Neither": map[string]any{"Condition": "Neither"}}},
		"one thing more":   {map[string]string{"Chat": "on"}, map[string]any{"Always": map[string]any{"Name": "loud"}, "Both": map[string]any{"Condition": "Both"}, "Either": map[string]any{"Condition": "Either"}}},
		"only the branch ": {map[string]string{"Chat": "on", "Mode": "alert"}, map[string]any{"Always": map[string]any{"Name": "loud"}, "Either": map[string]any{"Condition": "Either"}}},
	} {
		stack, got := stackOf(parsed, row.chosen), map[string]any{}
		for _, resource := range []string{"Always", "Both", "Either", "Neither"} {
			if deployed := stack.resource(resource); deployed != nil {
				got[resource] = deployed
			}
		}
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
