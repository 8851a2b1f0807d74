package terraform

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// The attributes that make a rule, in inline blocks and the resource types for
// single rules; each has some of them.
var (
	cidrAttributes       = []string{"cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"}
	groupAttributes      = []string{"security_groups", "source_security_group_id", "referenced_security_group_id"}
	prefixListAttributes = []string{"prefix_list_ids", "prefix_list_id"}
	ruleAttributes       = slices.Concat([]string{"type", "protocol", "ip_protocol", "from_port", "to_port", "self"},
		cidrAttributes, groupAttributes, prefixListAttributes)
)

// rulesOf returns the rules that a block or resource writes, one for each peer.
func rulesOf(direction rule.Direction, groupID string, a attributes) ([]rule.EC2, error) {
	protocol := a.text("protocol") + a.text("ip_protocol")
	if n, ok := a["protocol"].(float64); ok {
		protocol = strconv.Itoa(int(n))
	}
	from, err1 := a.number("from_port")
	to, err2 := a.number("to_port")
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	base := rule.EC2{Direction: direction, Protocol: protocol, From: from, To: to}
	rules, err := withPeers(base, a)
	if a["self"] == true {
		base.GroupID = groupID
		rules = append(rules, base)
	}
	if err == nil && len(rules) == 0 {
		err = fmt.Errorf("%s %s with neither source nor destination", direction, protocol)
	}
	return rules, err
}

func withPeers(base rule.EC2, a attributes) ([]rule.EC2, error) {
	var rules []rule.EC2
	var errs []error
	each := func(names []string, set func(*rule.EC2, string)) {
		for _, name := range names {
			peers, err := a.texts(name)
			errs = append(errs, err)
			for _, peer := range peers {
				r := base
				set(&r, peer)
				rules = append(rules, r)
			}
		}
	}
	each(cidrAttributes, func(r *rule.EC2, s string) { r.CIDR = s })
	each(prefixListAttributes, func(r *rule.EC2, s string) { r.PrefixListID = s })
	each(groupAttributes, func(r *rule.EC2, s string) { r.GroupID = withoutAccount(s) })
	return rules, errors.Join(errs...)
}

// withoutAccount turns 111122223333/sg-0abc, a group of another account over a
// peering, into its id: the owner is not part of a rule.
func withoutAccount(group string) string { return group[strings.LastIndex(group, "/")+1:] }

// directionOf returns the direction of a resource that is a rule.
func directionOf(in instance) (rule.Direction, error) {
	switch in.Type {
	case ingressRule:
		return rule.Ingress, nil
	case egressRule:
		return rule.Egress, nil
	}
	return rule.ParseDirection(in.Values.text("type"))
}
