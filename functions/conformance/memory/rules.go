package memory

import (
	"fmt"
	"net/url"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// authorize adds all rules of a call, or none.
func (a *AWS) authorize(egress bool) awsstub.Handler {
	return func(r awsstub.Request) (any, error) {
		g, err := a.find(r.Form.Get("GroupId"))
		if err != nil {
			return nil, err
		}
		var added []types.SecurityGroupRule
		for _, wanted := range permissions(r.Form) {
			rule := a.ownRule(g, egress, wanted)
			if slices.ContainsFunc(slices.Concat(g.rules, added), func(other types.SecurityGroupRule) bool { return identity(other) == identity(rule) }) {
				return nil, refusal("InvalidPermission.Duplicate", "the specified rule %q already exists", identity(rule))
			}
			added = append(added, rule)
		}
		rules := slices.Concat(g.rules, added)
		if count(rules, egress) > a.Quota {
			return nil, refusal("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.")
		}
		g.rules = rules
		return awsstub.AuthorizeAnswer{Return: true, Rules: added}, nil
	}
}

func count(rules []types.SecurityGroupRule, egress bool) (n int) {
	for _, r := range rules {
		if *r.IsEgress == egress {
			n++
		}
	}
	return n
}

// identity is the same for two rules that permit the same traffic.
func identity(r types.SecurityGroupRule) string {
	return fmt.Sprintln(*r.IsEgress, aws.ToString(r.IpProtocol), aws.ToInt32(r.FromPort), aws.ToInt32(r.ToPort), aws.ToString(r.CidrIpv4), aws.ToString(r.CidrIpv6))
}

// permissions reads the rules of a call, one for each address range.
func permissions(form url.Values) []types.SecurityGroupRule {
	var rules []types.SecurityGroupRule
	for i := 1; form.Has(fmt.Sprintf("IpPermissions.%d.IpProtocol", i)); i++ {
		prefix := fmt.Sprintf("IpPermissions.%d.", i)
		for _, family := range []struct{ list, key string }{{"IpRanges", "CidrIp"}, {"Ipv6Ranges", "CidrIpv6"}} {
			for j := 1; form.Has(fmt.Sprintf("%s%s.%d.%s", prefix, family.list, j, family.key)); j++ {
				at := fmt.Sprintf("%s%s.%d.", prefix, family.list, j)
				rule := requested(form, prefix)
				rule.Description = present(form.Get(at + "Description"))
				if family.key == "CidrIp" {
					rule.CidrIpv4 = present(form.Get(at + family.key))
				} else {
					rule.CidrIpv6 = present(form.Get(at + family.key))
				}
				rules = append(rules, rule)
			}
		}
	}
	return rules
}

// requested reads what a request says of a rule but for its peer.
func requested(form url.Values, prefix string) types.SecurityGroupRule {
	return types.SecurityGroupRule{
		IpProtocol: present(form.Get(prefix + "IpProtocol")),
		FromPort:   pointer(int32(number(form.Get(prefix+"FromPort"), -1))), ToPort: pointer(int32(number(form.Get(prefix+"ToPort"), -1))),
	}
}

func present(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// revoke takes all rules of a call by their ids, or none.
func (a *AWS) revoke(egress bool) awsstub.Handler {
	return func(r awsstub.Request) (any, error) {
		g, err := a.find(r.Form.Get("GroupId"))
		if err != nil {
			return nil, err
		}
		answer := awsstub.RevokeAnswer{Return: true}
		rules := slices.Clone(g.rules)
		for _, id := range r.List("SecurityGroupRuleId") {
			at := slices.IndexFunc(rules, func(r types.SecurityGroupRule) bool { return *r.SecurityGroupRuleId == id && *r.IsEgress == egress })
			if at < 0 {
				return nil, refusal("InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '%s' does not exist", id)
			}
			rules = slices.Delete(rules, at, at+1)
			answer.Revoked = append(answer.Revoked, types.RevokedSecurityGroupRule{SecurityGroupRuleId: &id, GroupId: &g.id, IsEgress: &egress})
		}
		g.rules = rules
		return answer, nil
	}
}

// modify changes one rule, which keeps its id.
func (a *AWS) modify(r awsstub.Request) (any, error) {
	g, err := a.find(r.Form.Get("GroupId"))
	if err != nil {
		return nil, err
	}
	id := r.Form.Get("SecurityGroupRule.1.SecurityGroupRuleId")
	at := slices.IndexFunc(g.rules, func(r types.SecurityGroupRule) bool { return *r.SecurityGroupRuleId == id })
	if at < 0 {
		return nil, refusal("InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '%s' does not exist", id)
	}
	const prefix = "SecurityGroupRule.1.SecurityGroupRule."
	rule := requested(r.Form, prefix)
	rule.CidrIpv4, rule.CidrIpv6 = present(r.Form.Get(prefix+"CidrIpv4")), present(r.Form.Get(prefix+"CidrIpv6"))
	rule.SecurityGroupRuleId, rule.GroupId, rule.GroupOwnerId, rule.IsEgress = &id, &g.id, pointer(account), g.rules[at].IsEgress
	g.rules[at] = rule
	return struct {
		Return bool `xml:"return"`
	}{true}, nil
}
