package doctor

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/sgwarden/sgwarden/deploy/cfn"
)

func TestVariablesThatSomebodyEditedAreReported(t *testing.T) {
	t.Parallel()
	asDeployed := map[string]string{"MODE": "enforce", "BASELINE_PREFIX": "/sg-baseline", "LOG_LEVEL": "info"}
	with := func(name, value string) map[string]string {
		variables := maps.Clone(asDeployed)
		if variables[name] = value; value == "" {
			delete(variables, name)
		}
		return variables
	}
	for name, c := range map[string]struct {
		word      string
		variables map[string]string
		want      string // empty where nothing is reported
	}{
		"as deployed":                        {"Remediator", asDeployed, ""},
		"a mode that somebody changed":       {"Remediator", with("MODE", "alert"), `somebody edited the variables of sgwarden-remediator: MODE is "alert", and the stack's Mode is "enforce"`},
		"the sweeper's":                      {"Sweeper", with("MODE", "alert"), `somebody edited the variables of sgwarden-sweeper: MODE is "alert", and the stack's Mode is "enforce"`},
		"a tag that the stack does not want": {"Sweeper", with("ONLY_GROUPS_TAGGED", "on"), `ONLY_GROUPS_TAGGED is "on", and the stack's OnlyGroupsTagged is ""`},
		"a variable that was removed":        {"Notifier", with("BASELINE_PREFIX", ""), `BASELINE_PREFIX is "", and the stack's BaselinePrefix is "/sg-baseline"`},
		"the notifier has no mode":           {"Notifier", with("MODE", ""), ""},
		"what the stack does not have":       {"Remediator", with("GRACE_MINUTES", "5"), ""},
		"a variable of no parameter":         {"Remediator", with("LOG_LEVEL", "debug"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stack := aStack()
			stack.Parameters["OnlyGroupsTagged"] = ""
			got := edited(stack, c.word, &types.FunctionConfiguration{Environment: &types.EnvironmentResponse{Variables: c.variables}, LastModified: aws.String("then")}, "us-east-1")
			switch {
			case c.want == "" && len(got) != 0:
				t.Errorf("it reported %v", got)
			case c.want != "" && (len(got) != 1 || got[0].Status != Fail || !strings.Contains(got[0].Found, c.want) || !strings.Contains(got[0].Hint, "--region us-east-1")):
				t.Errorf("got %v, want %q", got, c.want)
			}
		})
	}
}

func TestVariablesThatLambdaDoesNotShowAreNoFinding(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]*types.EnvironmentResponse{"none": nil, "an error": {Error: &types.EnvironmentError{ErrorCode: aws.String("KMSAccessDenied")}}} {
		if got := edited(aStack(), "Remediator", &types.FunctionConfiguration{Environment: of}, "us-east-1"); len(got) != 0 {
			t.Errorf("%s: it reported %v", name, got)
		}
	}
}

// TestTheSettingsAreTheTemplates holds the table to the template.
func TestTheSettingsAreTheTemplates(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	template, err := cfn.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	resources := plain(template.Section("Resources")).(map[string]any)
	for _, s := range settings {
		for _, function := range []string{"Remediator", "Sweeper", "Notifier"} {
			properties := resources[function+"Function"].(map[string]any)["Properties"].(map[string]any)
			value, is := properties["Environment"].(map[string]any)["Variables"].(map[string]any)[s.variable]
			wanted := strings.Contains(strings.Join(s.functions, " "), function)
			if is != wanted || is && !strings.Contains(fmt.Sprint(value), s.parameter) {
				t.Errorf("the %s has %s: %v (%v), and the table says %v, by the parameter %s", function, s.variable, is, value, wanted, s.parameter)
			}
		}
	}
}
