package ec2groups

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// interfacesPerPage is the most that DescribeNetworkInterfaces gives at once (EC2 API
// reference).
const interfacesPerPage = 1000

// Interfaces counts the network interfaces that use a group. It reads one page, so
// that a group with thousands of interfaces costs one call as well.
func (g Groups) Interfaces(ctx context.Context, groupID string) (secgroup.Interfaces, error) {
	answer, err := g.Client.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{
		Filters:    []types.Filter{{Name: aws.String("group-id"), Values: []string{groupID}}},
		MaxResults: aws.Int32(interfacesPerPage),
	})
	if err != nil {
		return secgroup.Interfaces{}, fmt.Errorf("describe the network interfaces of %s: %w", groupID, awserr.WithSentinel(err))
	}
	count := secgroup.Interfaces{Total: len(answer.NetworkInterfaces), More: aws.ToString(answer.NextToken) != ""}
	for _, found := range answer.NetworkInterfaces {
		if isPublic(found) {
			count.Public++
		}
	}
	return count, nil
}

// uniqueLocal are the private addresses of IPv6 (RFC 4193).
var uniqueLocal = netip.MustParsePrefix("fc00::/7")

// isPublic reports whether an interface has a public IPv4 address, or an IPv6 address
// that is not private: the internet may reach either, if routes and rules allow it.
func isPublic(i types.NetworkInterface) bool {
	if i.Association != nil && aws.ToString(i.Association.PublicIp) != "" {
		return true
	}
	for _, p := range i.PrivateIpAddresses {
		if p.Association != nil && aws.ToString(p.Association.PublicIp) != "" {
			return true
		}
	}
	for _, found := range i.Ipv6Addresses {
		if a, err := netip.ParseAddr(aws.ToString(found.Ipv6Address)); err == nil && !uniqueLocal.Contains(a) {
			return true
		}
	}
	return false
}

// GroupNames returns the names of groups by their ids. A group that EC2 does not know
// here, such as one of a peered VPC in another account, is left out.
func (g Groups) GroupNames(ctx context.Context, ids []string) (map[string]string, error) {
	found, err := g.List(ctx, Selection{IDs: ids})
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(found))
	for _, group := range found {
		names[group.ID] = group.Name
	}
	return names, nil
}
