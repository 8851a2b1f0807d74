package reference

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// Authorize adds a rule, in rule text, to a group.
func Authorize(ctx context.Context, client *ec2.Client, groupID, text string) error {
	r, err := rule.Parse(text)
	if err != nil {
		return fmt.Errorf("authorize a rule of %s: %w", groupID, err)
	}
	return errors.Join(ec2groups.Groups{Client: client}.Authorize(ctx, groupID, []secgroup.ApprovedRule{{Rule: r}})...)
}

// RuleID is the id, sgr-…, of a group's live rule. It fails where the group has no such rule.
func RuleID(ctx context.Context, client *ec2.Client, groupID, text string) (string, error) {
	found, err := find(ctx, client, groupID, text)
	return found.ID, err
}

func find(ctx context.Context, client *ec2.Client, groupID, text string) (secgroup.LiveRule, error) {
	live, err := ec2groups.Groups{Client: client}.Rules(ctx, groupID)
	if err != nil {
		return secgroup.LiveRule{}, err
	}
	for _, l := range live {
		if l.NotCanonical == nil && l.Rule.String() == text {
			return l, nil
		}
	}
	return secgroup.LiveRule{}, fmt.Errorf("%s has no rule %s", groupID, text)
}

// Modify makes another rule of one that a group has, under the same id. The direction stays, whatever the new one's is.
// moto can only exchange one IPv4 CIDR for another, and ports.
func Modify(ctx context.Context, client *ec2.Client, groupID, from, to string) error {
	r, err := rule.Parse(to)
	if err != nil {
		return fmt.Errorf("modify a rule of %s: %w", groupID, err)
	}
	id, err := RuleID(ctx, client, groupID, from)
	if err != nil {
		return fmt.Errorf("modify a rule of %s: %w", groupID, err)
	}
	p := ec2groups.Permission(secgroup.ApprovedRule{Rule: r})
	update := &types.SecurityGroupRuleRequest{IpProtocol: p.IpProtocol, FromPort: p.FromPort, ToPort: p.ToPort, CidrIpv4: aws.String(r.Peer.String())}
	if _, err := client.ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{
		GroupId:            &groupID,
		SecurityGroupRules: []types.SecurityGroupRuleUpdate{{SecurityGroupRuleId: &id, SecurityGroupRule: update}},
	}); err != nil {
		return fmt.Errorf("modify %s of %s: %w", from, groupID, err)
	}
	return nil
}

// Revoke takes a rule, in rule text, from a group by its id.
func Revoke(ctx context.Context, client *ec2.Client, groupID, text string) error {
	live, err := find(ctx, client, groupID, text)
	if err != nil {
		return fmt.Errorf("revoke a rule of %s: %w", groupID, err)
	}
	return errors.Join(ec2groups.Groups{Client: client}.Revoke(ctx, groupID, []secgroup.LiveRule{live})...)
}
