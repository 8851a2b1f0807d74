package deploy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestATemplateIsResolvedAsCloudFormationWould(t *testing.T) {
	t.Parallel()
	const source = `
Parameters: {Mode: {Default: enforce}, Tag: {Default: ""}}
Conditions:
  Enforcing: !Equals [!Ref Mode, enforce]
  Tagged: !Not [!Equals [!Ref Tag, ""]]
  Both: !And [!Condition Enforcing, !Condition Tagged]
  Either: !Or [!Condition Enforcing, !Condition Tagged]
Resources:
  Topic: {Type: "AWS::SNS::Topic"}
  Queue: {Type: "AWS::SQS::Queue"}
  Always:
    Type: Sample
    Properties:
      List: [a, !If [Tagged, !Ref Tag, !Ref AWS::NoValue], !Ref Topic]
      Text: !Sub "${AWS::StackName} ${Queue.Arn} ${Topic}"
      Part: !Select [1, !Split [":", !Sub ["${Own}:${Mode}", {Own: !Ref Tag}]]]
      Gone: !If [Enforcing, !Ref AWS::NoValue, !Sub "${Mode}"]
  WithBoth: {Type: Sample, Condition: Both, Properties: {}}
  WithEither: {Type: Sample, Condition: Either, Properties: {}}
`
	topic, text := arnOf("sns", "Topic"), "sgwarden "+arnOf("sqs", "Queue")+" "+arnOf("sns", "Topic")
	empty := map[string]any{}
	for name, c := range map[string]struct {
		given map[string]string
		want  map[string]any
	}{
		"the defaults": {nil, map[string]any{
			"Always": map[string]any{"List": []any{"a", topic}, "Text": text, "Part": "enforce"}, "WithEither": empty,
		}},
		"both": {map[string]string{"Tag": "x"}, map[string]any{
			"Always": map[string]any{"List": []any{"a", "x", topic}, "Text": text, "Part": "enforce"}, "WithEither": empty, "WithBoth": empty,
		}},
		"neither": {map[string]string{"Mode": "alert"}, map[string]any{
			"Always": map[string]any{"List": []any{"a", topic}, "Text": text, "Part": "alert", "Gone": "alert"},
		}},
	} {
		got := resolvedStack(t, parse(t, source), c.given).resources("Sample")
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
