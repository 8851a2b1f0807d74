package trail

import (
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// parseRevoke names no changes, since what was revoked can't be a violation any
// more, but what was removed. Only the answer of newer API versions says which
// rules a call by rule ids meant.
func parseRevoke(direction rule.Direction) func(value, *Trigger) {
	return func(call value, t *Trigger) {
		request := call.get("requestParameters")
		revoked := call.get("responseElements", "revokedSecurityGroupRuleSet").list()
		t.MayRemove = true
		t.GroupID = request.get("groupId").text()
		t.GroupName = request.get("groupName").text()
		var removed Trigger
		for _, item := range revoked {
			t.GroupID = firstText(textValue(t.GroupID), item.get("groupId"))
			removed.add(responseRule(direction, item))
		}
		if len(revoked) == 0 {
			removed.addRequest(direction, request)
		}
		if len(removed.Unparsed) > 0 {
			return // not all of it is known, so nothing is
		}
		for _, c := range removed.Changes {
			t.Removed = append(t.Removed, c.Rule)
		}
	}
}

// parseCreate: the group is judged as it is. Its default egress rule comes with
// no event of its own, and rules may have been added in the same second.
func parseCreate(call value, t *Trigger) {
	t.GroupID = call.get("responseElements", "groupId").text()
}

func parseDelete(call value, t *Trigger) {
	t.Kind = GroupDeleted
	t.GroupID = firstText(call.get("requestParameters", "groupId"), call.get("responseElements", "groupId"))
	t.GroupName = call.get("requestParameters", "groupName").text()
}

// parseModify reads the new values of the modified rules. The call is in
// CloudTrail's second dialect: wrapped, in capitals, with one object instead of
// a list of one, and scalars of guessed types. It says neither the direction nor
// the old values.
func parseModify(call value, t *Trigger) {
	t.MayRemove = true
	request := call.get("requestParameters", "ModifySecurityGroupRulesRequest")
	t.GroupID = firstText(request.get("GroupId"), call.get("requestParameters", "groupId"))
	for _, item := range request.get("SecurityGroupRule").list() {
		made := item.get("SecurityGroupRule")
		if made.get("IpProtocol").text() == "" {
			continue // an empty update: the rule stays as it was
		}
		c := Change{RuleID: item.get("SecurityGroupRuleId").text(), Description: made.get("Description").text(), EitherDirection: true}
		t.add(c.modified(made))
	}
}

func (c Change) modified(made value) (Change, error) {
	spelled := rule.EC2{
		Direction:    rule.Ingress,
		Protocol:     made.get("IpProtocol").text(),
		CIDR:         firstText(made.get("CidrIpv4"), made.get("CidrIpv6")),
		GroupID:      made.get("ReferencedGroupId").text(),
		PrefixListID: made.get("PrefixListId").text(),
	}
	var fromErr, toErr, err error
	spelled.From, fromErr = made.get("FromPort").number()
	spelled.To, toErr = made.get("ToPort").number()
	if fromErr != nil || toErr != nil {
		return c, fmt.Errorf("ports %s-%s are not numbers", made.get("FromPort").text(), made.get("ToPort").text())
	}
	c.Rule, err = spelled.Canonical()
	return c, err
}
