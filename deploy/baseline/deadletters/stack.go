// Package deadletters reads the dead-letter queues of sgwarden's stack. It has their
// messages dealt with again, or discards them.
package deadletters

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
)

// Stack is a stack of sgwarden's, with its dead-letter queues in the order of their names.
type Stack struct {
	Name, Account string
	Queues        []Queue

	Status              types.StackStatus
	Created             time.Time         // the zero time where CloudFormation does not say
	Parameters, Outputs map[string]string // by their keys
}

// ErrNoStack says that CloudFormation knows no stack of a name.
var ErrNoStack = errors.New("there is no stack")

// Queue is a dead-letter queue.
type Queue struct {
	Name     string // as the stack's outputs name it, such as RemediatorFailures
	URL      string
	Function string // the name of the function whose messages it holds
	LogGroup string // the name of that function's log group; empty where the stack does not say
	Feed     string // the URL of the queue that feeds the notifier; empty where the stack does not say
}

// OfNotifier reports whether the queue holds alerts. The other queues hold events.
func (q Queue) OfNotifier() bool { return strings.HasPrefix(q.Name, "Notifier") }

// OfRemediator reports whether the queue holds events of the remediator.
func (q Queue) OfRemediator() bool { return strings.HasPrefix(q.Name, "Remediator") }

// StackClient is CloudFormation.
type StackClient interface {
	DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error)
}

// ReadStack returns the stack of that name. Where there is none of the default name, it is the
// one that a stack set has made. The region is for its errors.
func ReadStack(ctx context.Context, client StackClient, name, region string) (Stack, error) {
	found, err := describe(ctx, client, name, region)
	if errors.Is(err, ErrNoStack) && name == DefaultName {
		if found, err = stackOfASet(ctx, client, region); err == nil {
			name = aws.ToString(found.StackName)
		}
	}
	if err != nil {
		return Stack{}, err
	}
	s := Stack{
		Name: name, Account: accountOf(found), Status: found.StackStatus, Created: aws.ToTime(found.CreationTime),
		Parameters: map[string]string{}, Outputs: map[string]string{},
	}
	for _, p := range found.Parameters {
		s.Parameters[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
	}
	for _, o := range found.Outputs {
		s.Outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	if s.Outputs["RemediatorFailuresUrl"] == "" || s.Outputs["RemediatorFunctionName"] == "" {
		return Stack{}, notOurs(s, region)
	}
	s.Queues = queuesOf(s.Outputs)
	return s, nil
}

// describe returns what CloudFormation says of a stack.
func describe(ctx context.Context, client StackClient, name, region string) (types.Stack, error) {
	answer, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	switch {
	case isNoStack(err), err == nil && len(answer.Stacks) == 0:
		return types.Stack{}, noStack(name, region)
	case err != nil:
		return types.Stack{}, fmt.Errorf("read the outputs of stack %s: %w", name, err)
	}
	return answer.Stacks[0], nil
}

// notOurs is the error of a stack without sgwarden's outputs. A stack that could not be made
// has no outputs at all, so the error names the state.
func notOurs(s Stack, region string) error {
	state := ""
	if len(s.Outputs) == 0 && s.Status != "" {
		state = fmt.Sprintf(", or it was not made: its state is %s", s.Status)
	}
	return fmt.Errorf("stack %s in region %s is not sgwarden's: it has no outputs RemediatorFailuresUrl and RemediatorFunctionName%s", s.Name, region, state)
}

// isNoStack reports whether CloudFormation knows no stack of the name. It says so in
// the message of a ValidationError, which has many other reasons.
func isNoStack(err error) bool {
	return awserr.ClassOf(err) == awserr.Invalid && strings.Contains(err.Error(), "does not exist")
}

func accountOf(s types.Stack) string {
	id, err := arn.Parse(aws.ToString(s.StackId))
	if err != nil {
		return ""
	}
	return id.AccountID
}

// queuesOf finds the queues: the outputs XFailuresUrl and XUndeliveredUrl are queues of
// the function that the output XFunctionName names.
func queuesOf(outputs map[string]string) []Queue {
	var queues []Queue
	for output, url := range outputs {
		name, isURL := strings.CutSuffix(output, "Url")
		of, isFailures := strings.CutSuffix(name, "Failures")
		of, isUndelivered := strings.CutSuffix(of, "Undelivered")
		if isURL && (isFailures || isUndelivered) {
			queues = append(queues, Queue{
				Name: name, URL: url, Function: outputs[of+"FunctionName"], LogGroup: outputs[of+"LogGroupName"], Feed: outputs["AlertQueueUrl"],
			})
		}
	}
	slices.SortFunc(queues, func(a, b Queue) int { return cmp.Compare(a.Name, b.Name) })
	return queues
}
