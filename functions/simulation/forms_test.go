package simulation

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
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
	r, found := naive.ByEC2[naive.EC2Key(egress, protocol, from, to, peer)]
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
		r, prefix := naive.Universe[rule], fmt.Sprintf("IpPermissions.%d.", i+1)
		fill(r, form, prefix)
		form.Set(prefix+fmt.Sprintf(peerKeys[r.PeerKind()], 1), r.Peer)
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
	r := naive.Universe[rule]
	fill(r, form, prefix)
	form.Set(prefix+[]string{"CidrIpv4", "CidrIpv6", "ReferencedGroupId", "PrefixListId"}[r.PeerKind()], r.Peer)
	return form
}

func fill(r naive.Rule, form url.Values, prefix string) {
	form.Set(prefix+"IpProtocol", r.EC2Protocol)
	form.Set(prefix+"FromPort", strconv.Itoa(r.FromPort))
	form.Set(prefix+"ToPort", strconv.Itoa(r.ToPort))
}
