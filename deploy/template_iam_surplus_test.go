package deploy_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/functions/footprint"
)

// onBehalf are actions for which no function has a call of an SDK's client: others act with the function's role. reason
// says who, and the functions are those whose roles need the action.
var onBehalf = []struct {
	action, reason string
	functions      []string
}{
	{"kms:Decrypt", "SSM reads SecureStrings, and SNS publishes to an encrypted topic, with the caller's permission of the key", []string{"remediator", "sweeper", "notifier"}},
	{"kms:GenerateDataKey*", "SNS publishes to an encrypted topic with the caller's permission of the key", []string{"remediator", "sweeper", "notifier"}},
	{"logs:CreateLogStream", "Lambda writes a function's log with the function's role", []string{"remediator", "sweeper", "notifier", "canary"}},
	{"logs:PutLogEvents", "Lambda writes a function's log with the function's role", []string{"remediator", "sweeper", "notifier", "canary"}},
	{"sqs:SendMessage", "Lambda sends what failed to the destination on failure with the function's role", []string{"remediator", "sweeper"}},
	{"sqs:DeleteMessage", "Lambda's event source mapping takes messages with the function's role", []string{"notifier"}},
	{"sqs:GetQueueAttributes", "Lambda's event source mapping takes messages with the function's role", []string{"notifier"}},
	{"sqs:ReceiveMessage", "Lambda's event source mapping takes messages with the function's role", []string{"notifier"}},
}

// withoutSDK are calls that sgwarden makes without a client of the SDK, by the function of sgwarden that makes them.
var withoutSDK = map[string]string{"pkg/busevents.Bus.Put": "events:PutEvents"}

// neverMade are operations that are linked into a function and that it never calls.
var neverMade = []struct{ function, action, reason string }{
	{"canary", "ec2:RevokeSecurityGroupEgress", "ec2groups revokes in the direction of a rule, and the canary has one rule, for ingress"},
}

// callable returns the IAM actions of a binary's own calls. An operation of these services has the name of its action.
// Source: Service Authorization Reference.
func callable(b footprint.Binary) (actions []string) {
	for service, operations := range b.Operations() {
		for _, operation := range operations {
			actions = append(actions, service+":"+operation)
		}
	}
	for function, action := range withoutSDK {
		if b.Uses(function) {
			actions = append(actions, action)
		}
	}
	return actions
}

// needed are the actions that a function's role has to permit.
func needed(function string, calls []string) []string {
	all := slices.Clone(calls)
	for _, row := range onBehalf {
		if slices.Contains(row.functions, function) {
			all = append(all, row.action)
		}
	}
	for _, row := range neverMade {
		all = slices.DeleteFunc(all, func(action string) bool { return row.function == function && row.action == action })
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// roleActions are the actions that a role permits on anything.
func roleActions(all map[string]policy, role string) (actions []string) {
	for _, s := range statementsOf(all, role) {
		actions = append(actions, s.Actions...)
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}

// TestEachRolePermitsWhatItsFunctionCallsAndNothingElse: a call that is missing in the role fails on AWS, and an action
// that nobody calls is there for whoever takes the function over.
func TestEachRolePermitsWhatItsFunctionCallsAndNothingElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := resolvedStack(t, parse(t, read(t, "template.yaml")), everything)
	all := policies(t, s)
	roles := map[string]string{"remediator": "RemediatorRole", "sweeper": "SweeperRole", "notifier": "NotifierRole", "canary": "CanaryRole"}
	if diff := cmp.Diff(slices.Sorted(maps.Values(roles)), slices.Sorted(maps.Keys(s.resources("AWS::IAM::Role")))); diff != "" {
		t.Errorf("roles (-that have a function +of the template):\n%s", diff)
	}
	for function, role := range roles {
		t.Run(function, func(t *testing.T) {
			t.Parallel()
			binary, err := footprint.Build(dir, function, "arm64")
			if err != nil {
				t.Fatal(err)
			}
			calls := callable(binary)
			if len(calls) < 3 {
				t.Fatalf("the linker names only the calls %v", calls)
			}
			if diff := cmp.Diff(needed(function, calls), roleActions(all, role)); diff != "" {
				t.Errorf("actions (-that the code calls +that the role permits):\n%s", diff)
			}
			for _, problem := range stale(function, calls) {
				t.Error(problem)
			}
		})
	}
}

// stale names rows that are not true any more.
func stale(function string, calls []string) (problems []string) {
	for _, row := range neverMade {
		if row.function == function && !slices.Contains(calls, row.action) {
			problems = append(problems, fmt.Sprintf("neverMade has %s, which is not linked any more", row.action))
		}
	}
	for _, row := range onBehalf {
		if slices.Contains(row.functions, function) && slices.Contains(calls, row.action) {
			problems = append(problems, fmt.Sprintf("onBehalf has %s, which the function calls by itself", row.action))
		}
	}
	return problems
}

func TestASurplusOnEitherSideIsSeen(t *testing.T) {
	t.Parallel()
	calls := []string{"ec2:AuthorizeSecurityGroupIngress", "ec2:DescribeSecurityGroupRules", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress", "sqs:DeleteMessage", "sqs:ReceiveMessage"}
	source := read(t, "template.yaml")
	for name, c := range map[string]struct {
		calls    []string
		old, new string
		want     bool // that code and role agree
	}{
		"as they are":                 {calls, "", "", true},
		"a call that nobody may make": {append(slices.Clone(calls), "ec2:DescribeVpcs"), "", "", false},
		"an action that nobody calls": {calls, "Action: [sqs:DeleteMessage, sqs:ReceiveMessage]", "Action: [sqs:DeleteMessage, sqs:PurgeQueue, sqs:ReceiveMessage]", false},
		"an action that is missing":   {calls, "Action: [sqs:DeleteMessage, sqs:ReceiveMessage]", "Action: [sqs:ReceiveMessage]", false},
	} {
		if !strings.Contains(source, c.old) {
			t.Fatalf("the template has no %q to break", c.old)
		}
		all := policies(t, resolvedStack(t, parse(t, strings.Replace(source, c.old, c.new, 1)), everything))
		if got := cmp.Equal(needed("canary", c.calls), roleActions(all, "CanaryRole")); got != c.want {
			t.Errorf("%s: code and role agree: %t, want %t", name, got, c.want)
		}
	}
}
