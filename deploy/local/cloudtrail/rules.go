package cloudtrail

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func (c Call) egress() bool { return strings.HasSuffix(c.Action, "Egress") }

// changed returns the rules in the call's direction that the others lack, by id, as the request orders them.
func (c Call) changed(rules, others []types.SecurityGroupRule, request *node) []types.SecurityGroupRule {
	ids := map[string]bool{}
	for _, rule := range others {
		ids[aws.ToString(rule.SecurityGroupRuleId)] = true
	}
	var left []types.SecurityGroupRule
	for _, rule := range rules {
		if aws.ToBool(rule.IsEgress) == c.egress() && !ids[aws.ToString(rule.SecurityGroupRuleId)] {
			left = append(left, rule)
		}
	}
	order(left, request)
	return left
}

// order sorts rules as the request names them, by id or by what they permit. Those that it doesn't name come last.
func order(rules []types.SecurityGroupRule, request *node) {
	byID, bySource := map[string]int{}, map[source]int{}
	for i, id := range request.list("SecurityGroupRuleId") {
		byID[id.value] = i
	}
	requested := sources(request)
	for i, source := range requested {
		bySource[source] = i
	}
	position := func(rule types.SecurityGroupRule) int {
		if i, found := byID[aws.ToString(rule.SecurityGroupRuleId)]; found {
			return i
		}
		if i, found := bySource[ruleSource(rule)]; found {
			return i
		}
		return len(byID) + len(requested)
	}
	slices.SortStableFunc(rules, func(a, b types.SecurityGroupRule) int { return cmp.Compare(position(a), position(b)) })
}

// unknownPermissions returns the request's permissions, reduced to the sources that no rule had.
func (c Call) unknownPermissions(request *node) ([]any, error) {
	if c.Before == nil {
		return nil, nil
	}
	known := map[source]bool{}
	for _, rule := range c.Before {
		if aws.ToBool(rule.IsEgress) == c.egress() {
			known[ruleSource(rule)] = true
		}
	}
	var unknown []any
	for _, permission := range permissions(request) {
		left, found := unknownPeers(permission, known)
		if !found {
			continue
		}
		written, err := classic(left, permissionLists)
		if err != nil {
			return nil, err
		}
		unknown = append(unknown, written)
	}
	return unknown, nil
}

func unknownPeers(permission *node, known map[source]bool) (left *node, found bool) {
	left = scalars(permission)
	for _, peers := range peerLists {
		for _, element := range permission.list(peers.list) {
			// A group named by its name can't be looked up here, so it never counts as unknown.
			if source := sourceOf(permission, element, peers.member); source.peer != "" && !known[source] {
				left.add(peers.list, element)
				found = true
			}
		}
	}
	return left, found
}

// addedItem is a rule in the answer to Authorize.
func (c Call) addedItem(rule types.SecurityGroupRule) object {
	item := c.ruleItem(rule)
	item["groupOwnerId"] = cmp.Or(aws.ToString(rule.GroupOwnerId), c.Account)
	item["securityGroupRuleArn"] = cmp.Or(aws.ToString(rule.SecurityGroupRuleArn),
		arn("ec2", c.Region, c.Account, "security-group-rule/"+aws.ToString(rule.SecurityGroupRuleId)))
	if group := rule.ReferencedGroupInfo; group != nil {
		item["referencedGroupInfo"] = c.referenced(*group)
	}
	if len(rule.Tags) > 0 {
		item["tagSet"] = items(each(rule.Tags, func(tag types.Tag) object {
			return object{"key": aws.ToString(tag.Key), "value": aws.ToString(tag.Value)}
		}))
	}
	return item
}

// referenced always names the owner; the VPC appears only where a peering lies between.
func (c Call) referenced(group types.ReferencedSecurityGroup) object {
	written := object{
		"groupId": aws.ToString(group.GroupId),
		"userId":  cmp.Or(aws.ToString(group.UserId), c.Account),
	}
	if group.VpcPeeringConnectionId == nil {
		return written
	}
	put(written, "vpcPeeringConnectionId", group.VpcPeeringConnectionId)
	put(written, "vpcId", group.VpcId)
	put(written, "peeringStatus", group.PeeringStatus)
	return written
}

// removedItem is a rule in the answer to Revoke, where a referenced group is a plain id.
func (c Call) removedItem(rule types.SecurityGroupRule) object {
	item := c.ruleItem(rule)
	if group := rule.ReferencedGroupInfo; group != nil {
		put(item, "referencedGroupId", group.GroupId)
	}
	return item
}

// ruleItem is what both answers say of a rule, in EC2's canonical form.
func (c Call) ruleItem(rule types.SecurityGroupRule) object {
	kept := ruleSource(rule)
	item := object{
		"groupId":             cmp.Or(aws.ToString(rule.GroupId), c.GroupID),
		"securityGroupRuleId": aws.ToString(rule.SecurityGroupRuleId),
		"isEgress":            aws.ToBool(rule.IsEgress),
		"ipProtocol":          kept.protocol,
		"fromPort":            kept.from,
		"toPort":              kept.to,
	}
	switch {
	case rule.CidrIpv4 != nil:
		item["cidrIpv4"] = kept.peer
	case rule.CidrIpv6 != nil:
		item["cidrIpv6"] = kept.peer
	}
	put(item, "prefixListId", rule.PrefixListId)
	put(item, "description", rule.Description)
	return item
}

// put writes a member that is there and not empty.
func put(written object, name string, value *string) {
	if aws.ToString(value) != "" {
		written[name] = *value
	}
}

func each[T any](elements []T, write func(T) object) []object {
	written := make([]object, len(elements))
	for i, element := range elements {
		written[i] = write(element)
	}
	return written
}
