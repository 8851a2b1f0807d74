package deploy_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// notInSets are parameters of template.yaml that a stack set has no value for, with the reason.
var notInSets = map[string]string{
	"Canary":                 "its VPC is another in each account",
	"CanaryVpcId":            "its VPC is another in each account",
	"Chat":                   "a chat listens to the central stack",
	"OrganizationId":         "only the central stack has one",
	"PermissionsBoundaryArn": "the ARN has the account in it",
}

// passedOn are the parameters that the stack set gives to its stacks.
func passedOn(t *testing.T) map[string]string {
	t.Helper()
	given := map[string]string{}
	for _, parameter := range list(get(stackSet(t), "Parameters")) {
		given[get(parameter, "ParameterKey").(string)] = fmt.Sprint(get(parameter, "ParameterValue"))
	}
	return given
}

func stackSet(t *testing.T) any {
	t.Helper()
	return get(parse(t, read(t, "stackset.yaml")).resources("AWS::CloudFormation::StackSet")["StackSet"], "Properties")
}

func TestAStackSetGivesItsStacksEachParameterOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	given := passedOn(t)
	for name := range parse(t, read(t, "template.yaml")).section("Parameters") {
		_, has := given[name]
		if has == (notInSets[name] != "") {
			t.Errorf("%s: the stack set has it: %t, reason not to: %q", name, has, notInSets[name])
		}
		want := "{Ref " + name + "}"
		if name == "CodeBucketPerRegion" {
			want = "on"
		}
		if has && given[name] != want {
			t.Errorf("%s: is %s, not %s", name, given[name], want)
		}
		delete(given, name)
	}
	if len(given) > 0 {
		t.Errorf("the template has no parameter %q", slices.Sorted(maps.Keys(given)))
	}
}

// TestAStackSetHasTheDefaultsOfAStack but for the mode: nobody has seen all groups of an organisation.
func TestAStackSetHasTheDefaultsOfAStack(t *testing.T) {
	t.Parallel()
	own, stack := parse(t, read(t, "stackset.yaml")).section("Parameters"), parse(t, read(t, "template.yaml")).section("Parameters")
	different := map[string][2]any{}
	for name, parameter := range own {
		if in, found := stack[name]; found && get(parameter, "Default") != get(in, "Default") {
			different[name] = [2]any{get(in, "Default"), get(parameter, "Default")}
		}
	}
	if diff := cmp.Diff(map[string][2]any{"Mode": {"enforce", "alert"}}, different); diff != "" {
		t.Errorf("defaults that differ (-want +got):\n%s", diff)
	}
	for name, parameter := range own {
		if get(parameter, "Description") == nil {
			t.Errorf("%s has no description", name)
		}
	}
}

// ofASet is how CloudFormation names the stacks of a stack set, NAME standing for its name. No documentation says so; the
// names in public issues do (aws-samples/aws-control-tower-config-customization #36: StackSet-master-config-...).
const ofASet = "StackSet-NAME-01234567-89ab-cdef-0123-456789abcdef"

// TestTheNamesOfAStackSetsFunctionsAreShortEnough for the longest name that the set may have.
func TestTheNamesOfAStackSetsFunctionsAreShortEnough(t *testing.T) {
	t.Parallel()
	pattern := regexp.MustCompile(get(parse(t, read(t, "stackset.yaml")).section("Parameters"), "StackSetName", "AllowedPattern").(string))
	most := longestStackName(parse(t, read(t, "template.yaml"))) - (len(ofASet) - len("NAME"))
	longest := 0
	for n := 1; pattern.MatchString(strings.Repeat("a", n)); n++ {
		longest = n
	}
	if longest == 0 || longest > most {
		t.Errorf("the set's name may have %d characters, and its functions leave %d", longest, most)
	}
	if name := get(parse(t, read(t, "stackset.yaml")).section("Parameters"), "StackSetName", "Default").(string); !pattern.MatchString(name) {
		t.Errorf("the default name %q has not the form", name)
	}
}

// TestAStackSetContinuesAfterFailures and keeps the guard of accounts that leave.
func TestAStackSetContinuesAfterFailures(t *testing.T) {
	t.Parallel()
	set := stackSet(t)
	for path, want := range map[string]string{
		"PermissionModel": "SERVICE_MANAGED",
		"Capabilities":    "[CAPABILITY_IAM]",
		"AutoDeployment":  "map[Enabled:true RetainStacksOnAccountRemoval:true]",
		"CallAs":          "{Ref CallAs}",
		"OperationPreferences": "map[FailureTolerancePercentage:100 MaxConcurrentPercentage:{Ref MaxConcurrentPercentage} " +
			"RegionConcurrencyType:PARALLEL]",
		"StackInstancesGroup": "[map[DeploymentTargets:map[AccountFilterType:{If [ExcludesAccounts DIFFERENCE {Ref AWS::NoValue}]} " +
			"Accounts:{If [ExcludesAccounts {Ref ExcludedAccounts} {Ref AWS::NoValue}]} OrganizationalUnitIds:{Ref OrganizationalUnitIds}] " +
			"Regions:{Ref Regions}]]",
	} {
		if got := fmt.Sprint(get(set, path)); got != want {
			t.Errorf("%s is\n%s, not\n%s", path, got, want)
		}
	}
}

// TestOrganizationScriptSetsEachParameterOfTheStackSet by an option, or by itself.
func TestOrganizationScriptSetsEachParameterOfTheStackSet(t *testing.T) {
	t.Parallel()
	own := map[string]bool{"StackSetName": true} // a set can't be renamed: it would be another one
	for _, file := range []string{"organization-options.sh", "organization-set.sh", "organization-central.sh", "deploy-options.sh", "deploy-code.sh"} {
		for _, match := range regexp.MustCompile(`parameter ([A-Z]\w+) |"([A-Z]\w+)=|replace_option ([A-Z]\w+)|name_code \w+ (\w+)`).FindAllStringSubmatch(read(t, file), -1) {
			own[strings.Join(match[1:], "")] = true
		}
	}
	for name := range parse(t, read(t, "stackset.yaml")).section("Parameters") {
		if !own[name] {
			t.Errorf("organization.sh has nothing that sets %s", name)
		}
	}
}
