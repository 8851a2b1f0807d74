package doctor

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

// bus plays EventBridge: the states of rules, whose targets are all the same.
type bus struct {
	states  map[string]types.RuleState
	target  string
	pattern string
	err     error
}

func (b bus) DescribeRule(_ context.Context, in *eventbridge.DescribeRuleInput, _ ...func(*eventbridge.Options)) (*eventbridge.DescribeRuleOutput, error) {
	state, is := b.states[*in.Name]
	if !is && b.err == nil {
		return nil, &types.ResourceNotFoundException{}
	}
	return &eventbridge.DescribeRuleOutput{State: state, EventPattern: &b.pattern}, b.err
}

func (b bus) ListTargetsByRule(context.Context, *eventbridge.ListTargetsByRuleInput, ...func(*eventbridge.Options)) (*eventbridge.ListTargetsByRuleOutput, error) {
	return &eventbridge.ListTargetsByRuleOutput{Targets: []types.Target{{Arn: aws.String("arn:aws:lambda:us-east-1:1:function:" + b.target)}}}, nil
}

func TestEventRules(t *testing.T) {
	t.Parallel()
	resources := []Resource{{"SweeperRule", "sgwarden-sweeper", "AWS::Events::Rule"}, {"SweeperFunction", "the-sweeper", "AWS::Lambda::Function"}}
	in := func(state types.RuleState) map[string]types.RuleState {
		return map[string]types.RuleState{"sgwarden-sweeper": state}
	}
	for name, c := range map[string]struct {
		client    bus
		resources []Resource
		want      Check
	}{
		"enabled, with its function": {bus{states: in(types.RuleStateEnabled), target: "the-sweeper"}, resources, Check{"rules", OK, "1 EventBridge rule: all there, enabled, with their events and functions", ""}},
		"disabled": {
			bus{states: in(types.RuleStateDisabled), target: "the-sweeper"},
			resources,
			Check{"rule SweeperRule", Fail, "the EventBridge rule sgwarden-sweeper is disabled, so the function the-sweeper is not invoked by it", "aws events enable-rule --name sgwarden-sweeper --region us-east-1"},
		},
		"deleted": {
			bus{},
			resources,
			Check{"rule SweeperRule", Fail, "the EventBridge rule sgwarden-sweeper is gone, so the function the-sweeper is not invoked by it", rebuild(aStack())},
		},
		"with another function": {
			bus{states: in(types.RuleStateEnabled), target: "another"},
			resources,
			Check{"rule SweeperRule", Fail, "the EventBridge rule sgwarden-sweeper does not have the function the-sweeper as its target", "compare it with the template: aws events list-targets-by-rule --rule sgwarden-sweeper --region us-east-1"},
		},
		"no permission":  {bus{err: denied}, resources, unknown("rule SweeperRule", "events:DescribeRule", denied)},
		"no rule at all": {bus{}, nil, Check{"rules", Fail, "the stack has no EventBridge rule, so no function is ever invoked", rebuild(aStack())}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, EventRules(t.Context(), c.client, aStack(), c.resources, "us-east-1"), c.want)
		})
	}
}

func TestARuleMatchesTheEventsOfTheTemplate(t *testing.T) {
	t.Parallel()
	resources := []Resource{{"RequestsRule", "sgwarden-requests", "AWS::Events::Rule"}, {"SweeperFunction", "the-sweeper", "AWS::Lambda::Function"}}
	for name, c := range map[string]struct {
		pattern string
		status  Status
	}{
		"as in the template":  {`{"detail": {"operation": ["Create"], "name": ["/sg-baseline/sweep-request"]}, "source": ["aws.ssm"], "detail-type": ["Parameter Store Change"]}`, OK},
		"with another prefix": {`{"detail": {"operation": ["Create"], "name": ["/other/sweep-request"]}, "source": ["aws.ssm"], "detail-type": ["Parameter Store Change"]}`, Warn},
		"with nothing":        {`{"source": ["x"]}`, Warn},
		"none":                {``, Warn},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := bus{states: map[string]types.RuleState{"sgwarden-requests": types.RuleStateEnabled}, target: "the-sweeper", pattern: c.pattern}
			got := EventRules(t.Context(), client, aStack(), resources, "us-east-1")
			if len(got) != 1 || got[0].Status != c.status {
				t.Errorf("got %+v, want %s", got, c.status)
			}
		})
	}
}
