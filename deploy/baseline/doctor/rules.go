package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// Rules is EventBridge.
type Rules interface {
	DescribeRule(context.Context, *eventbridge.DescribeRuleInput, ...func(*eventbridge.Options)) (*eventbridge.DescribeRuleOutput, error)
	ListTargetsByRule(context.Context, *eventbridge.ListTargetsByRuleInput, ...func(*eventbridge.Options)) (*eventbridge.ListTargetsByRuleOutput, error)
}

// EventRules checks that each rule of the stack is there, is enabled, matches its events, and
// invokes its function.
func EventRules(ctx context.Context, client Rules, stack deadletters.Stack, resources []Resource, region string) []Check {
	rules := ofType(resources, "AWS::Events::Rule")
	if len(rules) == 0 {
		return []Check{{"rules", Fail, "the stack has no EventBridge rule, so no function is ever invoked", rebuild(stack)}}
	}
	found := make([][]Check, len(rules))
	inParallel(len(rules), func(i int) {
		found[i] = eventRule(ctx, client, stack, rules[i], functionOf(rules[i].Logical, resources), region)
	})
	return orPassed(slices.Concat(found...), passed("rules", "%s: all there, enabled, with their events and functions", words.Count(len(rules), "EventBridge rule")))
}

// functionOf returns the function that a rule of the template invokes; the zero Resource
// where the template has no such rule, or the stack no such function.
func functionOf(rule string, resources []Resource) Resource {
	for _, r := range resources {
		if r.Logical == expected.Rules[rule] {
			return r
		}
	}
	return Resource{}
}

// eventRule returns what is wrong with a rule.
func eventRule(ctx context.Context, client Rules, stack deadletters.Stack, rule, function Resource, region string) []Check {
	name := "rule " + rule.Logical
	described, err := client.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: &rule.Name})
	var isDeleted *types.ResourceNotFoundException
	switch {
	case errors.As(err, &isDeleted):
		return []Check{{name, Fail, fmt.Sprintf("the EventBridge rule %s is gone, so %s is not invoked by it", rule.Name, orItsFunction(function)), rebuild(stack)}}
	case err != nil:
		return []Check{unknown(name, "events:DescribeRule", err)}
	case described.State == types.RuleStateDisabled:
		return []Check{{
			name, Fail, fmt.Sprintf("the EventBridge rule %s is disabled, so %s is not invoked by it", rule.Name, orItsFunction(function)),
			fmt.Sprintf("aws events enable-rule --name %s --region %s", rule.Name, region),
		}}
	}
	answer, err := client.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: &rule.Name})
	if err != nil {
		return []Check{unknown(name, "events:ListTargetsByRule", err)}
	}
	problems := otherEvents(described, rule, stack, region)
	if function.Name == "" && len(answer.Targets) > 0 || slices.ContainsFunc(answer.Targets, func(t types.Target) bool { return strings.HasSuffix(aws.ToString(t.Arn), ":function:"+function.Name) }) {
		return problems
	}
	return append(problems, Check{
		name, Fail, fmt.Sprintf("the EventBridge rule %s does not have %s as its target", rule.Name, orItsFunction(function)),
		fmt.Sprintf("compare it with the template: aws events list-targets-by-rule --rule %s --region %s", rule.Name, region),
	})
}

// otherEvents says where a rule does not match the events that the template says: somebody
// edited it, or another version is deployed.
func otherEvents(described *eventbridge.DescribeRuleOutput, rule Resource, stack deadletters.Stack, region string) []Check {
	wanted, is := expected.Patterns[rule.Logical]
	if !is {
		return nil
	}
	var pattern any
	err := json.Unmarshal([]byte(aws.ToString(described.EventPattern)), &pattern)
	if err == nil && reflect.DeepEqual(pattern, newStackFacts(stack, nil, account.Identity{}, region).fillAll(wanted)) {
		return nil
	}
	return []Check{{
		"rule " + rule.Logical, Warn, fmt.Sprintf("the EventBridge rule %s matches other events than in this version of the template: somebody edited it, or another version is deployed", rule.Name),
		fmt.Sprintf("%s; what it matches now: aws events describe-rule --name %s --region %s", command(stack, "deploy/deploy.sh"), rule.Name, region),
	}}
}

func orItsFunction(function Resource) string {
	if function.Name == "" {
		return "its function"
	}
	return "the function " + function.Name
}
