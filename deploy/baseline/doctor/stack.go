package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
)

// Resource is a resource of the stack. Name is the physical id.
type Resource struct{ Logical, Name, Type string }

// ResourcesClient is CloudFormation.
type ResourcesClient interface {
	cloudformation.ListStackResourcesAPIClient
}

// Resources lists what belongs to a stack.
func Resources(ctx context.Context, client ResourcesClient, stack string) ([]Resource, error) {
	var all []Resource
	pages := cloudformation.NewListStackResourcesPaginator(client, &cloudformation.ListStackResourcesInput{StackName: &stack})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the resources of stack %s: %w", stack, err)
		}
		for _, r := range page.StackResourceSummaries {
			all = append(all, Resource{aws.ToString(r.LogicalResourceId), aws.ToString(r.PhysicalResourceId), aws.ToString(r.ResourceType)})
		}
	}
	return all, nil
}

// NeedsResources is a look that needs the stack's resources. err says why they are not known.
func NeedsResources(name string, resources []Resource, err error, look func(context.Context, []Resource) []Check) Look {
	return func(ctx context.Context) []Check {
		if err != nil {
			return []Check{unknown(name, "cloudformation:ListStackResources", err)}
		}
		return look(ctx, resources)
	}
}

func ofType(resources []Resource, kind string) []Resource {
	return slices.DeleteFunc(slices.Clone(resources), func(r Resource) bool { return r.Type != kind })
}

// Identity says where the other checks looked.
func Identity(where account.Identity, stack deadletters.Stack, region string) []Check {
	alias := ""
	if where.Alias != "" {
		alias = " (" + where.Alias + ")"
	}
	return []Check{passed("identity", "stack %s in account %s%s, region %s, asked by %s", stack.Name, where.Account, alias, region, where.ARN)}
}

// Stack checks the state that CloudFormation gives the stack.
func Stack(stack deadletters.Stack, region string) []Check {
	c := passed("stack", "its state is %s", stack.Status)
	status := string(stack.Status)
	switch {
	case stack.Status == types.StackStatusUpdateRollbackComplete:
		c.Status, c.Found = Warn, c.Found+": the last update failed, and the version before it runs"
		c.Hint = command(stack, "deploy/deploy.sh")
	case strings.HasSuffix(status, "_IN_PROGRESS"):
		c.Status, c.Found, c.Hint = Warn, c.Found+": it is being changed", "run this again when the change is over"
	case strings.Contains(status, "FAILED"), strings.HasPrefix(status, "ROLLBACK"), strings.HasPrefix(status, "DELETE"):
		c.Status = Fail
		c.Hint = fmt.Sprintf("aws cloudformation describe-stack-events --stack-name %s --region %s", stack.Name, region)
	}
	return []Check{c}
}

// Mode checks whether sgwarden reverts anything.
func Mode(stack deadletters.Stack) []Check {
	switch mode := stack.Parameters["Mode"]; mode {
	case "enforce":
		c := passed("mode", "enforce: what is not approved is reverted")
		if tag := stack.Parameters["OnlyGroupsTagged"]; tag != "" {
			c.Found = fmt.Sprintf("enforce: what is not approved is reverted in groups with the tag sgwarden=%s, and only reported in others", tag)
		}
		return []Check{c}
	case "alert":
		return []Check{{"mode", Warn, "alert: nothing is revoked, sgwarden only reports", command(stack, "deploy/deploy.sh --mode enforce")}}
	default:
		return []Check{{"mode", Fail, fmt.Sprintf("the stack's parameter Mode is %q: want enforce or alert", mode), command(stack, "deploy/deploy.sh --mode enforce")}}
	}
}
