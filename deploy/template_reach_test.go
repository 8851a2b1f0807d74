package deploy_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/iam"
)

// underPrefix is what the ARNs of the parameters below /sg-baseline begin with, in the account of these tests.
const underPrefix = "arn:aws:ssm:eu-central-1:111122223333:parameter/sg-baseline"

// filled puts values into the template's ARNs.
var filled = strings.NewReplacer("${AWS::Partition}", "aws", "${AWS::Region}", "eu-central-1", "${AWS::AccountId}", "111122223333",
	"${BaselinePrefix}", "/sg-baseline")

// reach says who may do what to which parameter below the prefix: r the remediator, s the sweeper, n the notifier, -
// nobody, and the canary nothing at all. PutParameter shows the most that approvals/*/pending-* matches.
var reach = []struct{ who, action, parameter string }{
	{"rs", "GetParameters", "/groups/sg-1"},
	{"rs", "GetParameters", "/guardrail"},
	{"rs", "GetParameters", "/parts/sg-1/7/1"},
	{"rs", "GetParameters", "/approvals/sg-1/inc-1234"},
	{"rs", "GetParameters", "/pause"},
	{"rs", "GetParameters", "/trust"},
	{"rs", "GetParameters", "/prefix-lists/pl-1"},
	{"-", "GetParameters", "/prefix-lists"},
	{"s", "GetParameters", "/sweep"},
	{"s", "GetParameters", "/sweep-request"},
	{"s", "GetParameters", "/sweep-versions"},
	{"sn", "GetParameters", "/told/a"},
	{"-", "GetParameters", "/told"},
	{"-", "GetParameters", "/unreported/sg-1/7"},
	{"-", "GetParameters", "/other"},
	{"-", "GetParameters", "-other/approvals/sg-1/inc-1234"},

	{"rs", "GetParametersByPath", "/approvals"},
	{"rs", "GetParametersByPath", "/approvals/sg-1"},
	{"s", "GetParametersByPath", "/groups"},
	{"s", "GetParametersByPath", "/groups/sg-1"},
	{"s", "GetParametersByPath", "/prefix-lists"},
	{"s", "GetParametersByPath", "/unreported"},
	{"s", "GetParametersByPath", "/unreported/sg-1"},
	{"-", "GetParametersByPath", ""},
	{"-", "GetParametersByPath", "/parts"},

	{"rs", "GetParameterHistory", "/groups/sg-1"},
	{"rs", "GetParameterHistory", "/guardrail"},
	{"rs", "GetParameterHistory", "/prefix-lists/pl-1"},
	{"rs", "GetParameterHistory", "/approvals/sg-1/inc-1234"},
	{"rs", "GetParameterHistory", "/pause"},
	{"rs", "GetParameterHistory", "/trust"},
	{"-", "GetParameterHistory", "/sweep"},

	{"-", "PutParameter", "/prefix-lists/pl-1"},
	{"rs", "PutParameter", "/approvals/sg-1/pending-7"},
	{"rs", "PutParameter", "/approvals/sg-1/pending-"},          // the shortest
	{"rs", "PutParameter", "/approvals/sg-1/on/call/pending-7"}, // * matches slashes, in the middle
	{"rs", "PutParameter", "/approvals/sg-1/pending-7/on/call"}, // and at the end
	{"rs", "PutParameter", "/unreported/sg-1/7"},
	{"r", "PutParameter", "/sweep-request"},
	{"s", "PutParameter", "/sweep"},
	{"s", "PutParameter", "/sweep-versions"},
	{"-", "DeleteParameter", "/sweep-versions"},
	{"n", "PutParameter", "/told/a"},
	{"-", "PutParameter", "/told"},
	{"-", "PutParameter", "-other/told/a"},
	{"-", "PutParameter", "/approvals/sg-1/inc-1234"},
	{"-", "PutParameter", "/approvals/sg-1/not-pending-7"},
	{"-", "PutParameter", "/approvals/sg-1/pending"},
	{"-", "PutParameter", "/approvals/sg-1/Pending-7"},
	{"-", "PutParameter", "/approvals/pending-7"},
	{"-", "PutParameter", "/pending-7"},
	{"-", "PutParameter", "-other/approvals/sg-1/pending-7"},
	{"-", "PutParameter", "/groups/sg-1"},
	{"-", "PutParameter", "/groups/sg-1/pending-7"},
	{"-", "PutParameter", "/guardrail"},
	{"-", "PutParameter", "/parts/sg-1/7/1"},
	{"-", "PutParameter", "/pause"},
	{"-", "PutParameter", "/trust"},

	{"s", "DeleteParameters", "/approvals/sg-1/inc-1234"},
	{"s", "DeleteParameters", "/approvals/sg-1/pending-7"},
	{"rs", "DeleteParameters", "/unreported/sg-1/7"},
	{"-", "DeleteParameters", "/groups/sg-1"},
	{"-", "DeleteParameters", "/guardrail"},
	{"-", "DeleteParameters", "/parts/sg-1/7/1"},
	{"s", "DeleteParameters", "/pause"},
	{"-", "DeleteParameters", "/trust"},
	{"s", "DeleteParameter", "/sweep"},
	{"s", "DeleteParameter", "/sweep-request"},
	{"-", "DeleteParameter", "/approvals/sg-1/inc-1234"},
	{"-", "DeleteParameter", "/pause"},
	{"-", "DeleteParameter", "/told/a"},
	{"-", "DeleteParameters", "/told/a"},

	{"-", "LabelParameterVersion", "/approvals/sg-1/pending-7"},
	{"-", "GetParameter", "/approvals/sg-1/pending-7"}, // GetParameters is enough
}

