package simulation

import (
	"fmt"
	"net/url"
	"strconv"
)

// The requests of the EC2 query protocol: people's are written here, everybody's
// are read here, the function's as its SDK wrote them.

// list returns the values of prefix1, prefix2 and so on.
func list(form url.Values, prefix string) []string {
	var values []string
	for i := 1; form.Has(prefix + strconv.Itoa(i)); i++ {
		values = append(values, form.Get(prefix+strconv.Itoa(i)))
	}
	return values
}

var peerKeys = []string{"IpRanges.%d.CidrIp", "Ipv6Ranges.%d.CidrIpv6", "Groups.%d.GroupId", "PrefixListIds.%d.PrefixListId"}

// permissions reads what an Authorize call asks for.
func permissions(egress bool, form url.Values) ([]int, error) {
	var rules []int
	for i := 1; ; i++ {
		prefix := fmt.Sprintf("IpPermissions.%d.", i)
		protocol := form.Get(prefix + "IpProtocol")
		if protocol == "" {
			return rules, nil
		}
		for _, key := range peerKeys {
			for j := 1; form.Has(prefix + fmt.Sprintf(key, j)); j++ {
				r, err := known(egress, protocol, form.Get(prefix+"FromPort"), form.Get(prefix+"ToPort"), form.Get(prefix+fmt.Sprintf(key, j)))
				if err != nil {
					return nil, err
				}
				rules = append(rules, r)
			}
		}
	}
}

func known(egress bool, protocol, from, to, peer string) (int, error) {
	r, found := byEC2[ec2Key(egress, protocol, from, to, peer)]
	if !found {
		return 0, apiErrorf(400, unknownRule, "nobody asked for %s %s-%s %s", protocol, from, to, peer)
	}
	return r, nil
}

// modified reads the rule that a Modify call makes of another.
func modified(egress bool, form url.Values) (int, error) {
	const prefix = "SecurityGroupRule.1.SecurityGroupRule."
	peer := form.Get(prefix+"CidrIpv4") + form.Get(prefix+"CidrIpv6") + form.Get(prefix+"ReferencedGroupId") + form.Get(prefix+"PrefixListId")
	return known(egress, form.Get(prefix+"IpProtocol"), form.Get(prefix+"FromPort"), form.Get(prefix+"ToPort"), peer)
}

// unknownRule is the code of the refusal of a rule outside of the universe.
const unknownRule = "InvalidParameterValue"

// authorizeForm asks for rules of one direction. The form has the group already.
func authorizeForm(form url.Values, rules []int) url.Values {
	for i, rule := range rules {
		r, prefix := universe[rule], fmt.Sprintf("IpPermissions.%d.", i+1)
		r.fill(form, prefix)
		form.Set(prefix+fmt.Sprintf(peerKeys[r.peerKind()], 1), r.peer)
	}
	return form
}

func revokeForm(form url.Values, ids []string) url.Values {
	for i, id := range ids {
		form.Set(fmt.Sprintf("SecurityGroupRuleId.%d", i+1), id)
	}
	return form
}

func modifyForm(group, id string, rule int) url.Values {
	const prefix = "SecurityGroupRule.1.SecurityGroupRule."
	form := url.Values{"GroupId": {group}, "SecurityGroupRule.1.SecurityGroupRuleId": {id}}
	r := universe[rule]
	r.fill(form, prefix)
	form.Set(prefix+[]string{"CidrIpv4", "CidrIpv6", "ReferencedGroupId", "PrefixListId"}[r.peerKind()], r.peer)
	return form
}

func (r universeRule) fill(form url.Values, prefix string) {
	form.Set(prefix+"IpProtocol", r.ec2Protocol)
	form.Set(prefix+"FromPort", strconv.Itoa(r.fromPort))
	form.Set(prefix+"ToPort", strconv.Itoa(r.toPort))
}

// peerKind is an index into peerKeys.
func (r universeRule) peerKind() int {
	switch {
	case r.peer[:3] == "sg-":
		return 2
	case r.peer[:3] == "pl-":
		return 3
	case r.prefix.Addr().Is6():
		return 1
	}
	return 0
}
