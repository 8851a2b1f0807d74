package reference

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Authorize adds a rule, in rule text, to a group.
func Authorize(ctx context.Context, client *ec2.Client, groupID, text string) error {
	r, err := rule.Parse(text)
	if err != nil {
		return fmt.Errorf("authorize a rule of %s: %w", groupID, err)
	}
	permissions := []types.IpPermission{permission(r)}
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

func permission(r rule.Rule) types.IpPermission {
	p := types.IpPermission{IpProtocol: aws.String(r.Protocol.String())}
	if r.Protocol == rule.All {
		p.IpProtocol = aws.String("-1")
	}
	if r.Protocol.HasPorts() {
		from, to := r.EC2Ports()
		p.FromPort, p.ToPort = aws.Int32(int32(from)), aws.Int32(int32(to))
	}
	switch {
	case r.Peer.Kind == rule.Group:
		p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: &r.Peer.ID}}
	case r.Peer.Kind == rule.PrefixList:
		p.PrefixListIds = []types.PrefixListId{{PrefixListId: &r.Peer.ID}}
	case r.Peer.Prefix.Addr().Is4():
		p.IpRanges = []types.IpRange{{CidrIp: aws.String(r.Peer.String())}}
	default:
		p.Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: aws.String(r.Peer.String())}}
	}
	return p
}
