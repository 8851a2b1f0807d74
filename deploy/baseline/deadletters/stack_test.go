package deadletters_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
)

var made = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// stackWith answers as CloudFormation does about a stack with these outputs.
type stackWith struct {
	outputs map[string]string
	err     error
}

func (s stackWith) DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error) {
	stack := types.Stack{
		StackId:     aws.String("arn:aws:cloudformation:us-east-1:123456789012:stack/sgwarden/1"),
		StackStatus: types.StackStatusRollbackComplete, CreationTime: aws.Time(made),
		Parameters: []types.Parameter{{ParameterKey: aws.String("Mode"), ParameterValue: aws.String("alert")}},
	}
	for key, value := range s.outputs {
		stack.Outputs = append(stack.Outputs, types.Output{OutputKey: &key, OutputValue: &value})
	}
	return &cloudformation.DescribeStacksOutput{Stacks: []types.Stack{stack}}, s.err
}

func TestReadStack(t *testing.T) {
	t.Parallel()
	outputs := map[string]string{
		"SweeperFailuresUrl": "u4", "RemediatorUndeliveredUrl": "u3", "RemediatorFailuresUrl": "u2", "NotifierFailuresUrl": "u1", "AlertQueueUrl": "u0",
		"RemediatorFunctionName": "r", "SweeperFunctionName": "s", "NotifierFunctionName": "n", "RemediatorLogGroupName": "lr", "NotifierLogGroupName": "ln",
		"MailTopicArn": "x", "Failures": "y", "SomethingUrl": "z",
	}
	got, err := deadletters.ReadStack(t.Context(), stackWith{outputs: outputs}, "sgwarden", "us-east-1")
	want := deadletters.Stack{Name: "sgwarden", Account: "123456789012", Status: types.StackStatusRollbackComplete, Created: made, Outputs: outputs, Parameters: map[string]string{"Mode": "alert"}, Queues: []deadletters.Queue{
		{Name: "NotifierFailures", URL: "u1", Function: "n", LogGroup: "ln", Feed: "u0"},
		{Name: "RemediatorFailures", URL: "u2", Function: "r", LogGroup: "lr", Feed: "u0"},
		{Name: "RemediatorUndelivered", URL: "u3", Function: "r", LogGroup: "lr", Feed: "u0"},
		{Name: "SweeperFailures", URL: "u4", Function: "s", Feed: "u0"},
	}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestAStackThatIsNotSgwardensIsAnError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stack stackWith
		want  string
	}{
		"no stack": {
			stackWith{err: &smithy.GenericAPIError{Code: "ValidationError", Message: "Stack with id x does not exist"}},
			"there is no stack x in region eu-west-1: see --stack-name and --region",
		},
		"a name that CloudFormation refuses": {stackWith{err: &smithy.GenericAPIError{Code: "ValidationError", Message: "1 validation error"}}, "read the outputs of stack x: api error ValidationError: 1 validation error"},
		"no permission":                      {stackWith{err: errors.New("denied")}, "read the outputs of stack x: denied"},
		"another stack":                      {stackWith{outputs: map[string]string{"SweeperFailuresUrl": "u", "SweeperFunctionName": "f"}}, "not sgwarden's: it has no outputs RemediatorFailuresUrl"},
		"a stack that was not made":          {stackWith{}, "or it was not made: its state is ROLLBACK_COMPLETE"},
		"a stack with half of it":            {stackWith{outputs: map[string]string{"RemediatorFailuresUrl": "u"}}, "not sgwarden's"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := deadletters.ReadStack(t.Context(), c.stack, "x", "eu-west-1"); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
