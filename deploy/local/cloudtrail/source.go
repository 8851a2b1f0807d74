package cloudtrail

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// source is what a rule permits, as EC2 keeps it: protocol, ports, and one peer, which is a CIDR or the id of a prefix
// list or group. The peer is empty where the request names a group by its name.
type source struct {
	protocol string
	from, to int32
	peer     string
}

// peerLists are a permission's lists of peers and the member with the peer.
var peerLists = []struct{ list, member string }{
	{"IpRanges", "CidrIp"},
	{"Ipv6Ranges", "CidrIpv6"},
	{"PrefixListIds", "PrefixListId"},
	{"Groups", "GroupId"},
}

// permissions returns the request's permissions, with the flat parameters as one.
func permissions(request *node) []*node {
	if _, flat := request.get("IpProtocol"); !flat {
		return request.list("IpPermissions")
	}
	permission := scalars(request)
	range4, pair := newNode(), newNode()
	if cidr, given := request.get("CidrIp"); given {
		range4.set("CidrIp", cidr)
		permission.add("IpRanges", range4)
	}
	if name, given := request.get("SourceSecurityGroupName"); given {
		pair.set("GroupName", name)
		permission.add("Groups", pair)
	}
	return []*node{permission}
}

// scalars copies a permission without its peers.
func scalars(permission *node) *node {
	bare := newNode()
	for _, name := range []string{"IpProtocol", "FromPort", "ToPort"} {
		if value, given := permission.get(name); given {
			bare.set(name, value)
		}
	}
	return bare
}

// sources returns what the request permits, source by source, in its order.
func sources(request *node) []source {
	var all []source
	for _, permission := range permissions(request) {
		for _, peers := range peerLists {
			for _, element := range permission.list(peers.list) {
				all = append(all, sourceOf(permission, element, peers.member))
			}
		}
	}
	return all
}

func sourceOf(permission, element *node, member string) source {
	protocol, _ := permission.get("IpProtocol")
	peer, _ := element.get(member)
	return canonical(protocol, port(permission, "FromPort"), port(permission, "ToPort"), peer)
}

// port returns a port, or -1 where the request has none.
func port(permission *node, name string) int32 {
	text, _ := permission.get(name)
	number, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return -1 // what isn't a number fails when the request is written
	}
	return int32(number)
}

func ruleSource(rule types.SecurityGroupRule) source {
	peer := aws.ToString(rule.CidrIpv4) + aws.ToString(rule.CidrIpv6) + aws.ToString(rule.PrefixListId)
	if rule.ReferencedGroupInfo != nil {
		peer = aws.ToString(rule.ReferencedGroupInfo.GroupId)
	}
	from, to := int32(-1), int32(-1)
	if rule.FromPort != nil && rule.ToPort != nil {
		from, to = *rule.FromPort, *rule.ToPort
	}
	return canonical(aws.ToString(rule.IpProtocol), from, to, peer)
}

// canonical does what EC2 does to a rule before it keeps it: names the protocols 1, 6, 17 and 58, drops the ports of
// protocols that have none (-1 in its answers), and masks the CIDR.
func canonical(protocol string, from, to int32, peer string) source {
	protocol = strings.ToLower(protocol)
	if name, known := map[string]string{"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}[protocol]; known {
		protocol = name
	}
	switch protocol {
	case "tcp", "udp", "icmp", "icmpv6":
	default:
		from, to = -1, -1
	}
	if prefix, err := netip.ParsePrefix(peer); err == nil {
		peer = prefix.Masked().String()
	}
	return source{protocol, from, to, peer}
}
