package cloud

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

const conditionalTemplate = `
Parameters:
  Flavour: {Type: String, Default: plain}
  Size: {Type: String}
Conditions:
  Sweet: !Equals [!Ref Flavour, sweet]
  Big: {"Fn::Equals": [{Ref: Size}, "2"]}
  Both: !And [{Condition: Sweet}, !Condition Big]
  Neither: !Not [!Or [{Condition: Sweet}, {Condition: Big}]]
Resources:
  Always: {Type: T, Properties: {A: !If [Sweet, sugar, !Ref AWS::NoValue], B: !If [Both, 1, {"Fn::If": [Big, 2, 3]}], L: [!If [Big, !Ref AWS::NoValue, x], !Ref Size]}}
  WithSugar: {Type: T, Condition: Sweet}
  WithBoth: {Type: T, Condition: Both}
  WithNeither: {Type: T, Condition: Neither}
Outputs:
  Sugar: {Condition: Sweet, Value: !Ref WithSugar}
`

func TestATemplateIsDeployedWithoutItsConditions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		parameters map[string]string
		want       []string
		always     string
	}{
		"all false": {map[string]string{"Size": "1"}, []string{"Always", "WithNeither"}, `{"B":3,"L":["x",{"Ref":"Size"}]}`},
		"one true":  {map[string]string{"Size": "2"}, []string{"Always"}, `{"B":2,"L":[{"Ref":"Size"}]}`},
		"both true": {map[string]string{"Size": "2", "Flavour": "sweet"}, []string{"Always", "WithBoth", "WithSugar", "Sugar"}, `{"A":"sugar","B":1,"L":[{"Ref":"Size"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := settled(conditionalTemplate, c.parameters)
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				Resources map[string]yaml.Node `yaml:"Resources"`
				Outputs   map[string]yaml.Node `yaml:"Outputs"`
			}
			if err := yaml.Unmarshal([]byte(text), &got); err != nil {
				t.Fatal(err)
			}
			names := slices.Concat(slices.Sorted(maps.Keys(got.Resources)), slices.Sorted(maps.Keys(got.Outputs)))
			if diff := cmp.Diff(c.want, names); diff != "" {
				t.Errorf("what is left (-want +got):\n%s", diff)
			}
			var resource struct {
				Properties any `yaml:"Properties"`
			}
			node := got.Resources["Always"]
			if err := node.Decode(&resource); err != nil {
				t.Fatal(err)
			}
			always, err := json.Marshal(resource.Properties)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.always, strings.TrimSpace(string(always))); diff != "" {
				t.Errorf("properties (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsNotUnderstoodStaysAsItIs(t *testing.T) {
	t.Parallel()
	for name, template := range map[string]string{
		"no template":                 "",
		"no YAML":                     "{",
		"an unknown condition":        "Conditions: {A: !Equals [a, a]}\nResources: {R: {Type: T, Condition: B}}",
		"a parameter without a value": "Conditions: {A: !Equals [!Ref P, a]}\nResources: {R: {Type: T, Condition: A}}",
		"another function":            "Conditions: {A: !Equals [!FindInMap [M, a, b], a]}\nResources: {R: {Type: T, Condition: A}}",
	} {
		form := url.Values{"TemplateBody": {template}, "Action": {"UpdateStack"}}
		if diff := cmp.Diff(form, settle(form)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	form := url.Values{
		"TemplateBody": {conditionalTemplate}, "Parameters.member.1.ParameterKey": {"Size"}, "Parameters.member.1.ParameterValue": {"1"},
	}
	if settle(form).Get("TemplateBody") == conditionalTemplate || form.Get("TemplateBody") != conditionalTemplate {
		t.Error("a template with conditions is not settled, or not in a copy")
	}
}
