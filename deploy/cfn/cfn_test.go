package cfn_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/sgwarden/sgwarden/deploy/cfn"
)

const inYAML = `
Parameters: {Mode: {Default: enforce}}
Conditions:
  Alerts: !Equals [!Ref Mode, alert]
  Calm: !Not [!Condition Alerts]
  Long: {"Fn::And": [{Condition: Calm}, {"Fn::Or": [{Condition: Alerts}, {Condition: Calm}]}]}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      Name: !Sub ["${Mode}-${Own}-${!Kept}", {Own: !Ref Mode}]
      Plain: !Sub "${Queue.Arn} ${ Mode }"
      Count: 7
      Fifo: true
      Date: 2012-10-17
      Account: "012345678901"
      Gone: !If [Alerts, x, !Ref AWS::NoValue]
      List: [a, !If [Alerts, b, !Ref "AWS::NoValue"], !If [Long, c, d]]
      Part: !Select [1, !Split [":", "x:y:z"]]
      Long: {"Fn::GetAtt": [Queue, Arn]}
  Hidden: {Type: AWS::SQS::Queue, Condition: Alerts}
  Shown: {Type: AWS::SNS::Topic, Condition: Calm}
`

const inJSON = `{"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"Name": {"Fn::Sub": "${Mode}"}, "Count": 7}}}}`

func scopeOf(template cfn.Template) cfn.Scope {
	return cfn.Scope{
		Conditions: template.Section("Conditions"),
		Ref: func(name string) (any, error) {
			if v := cfn.Get(template.Section("Parameters"), name, "Default"); v != nil {
				return v, nil
			}
			return nil, errors.New("there is no " + name)
		},
		GetAtt: func(logical, attribute string) (any, error) { return "the " + attribute + " of " + logical, nil },
	}
}

func decode(t *testing.T, text string) cfn.Template {
	t.Helper()
	template, err := cfn.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return template
}

func TestFunctionsComeToWhatCloudFormationMakesOfThem(t *testing.T) {
	t.Parallel()
	template := decode(t, inYAML)
	got, err := scopeOf(template).Resolve(cfn.Get(template.Section("Resources"), "Queue", "Properties"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"Name": "enforce-enforce-${Kept}", "Plain": "the Arn of Queue enforce", "Count": 7, "Fifo": true, "Date": "2012-10-17",
		"Account": "012345678901", "List": []any{"a", "c"}, "Part": "y", "Long": "the Arn of Queue",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	present, err := scopeOf(template).Present(template.Section("Resources"))
	if err != nil || len(present) != 2 || present["Shown"] == nil || present["Queue"] == nil {
		t.Errorf("resources %v, error %v", present, err)
	}
}

func TestATemplateThatIsDecidedKeepsItsOtherFunctionsAndIsReadAgain(t *testing.T) {
	t.Parallel()
	template := decode(t, inYAML)
	decided, err := scopeOf(template).Decide(cfn.Get(template.Section("Resources"), "Queue"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := yaml.Marshal(map[string]any{"Resources": map[string]any{"Queue": decided}})
	if err != nil {
		t.Fatal(err)
	}
	again := cfn.Get(decode(t, string(text)).Section("Resources"), "Queue")
	if diff := cmp.Diff(decided, again); diff != "" {
		t.Errorf("what was written and read (-want +got):\n%s", diff)
	}
	if got := cfn.Get(again, "Properties", "List"); !cmp.Equal(got, []any{"a", "c"}) {
		t.Errorf("list %v", got)
	}
	if got := cfn.Get(again, "Properties", "Gone"); got != nil {
		t.Errorf("a property without a value is there: %v", got)
	}
}

func TestJSONAndYAMLReadAlike(t *testing.T) {
	t.Parallel()
	got := cfn.Get(decode(t, inJSON).Resources("AWS::SQS::Queue")["Queue"], "Properties")
	if diff := cmp.Diff(map[string]any{"Name": cfn.Call{Function: "Sub", Argument: "${Mode}"}, "Count": 7.0}, got); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
}

func TestWhatIsNotUnderstoodIsAnError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, says string }{
		"another function":         {"!FindInMap [a, b, c]", "Fn::FindInMap is not evaluated"},
		"an unknown name":          {"!Ref Other", "there is no Other"},
		"an unknown name in a Sub": {`!Sub "${Other}"`, "there is no Other"},
		"a Sub of no text":         {"!Sub [1]", "Fn::Sub without a text"},
		"an unknown condition":     {"!If [Other, a, b]", `there is no condition "Other"`},
		"an If of two":             {"!If [Calm, a]", "an If with 2 branches"},
		"a Select of nothing":      {"!Select [5, [a]]", "it selects 5 of [a]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template := decode(t, "V: "+c.text+"\nConditions: {Calm: !Equals [a, a]}")
			if got, err := scopeOf(template).Resolve(template["V"]); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, error %v, want %q", got, err, c.says)
			}
		})
	}
	for _, text := range []string{"", "a: [", "A: &a x\nB: *a"} {
		if got, err := cfn.Decode([]byte(text)); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}