// documentsAreInReach compares what the roles may do to parameters with the rows of reach.
func documentsAreInReach(t template) (problems []string) {
	for _, row := range reach {
		for letter, role := range map[string]string{"r": "RemediatorRole", "s": "SweeperRole", "n": "NotifierRole", "c": "CanaryRole"} {
			may := permits(statements(t, role), "ssm:"+row.action, underPrefix+row.parameter)
			if want := strings.Contains(row.who, letter); may != want {
				problems = append(problems, fmt.Sprintf("%s: may %s on %s: %t, not %t", role, row.action, row.parameter, may, want))
			}
		}
	}
	return problems
}

// statements are those of all policies of a role.
func statements(t template, role string) (all []any) {
	policies := t.resources("AWS::IAM::Policy")
	for _, name := range slices.Sorted(maps.Keys(policies)) {
		properties := get(policies[name], "Properties")
		if slices.ContainsFunc(list(get(properties, "Roles")), func(v any) bool { return target(v) == role }) {
			all = append(all, list(get(properties, "PolicyDocument", "Statement"))...)
		}
	}
	return all
}

// permits decides as IAM does: some statement allows the action on the resource, and none denies it. A condition counts as
// met, and a missing Action or Resource as all of them, so that permits may only say too much.
func permits(statements []any, action, resource string) bool {
	allowed := false
	for _, statement := range statements {
		matches := func(element, value string) bool {
			patterns := list(get(statement, element))
			return patterns == nil || slices.ContainsFunc(patterns, func(v any) bool { return iam.Wildcard(filled.Replace(target(v)), value) })
		}
		if !matches("Action", action) || !matches("Resource", resource) {
			continue
		}
		if get(statement, "Effect") != "Allow" {
			return false
		}
		allowed = true
	}
	return allowed
}

// Each resource of each statement about parameters is there for a row: without the resource, the row fails.
func TestNoPermissionOnParametersIsWithoutARow(t *testing.T) {
	t.Parallel()
	source := read(t, "template.yaml")
	for _, at := range parameterPermissions(parse(t, source)) {
		t.Run(at.String(), func(t *testing.T) {
			t.Parallel()
			parsed := parse(t, source)
			at.remove(parsed)
			if len(documentsAreInReach(parsed)) == 0 {
				t.Error("no row needs this permission")
			}
		})
	}
}

// permission is one action of a statement on one of its resources.
type permission struct {
	policy            string
	statement, number int
	sid, action, on   string
}

func (p permission) String() string {
	return fmt.Sprintf("%s %s %s on %s", p.policy, p.sid, p.action, strings.TrimPrefix(p.on, parameters))
}

func parameterPermissions(t template) (all []permission) {
	for name, policy := range t.resources("AWS::IAM::Policy") {
		for i, statement := range list(get(policy, "Properties", "PolicyDocument", "Statement")) {
			for _, action := range actions(statement) {
				for n, resource := range list(get(statement, "Resource")) {
					if strings.HasPrefix(action, "ssm:") {
						all = append(all, permission{name, i, n, target(get(statement, "Sid")), action, target(resource)})
					}
				}
			}
		}
	}
	return all
}

// remove splits the statement in two: the other actions on all resources, and the action on the other resources.
func (p permission) remove(t template) {
	document, _ := get(t.resources("AWS::IAM::Policy")[p.policy], "Properties", "PolicyDocument").(map[string]any)
	all := list(document["Statement"])
	statement, _ := all[p.statement].(map[string]any)
	others := maps.Clone(statement)
	others["Action"] = slices.DeleteFunc(slices.Clone(list(statement["Action"])), func(v any) bool { return v == p.action })
	statement["Action"] = []any{p.action}
	statement["Resource"] = slices.Delete(slices.Clone(list(statement["Resource"])), p.number, p.number+1)
	document["Statement"] = append(slices.Clone(all), others)
}
