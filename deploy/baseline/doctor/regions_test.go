package doctor

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"github.com/sgwarden/sgwarden/pkg/ec2groups"
)

// enabled plays EC2's list of regions.
type enabled []string

func (e enabled) DescribeRegions(context.Context, *ec2.DescribeRegionsInput, ...func(*ec2.Options)) (*ec2.DescribeRegionsOutput, error) {
	if e == nil {
		return nil, denied
	}
	out := &ec2.DescribeRegionsOutput{}
	for _, name := range e {
		out.Regions = append(out.Regions, types.Region{RegionName: aws.String(name)})
	}
	return out, nil
}

// stacks plays CloudFormation in a region. err is about a stack that is asked for by its name.
type stacks struct{ err error }

func (s stacks) DescribeStacks(_ context.Context, input *cloudformation.DescribeStacksInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error) {
	if input.StackName == nil {
		return &cloudformation.DescribeStacksOutput{}, nil
	}
	return &cloudformation.DescribeStacksOutput{Stacks: []cfn.Stack{{Outputs: []cfn.Output{
		{OutputKey: aws.String("RemediatorFailuresUrl"), OutputValue: aws.String("u")}, {OutputKey: aws.String("RemediatorFunctionName"), OutputValue: aws.String("f")},
	}}}}, s.err
}

func TestOtherRegions(t *testing.T) {
	t.Parallel()
	_, groups := store(t, nil) // one group
	noStack := stacks{&smithy.GenericAPIError{Code: "ValidationError", Message: "Stack with id sgwarden does not exist"}}
	all := map[string]Elsewhere{
		"eu-west-1": {stacks{}, trails{all: aTrail(true, false)}, groups},
		"eu-west-2": {noStack, trails{all: aTrail(true, false)}, groups},
		"eu-west-3": {stacks{}, trails{}, groups},
		"sa-east-1": {stacks{denied}, trails{all: aTrail(true, false)}, ec2groups.Groups{}},
	}
	none := Check{
		"regions", Warn, "no stack sgwarden in eu-west-2 (1 group); default groups are not counted",
		"deploy/deploy.sh --regions eu-west-2; or look at fewer with --regions",
	}
	for name, c := range map[string]struct {
		client enabled
		names  []string
		want   []Check
	}{
		"the only region":           {enabled{"us-east-1"}, nil, []Check{{"regions", OK, "0 other regions looked at: each has a stack sgwarden and a trail", ""}}},
		"another with all":          {enabled{"us-east-1", "eu-west-1"}, nil, []Check{{"regions", OK, "1 other region looked at: each has a stack sgwarden and a trail", ""}}},
		"another without a stack":   {enabled{"us-east-1", "eu-west-1", "eu-west-2"}, nil, []Check{none}},
		"another without a trail":   {enabled{"eu-west-3", "us-east-1"}, nil, []Check{{"trails", Warn, "no trail logs management write events in eu-west-3", "have one trail log in all regions: aws cloudtrail update-trail --name TRAIL --is-multi-region-trail"}}},
		"one that may not be asked": {enabled{"sa-east-1", "eu-west-2"}, nil, []Check{{"regions", Unknown, "sa-east-1 could not be checked; the first because of: read the outputs of stack sgwarden: api error AccessDeniedException: no", "leave out with --regions what these credentials may not look into, or use others"}, none}},
		"those that are named":      {enabled{"eu-west-3", "eu-west-2"}, []string{"eu-west-2"}, []Check{none}},
		"no permission":             {nil, nil, []Check{unknown("regions", "ec2:DescribeRegions", denied)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			open := func(region string) Elsewhere { return all[region] }
			expect(t, OtherRegions(t.Context(), c.client, open, "us-east-1", aStack(), c.names), c.want...)
		})
	}
}

// TestOtherRegionsOfAStackSet looks for the stacks that the stack set has made there, whose names nobody knows.
func TestOtherRegionsOfAStackSet(t *testing.T) {
	t.Parallel()
	_, groups := store(t, nil)
	ofSet := aStack()
	ofSet.Name = "StackSet-sgw-01234567-89ab-cdef-0123-456789abcdef"
	all := map[string]Elsewhere{
		"eu-west-1": {stacks{}, trails{all: aTrail(true, false)}, groups}, // a stack sgwarden
		"eu-west-2": {stacks{&smithy.GenericAPIError{Code: "ValidationError", Message: "Stack with id sgwarden does not exist"}}, trails{all: aTrail(true, false)}, groups},
	}
	open := func(region string) Elsewhere { return all[region] }
	expect(t, OtherRegions(t.Context(), enabled{"us-east-1", "eu-west-1", "eu-west-2"}, open, "us-east-1", ofSet, nil), Check{
		"regions", Warn, "no stack sgwarden, and none of a stack set, in eu-west-2 (1 group); default groups are not counted",
		"name all regions of the stack set, in its account: deploy/organization.sh --regions A,B; or look at fewer with --regions",
	})
}
