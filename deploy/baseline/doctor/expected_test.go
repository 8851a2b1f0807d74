package doctor

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write expected.json and the golden files anew")

// TestWhatTheDoctorExpectsIsWhatTheTemplateSays holds expected.json to the template.
func TestWhatTheDoctorExpectsIsWhatTheTemplateSays(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want, err := expectationOf(text)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	encoder := json.NewEncoder(&file)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(want); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("expected.json", file.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(file.String(), string(expectedJSON)); diff != "" {
		t.Errorf("expected.json is not as the template is: run go test ./deploy/baseline/doctor -update (-template +file):\n%s", diff)
	}
}

func TestTheExpectationIsReadFromATemplate(t *testing.T) {
	t.Parallel()
	const template = `
Conditions:
  On: !Equals [!Ref Chat, "on"]
Resources:
  Rule: {Type: "AWS::Events::Rule", Properties: {EventPattern: {source: [a, prefix: !Sub "${P}/b"]}, Targets: [{Arn: !GetAtt F.Arn}]}}
  P:
    Type: AWS::IAM::Policy
    Condition: On
    Properties:
      Roles: [!Ref R]
      PolicyDocument:
        Statement:
          - {Sid: A, Effect: Allow, Action: "x:Get*", Resource: !Sub "arn:${AWS::Region}:x/*", Condition: {StringEquals: {"k:v": !Ref Q}}}
          - {Sid: D, Effect: Deny, Action: "x:Put", Resource: "*"}
          - !If [On, {Sid: B, Effect: Allow, Action: "ec2:X", Resource: [a, !If [On, b, !Ref "AWS::NoValue"], "c:security-group-rule/*"]}, !Ref "AWS::NoValue"]
          - Sid: C
            Effect: Allow
            Action: x:Y
            Resource: !Sub ["key:${Region}/*", {Region: !Select [3, !Split [":", !Sub "${TopicArn}:::::"]]}]
            Condition: !If [Tagged, {StringEquals: {k: v}}, !Ref "AWS::NoValue"]
`
	got, err := expectationOf([]byte(template))
	if err != nil {
		t.Fatal(err)
	}
	want := expectation{
		Rules:      map[string]string{"Rule": "F"},
		Patterns:   map[string]any{"Rule": map[string]any{"source": []any{"a", map[string]any{"prefix": "${P}/b"}}}},
		Conditions: map[string]any{"On": map[string]any{"Equals": []any{map[string]any{"Ref": "Chat"}, "on"}}},
		Grants: []grant{
			{Role: "R", Sid: "A", When: []string{"On"}, Actions: []string{"x:Get"}, Resources: []string{"arn:${AWS::Region}:x/*"}, Context: map[string][]string{"k:v": {"${Q}"}}},
			{Role: "R", Sid: "B", When: []string{"On"}, Actions: []string{"ec2:X"}, Resources: []string{"a", "b"}},
			{Role: "R", Sid: "C", When: []string{"On", "Tagged"}, Actions: []string{"x:Y"}, Resources: []string{"key:${TopicArn#3}/*"}, Context: map[string][]string{"k": {"v"}}},
			{Role: "R", Sid: "C", When: []string{"On", "!Tagged"}, Actions: []string{"x:Y"}, Resources: []string{"key:${TopicArn#3}/*"}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
