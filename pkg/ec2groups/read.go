// Package ec2groups reads and writes security groups through EC2.
package ec2groups

import (
	"context"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// rulesPerPage is the most that DescribeSecurityGroupRules gives at once, so that
// a group at EC2's default maximum takes one round trip.
const rulesPerPage = 1000

// Groups implements the remediator's view of EC2.
type Groups struct{ Client *ec2.Client }

// Rules reads all live rules of a group, of which an unknown group has none.
func (g Groups) Rules(ctx context.Context, groupID string) ([]secgroup.LiveRule, error) {
	pages := ec2.NewDescribeSecurityGroupRulesPaginator(g.Client, &ec2.DescribeSecurityGroupRulesInput{
		Filters:    []types.Filter{{Name: aws.String("group-id"), Values: []string{groupID}}},
		MaxResults: aws.Int32(rulesPerPage),
	})
	var rules []secgroup.LiveRule
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("describe the rules of %s: %w", groupID, awserr.WithSentinel(err))
		}
		for _, r := range page.SecurityGroupRules {
			rules = append(rules, liveRule(r))
		}
	}
	return rules, nil
}

// liveRule is the one way from EC2's answer to a canonical rule.
func liveRule(r types.SecurityGroupRule) secgroup.LiveRule {
	spelled := rule.EC2{
		Direction:    rule.Ingress,
		Protocol:     aws.ToString(r.IpProtocol),
		From:         port(r.FromPort),
		To:           port(r.ToPort),
		CIDR:         aws.ToString(r.CidrIpv4) + aws.ToString(r.CidrIpv6),
		PrefixListID: aws.ToString(r.PrefixListId),
	}
	if aws.ToBool(r.IsEgress) {
		spelled.Direction = rule.Egress
	}
	live := secgroup.LiveRule{ID: aws.ToString(r.SecurityGroupRuleId), Description: aws.ToString(r.Description), GroupOwner: aws.ToString(r.GroupOwnerId)}
	if r.ReferencedGroupInfo != nil {
		spelled.GroupID = aws.ToString(r.ReferencedGroupInfo.GroupId)
		live.Owner = aws.ToString(r.ReferencedGroupInfo.UserId)
	}
	if live.Rule, live.NotCanonical = spelled.Canonical(); live.NotCanonical != nil {
		live.Rule = rule.Rule{Direction: spelled.Direction} // all that is known of it
		live.Text = fmt.Sprintf("%s %s %s-%s %s", spelled.Direction, spelled.Protocol, portText(r.FromPort), portText(r.ToPort),
			spelled.CIDR+spelled.GroupID+spelled.PrefixListID)
	}
	return live
}

func port(p *int32) *int {
	if p == nil {
		return nil
	}
	n := int(*p)
	return &n
}

func portText(p *int32) string {
	if p == nil {
		return "?"
	}
	return fmt.Sprint(*p)
}

// Group finds a group by its id.
func (g Groups) Group(ctx context.Context, groupID string) (secgroup.Group, error) {
	return g.find(ctx, groupID, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{groupID}})
}

// GroupByName finds a group of the default VPC by its name: GroupNames looks
// nowhere else (EC2 API reference, DescribeSecurityGroups).
func (g Groups) GroupByName(ctx context.Context, name string) (secgroup.Group, error) {
	return g.find(ctx, name, &ec2.DescribeSecurityGroupsInput{GroupNames: []string{name}})
}

// DefaultGroup finds the default group of a VPC. Each VPC has one group of that name, which
// EC2 makes and lets nobody delete or make by hand (VPC User Guide, "Default security groups
// for your VPCs").
func (g Groups) DefaultGroup(ctx context.Context, vpcID string) (secgroup.Group, error) {
	return g.find(ctx, "default of "+vpcID, &ec2.DescribeSecurityGroupsInput{Filters: []types.Filter{
		{Name: aws.String("vpc-id"), Values: []string{vpcID}}, {Name: aws.String("group-name"), Values: []string{"default"}},
	}})
}

func (g Groups) find(ctx context.Context, what string, input *ec2.DescribeSecurityGroupsInput) (secgroup.Group, error) {
	answer, err := g.Client.DescribeSecurityGroups(ctx, input)
	if err != nil {
		return secgroup.Group{}, fmt.Errorf("describe group %s: %w", what, awserr.WithSentinel(err))
	}
	if len(answer.SecurityGroups) != 1 {
		return secgroup.Group{}, fmt.Errorf("describe group %s: %d groups: %w", what, len(answer.SecurityGroups), secgroup.ErrNotFound)
	}
	return group(answer.SecurityGroups[0]), nil
}

func group(found types.SecurityGroup) secgroup.Group {
	g := secgroup.Group{ID: aws.ToString(found.GroupId), Name: aws.ToString(found.GroupName), VpcID: aws.ToString(found.VpcId)}
	for _, tag := range found.Tags {
		if aws.ToString(tag.Key) == secgroup.TagKey {
			g.Tag = aws.ToString(tag.Value)
		}
	}
	return g
}

// AllRules reads every rule of the region, a page at a time. It ends with the
// first error.
func (g Groups) AllRules(ctx context.Context) iter.Seq2[secgroup.GroupRule, error] {
	return func(yield func(secgroup.GroupRule, error) bool) {
		pages := ec2.NewDescribeSecurityGroupRulesPaginator(g.Client, &ec2.DescribeSecurityGroupRulesInput{MaxResults: aws.Int32(rulesPerPage)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(secgroup.GroupRule{}, fmt.Errorf("describe all rules: %w", err))
				return
			}
			for _, r := range page.SecurityGroupRules {
				if !yield(secgroup.GroupRule{GroupID: aws.ToString(r.GroupId), LiveRule: liveRule(r)}, nil) {
					return
				}
			}
		}
	}
}
