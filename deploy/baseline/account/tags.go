package account

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/sgwarden/sgwarden/pkg/awserr"
)

// tagsPerPage is the most groups that DescribeSecurityGroups gives at once.
const tagsPerPage = 1000

// GroupTags reads the tags of all groups of the region, by the groups' ids.
func (a *Account) GroupTags(ctx context.Context) (map[string]map[string]string, error) {
	cfg, err := a.AWS(ctx)
	if err != nil {
		return nil, err
	}
	tags := map[string]map[string]string{}
	pages := ec2.NewDescribeSecurityGroupsPaginator(ec2.NewFromConfig(cfg), &ec2.DescribeSecurityGroupsInput{MaxResults: aws.Int32(tagsPerPage)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the tags of the security groups: %w", awserr.WithSentinel(err))
		}
		for _, g := range page.SecurityGroups {
			of := map[string]string{}
			for _, tag := range g.Tags {
				of[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			}
			tags[aws.ToString(g.GroupId)] = of
		}
	}
	return tags, nil
}
