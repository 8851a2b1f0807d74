package reference

import (
	"context"
	"fmt"

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
	permissions := []types.IpPermission{ec2groups.Permission(secgroup.ApprovedRule{Rule: r})}
	if r.Direction == rule.Egress {
		_, err = client.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{
			GroupId: &groupID, IpPermissions: permissions,
		})
	} else {
		_, err = client.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
			GroupId: &groupID, IpPermissions: permissions,
		})
	}
	if err != nil {
		return fmt.Errorf("authorize %s of %s: %w", text, groupID, err)
	}
	return nil
}
