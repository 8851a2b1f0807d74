package ec2groups

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

const (
	groupsPerPage   = 1000 // the most that DescribeSecurityGroups gives at once
	valuesPerFilter = 200  // the most that a filter takes (EC2 API reference, Filter)
)

// Selection says which groups of the region to list: one of the fields, or none
// for all groups. EC2 takes * and ? in a VpcID and in a tag for wildcards.
type Selection struct {
	IDs              []string
	VpcID            string
	TagKey, TagValue string
}

// List lists groups a page at a time, sorted by name and id. Ids that EC2 doesn't
// know are left out, so that they don't hide the others.
func (g Groups) List(ctx context.Context, s Selection) ([]secgroup.Group, error) {
	var groups []secgroup.Group
	for _, filters := range s.filters() {
		pages := ec2.NewDescribeSecurityGroupsPaginator(g.Client, &ec2.DescribeSecurityGroupsInput{
			Filters: filters, MaxResults: aws.Int32(groupsPerPage),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, fmt.Errorf("describe the security groups: %w", err)
			}
			for _, found := range page.SecurityGroups {
				groups = append(groups, group(found))
			}
		}
	}
	slices.SortFunc(groups, func(a, b secgroup.Group) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return slices.Compact(groups), nil
}

// filters returns those of each call that it takes.
func (s Selection) filters() [][]types.Filter {
	one := func(name string, values ...string) []types.Filter {
		return []types.Filter{{Name: &name, Values: values}}
	}
	switch {
	case s.VpcID != "":
		return [][]types.Filter{one("vpc-id", s.VpcID)}
	case s.TagKey != "":
		return [][]types.Filter{one("tag:"+s.TagKey, s.TagValue)}
	case s.IDs == nil:
		return [][]types.Filter{nil}
	}
	var calls [][]types.Filter
	for ids := range slices.Chunk(s.IDs, valuesPerFilter) {
		calls = append(calls, one("group-id", ids...))
	}
	return calls
}
