package deadletters_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
)

// region answers as CloudFormation does where there are these stacks, of which it lists one a page.
type region struct {
	stacks  []types.Stack
	listErr error
}

func (r region) DescribeStacks(_ context.Context, input *cloudformation.DescribeStacksInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error) {
	if input.StackName != nil {
		for _, s := range r.stacks {
			if *s.StackName == *input.StackName {
				return &cloudformation.DescribeStacksOutput{Stacks: []types.Stack{s}}, nil
			}
		}
		return nil, &smithy.GenericAPIError{Code: "ValidationError", Message: "Stack with id " + *input.StackName + " does not exist"}
	}
	n := len(aws.ToString(input.NextToken))
	out := &cloudformation.DescribeStacksOutput{}
	if n < len(r.stacks) {
		out.Stacks = r.stacks[n : n+1]
	}
	if n+1 < len(r.stacks) {
		out.NextToken = aws.String(strings.Repeat("x", n+1))
	}
	return out, r.listErr
}

func stackByName(name string, outputs ...string) types.Stack {
	s := types.Stack{StackName: &name}
	for _, key := range outputs {
		s.Outputs = append(s.Outputs, types.Output{OutputKey: &key, OutputValue: aws.String("v")})
	}
	return s
}

func TestTheStackOfAStackSetIsFoundWithoutItsName(t *testing.T) {
	t.Parallel()
	ours := []string{"RemediatorFailuresUrl", "RemediatorFunctionName"}
	const set, second = "StackSet-sgw-01234567-89ab-cdef-0123-456789abcdef", "StackSet-old-01234567-89ab-cdef-0123-456789abcdef"
	for name, c := range map[string]struct {
		region     region
		ask        string
		want, says string
	}{
		"the stack of that name comes first":    {region{stacks: []types.Stack{stackByName(set, ours...), stackByName("sgwarden", ours...)}}, "sgwarden", "sgwarden", ""},
		"one of a stack set, on a later page":   {region{stacks: []types.Stack{stackByName("x"), stackByName("StackSet-other-1", "A"), stackByName(set, ours...)}}, "sgwarden", set, ""},
		"another name is looked for only":       {region{stacks: []types.Stack{stackByName(set, ours...)}}, "x", "", "there is no stack x in region eu-west-1: see"},
		"an ordinary stack of another name":     {region{stacks: []types.Stack{stackByName("sgwarden-test", ours...)}}, "sgwarden", "", "there is no stack sgwarden in region eu-west-1: see"},
		"stacks of others only":                 {region{stacks: []types.Stack{stackByName("StackSet-other-1", "A")}}, "sgwarden", "", "there is no stack sgwarden in region eu-west-1: see"},
		"two of stack sets":                     {region{stacks: []types.Stack{stackByName(set, ours...), stackByName(second, ours...)}}, "sgwarden", "", "say which one with --stack-name: " + set + ", " + second},
		"one whose name is said":                {region{stacks: []types.Stack{stackByName(set, ours...), stackByName(second, ours...)}}, second, second, ""},
		"credentials that may not list any one": {region{listErr: errors.New("denied")}, "sgwarden", "", "whether a stack set has made one can't be seen: denied"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := deadletters.ReadStack(t.Context(), c.region, c.ask, "eu-west-1")
			if got.Name != c.want || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %q, %v, want %q, %q", got.Name, err, c.want, c.says)
			}
			if none := errors.Is(err, deadletters.ErrNoStack); none != strings.HasPrefix(c.says, "there is no stack") {
				t.Errorf("that there is no stack: %v, of %v", none, err)
			}
			if is := strings.HasPrefix(c.want, "StackSet-"); got.OfStackSet() != is {
				t.Errorf("%q is of a stack set: %v, want %v", got.Name, got.OfStackSet(), is)
			}
		})
	}
}
