package trail

import (
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// parseAuthorize reads the rules that an Authorize call made. EC2's answer is
// preferred: it is canonical and has the sgr- ids. Before 2021-09 it had no
// rules, and then the request has to do.
func parseAuthorize(direction rule.Direction) func(value, *Trigger) {
	return func(call value, t *Trigger) {
		request := call.get("requestParameters")
		made := call.get("responseElements", "securityGroupRuleSet").list()
		t.GroupID = request.get("groupId").text()
		t.GroupName = request.get("groupName").text()
		if t.GroupID == "" && len(made) > 0 {
			t.GroupID = made[0].get("groupId").text()
		}
		for _, item := range made {
			t.add(responseRule(direction, item))
		}
		if len(made) == 0 {
			t.addRequest(direction, request)
		}
	}
}

// addRequest reads the rules of a request, in its flat form and in the other.
func (t *Trigger) addRequest(direction rule.Direction, request value) {
	t.addPermission(direction, request)
	for _, permission := range request.get("ipPermissions").list() {
		t.addPermission(direction, permission)
	}
}

func (t *Trigger) add(c Change, err error) {
	if err != nil {
		t.Unparsed = append(t.Unparsed, fmt.Errorf("rule %s of %s: %w", orNothing(c.RuleID), t.EventName, err))
		return
	}
	t.Changes = append(t.Changes, c)
}

// responseRule reads one rule of EC2's answer (SecurityGroupRule in the EC2 API
// reference). The referenced group has two spellings: the Authorize and the
// Revoke answer differ.
func responseRule(direction rule.Direction, item value) (Change, error) {
	if egress := item.get("isEgress"); egress.kind == kindBool {
		direction = map[string]rule.Direction{"false": rule.Ingress, "true": rule.Egress}[egress.written]
	}
	spelled := rule.EC2{
		Direction:    direction,
		CIDR:         firstText(item.get("cidrIpv4"), item.get("cidrIpv6")),
		GroupID:      firstText(item.get("referencedGroupInfo", "groupId"), item.get("referencedGroupId")),
		PrefixListID: item.get("prefixListId").text(),
	}
	change := Change{RuleID: item.get("securityGroupRuleId").text(), Description: item.get("description").text()}
	return change.canonical(spelled, item)
}

// sources are the lists of peers in a request's permission and the keys of their
// items; the flat form has the CIDR beside the protocol.
var sources = []struct {
	list, key string
	set       func(*rule.EC2, string)
}{
	{"ipRanges", "cidrIp", func(e *rule.EC2, s string) { e.CIDR = s }},
	{"ipv6Ranges", "cidrIpv6", func(e *rule.EC2, s string) { e.CIDR = s }},
	{"groups", "groupId", func(e *rule.EC2, s string) { e.GroupID = s }},
	{"prefixListIds", "prefixListId", func(e *rule.EC2, s string) { e.PrefixListID = s }},
}

// addPermission adds one change for each source of a permission, or for the
// request itself in its flat form.
func (t *Trigger) addPermission(direction rule.Direction, permission value) {
	for _, source := range sources {
		for _, item := range permission.get(source.list).list() {
			spelled := rule.EC2{Direction: direction}
			source.set(&spelled, item.get(source.key).text())
			t.add(Change{Description: item.get("description").text()}.canonical(spelled, permission))
		}
	}
	if cidr := permission.get("cidrIp").text(); cidr != "" {
		t.add(Change{}.canonical(rule.EC2{Direction: direction, CIDR: cidr}, permission))
	}
	if name := permission.get("sourceSecurityGroupName").text(); name != "" {
		t.add(Change{}, fmt.Errorf("its source is known only by the name %q", name))
	}
}

func (c Change) canonical(spelled rule.EC2, item value) (Change, error) {
	spelled.Protocol = item.get("ipProtocol").text()
	var err error
	if spelled.From, err = item.get("fromPort").number(); err != nil {
		return c, err
	}
	if spelled.To, err = item.get("toPort").number(); err != nil {
		return c, err
	}
	c.Rule, err = spelled.Canonical()
	return c, err
}
