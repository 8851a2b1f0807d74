package ec2groups

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// Authorize adds rules with one call for each direction, side by side. EC2 adds all
// rules of a call or none, and all of them get the call's error. A single rule that
// exists already is no error.
func (g Groups) Authorize(ctx context.Context, groupID string, rules []secgroup.ApprovedRule) []error {
	return byDirection(rules, directionOf, func(direction rule.Direction, rules []secgroup.ApprovedRule) []error {
		return g.authorize(ctx, groupID, direction, rules)
	})
}

// AuthorizeEach adds as many of the rules as there is room for. EC2 rejects a whole
// call for one rule that exists already, that refers to a group which doesn't, or
// that is one too many. So a rejected call is tried again with its first half: the
// number of calls grows with the logarithm of the number of rules, for each rule
// that EC2 rejects.
func (g Groups) AuthorizeEach(ctx context.Context, groupID string, rules []secgroup.ApprovedRule) []error {
	return byDirection(rules, directionOf, func(direction rule.Direction, rules []secgroup.ApprovedRule) []error {
		return g.authorizeEach(ctx, groupID, direction, rules)
	})
}

func directionOf(r secgroup.ApprovedRule) rule.Direction { return r.Rule.Direction }

func (g Groups) authorize(ctx context.Context, groupID string, direction rule.Direction, rules []secgroup.ApprovedRule) []error {
	err := awserr.WithSentinelOfWrite(g.callAuthorize(ctx, groupID, direction, rules))
	errs := make([]error, len(rules))
	for i, r := range rules {
		if err != nil && !(len(rules) == 1 && errors.Is(err, secgroup.ErrDuplicate)) {
			errs[i] = fmt.Errorf("authorize %s on %s: %w", r.Rule, groupID, err)
		}
	}
	return errs
}

func (g Groups) authorizeEach(ctx context.Context, groupID string, direction rule.Direction, rules []secgroup.ApprovedRule) []error {
	errs := make([]error, len(rules))
	size := len(rules)
	for at := 0; at < len(rules); {
		size = min(size, len(rules)-at)
		of := g.authorize(ctx, groupID, direction, rules[at:at+size])
		class := awserr.ClassOf(of[0])
		switch {
		case size > 1 && splits[class]:
			size = (size + 1) / 2
			continue
		case class == awserr.Full: // nor is there room for any other
			for i := at; i < len(rules); i++ {
				errs[i] = of[0]
			}
			return errs
		}
		copy(errs[at:], of)
		at += size
		if size == 1 && of[0] != nil {
			size = len(rules) // the bad one is behind
		}
	}
	return errs
}

// splits are the errors that may be one rule's alone.
var splits = map[awserr.Class]bool{awserr.NotFound: true, awserr.Duplicate: true, awserr.Invalid: true, awserr.Full: true}

func (g Groups) callAuthorize(ctx context.Context, groupID string, direction rule.Direction, rules []secgroup.ApprovedRule) error {
	permissions := make([]types.IpPermission, len(rules))
	for i, r := range rules {
		permissions[i] = Permission(r)
	}
	if direction == rule.Ingress {
		_, err := g.Client.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &groupID, IpPermissions: permissions})
		return err
	}
	_, err := g.Client.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &groupID, IpPermissions: permissions})
	return err
}

// Permission is how EC2 takes a rule.
func Permission(a secgroup.ApprovedRule) types.IpPermission {
	r := a.Rule
	p := types.IpPermission{IpProtocol: aws.String(r.Protocol.String())}
	if r.Protocol == rule.All {
		p.IpProtocol = aws.String("-1")
	}
	if r.Protocol.HasPorts() {
		from, to := r.EC2Ports()
		p.FromPort, p.ToPort = aws.Int32(int32(from)), aws.Int32(int32(to))
	}
	var description, owner *string
	if a.Description != "" {
		description = aws.String(acceptable(a.Description))
	}
	if a.Owner != "" {
		owner = &a.Owner
	}
	peer := aws.String(r.Peer.String())
	switch {
	case r.Peer.Kind == rule.Group:
		p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: peer, UserId: owner, Description: description}}
	case r.Peer.Kind == rule.PrefixList:
		p.PrefixListIds = []types.PrefixListId{{PrefixListId: peer, Description: description}}
	case r.Peer.Prefix.Addr().Is4():
		p.IpRanges = []types.IpRange{{CidrIp: peer, Description: description}}
	default:
		p.Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: peer, Description: description}}
	}
	return p
}

// maxDescription and acceptable: EC2 takes up to 255 characters of a-z, A-Z, 0-9,
// spaces, and ._-:/()#,@[]+=&;{}!$* (EC2 API reference, IpRange.Description). A
// description never keeps a rule from being authorised.
const maxDescription = 255

func acceptable(description string) string {
	s := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune(" ._-:/()#,@[]+=&;{}!$*", c) {
			return c
		}
		return '_'
	}, description)
	return s[:min(len(s), maxDescription)]
}
