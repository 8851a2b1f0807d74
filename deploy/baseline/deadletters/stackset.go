package deadletters

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// DefaultName is the name that deploy.sh gives a stack.
const DefaultName = "sgwarden"

// ofASet begins the names of the stacks that a stack set makes: StackSet-NAME-UUID. No page
// of AWS's documentation promises that; names in public issues show it. Should AWS name them
// otherwise, they are found with --stack-name only.
const ofASet = "StackSet-"

// OfStackSet reports whether a stack set made the stack. Only the stack set may change it.
func (s Stack) OfStackSet() bool { return strings.HasPrefix(s.Name, ofASet) }

// stackOfASet returns sgwarden's stack that a stack set has made in the region. Its name has
// another UUID in each account and region, so nobody can type it for many of them.
func stackOfASet(ctx context.Context, client StackClient, region string) (types.Stack, error) {
	var found []types.Stack
	pages := cloudformation.NewDescribeStacksPaginator(client, &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return types.Stack{}, fmt.Errorf("there is no stack %s in region %s, and whether a stack set has made one can't be seen: %w", DefaultName, region, err)
		}
		for _, s := range page.Stacks {
			if strings.HasPrefix(aws.ToString(s.StackName), ofASet) && slices.ContainsFunc(s.Outputs, isOurs) {
				found = append(found, s)
			}
		}
	}
	switch len(found) {
	case 0:
		return types.Stack{}, noStack(DefaultName, region)
	case 1:
		return found[0], nil
	}
	var names []string
	for _, s := range found {
		names = append(names, aws.ToString(s.StackName))
	}
	return types.Stack{}, fmt.Errorf("stack sets have made several stacks of sgwarden in region %s, which tell each change twice: say which one with --stack-name: %s", region, strings.Join(names, ", "))
}

func isOurs(o types.Output) bool { return aws.ToString(o.OutputKey) == "RemediatorFailuresUrl" }

func noStack(name, region string) error {
	return fmt.Errorf("%w %s in region %s: see --stack-name and --region", ErrNoStack, name, region)
}
