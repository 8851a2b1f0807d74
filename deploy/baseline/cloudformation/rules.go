package cloudformation

import (
	"errors"
	"fmt"

	"github.com/sgwarden/sgwarden/deploy/cfn"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// peers are the properties that give a rule's source or destination.
var peers = map[string]func(*rule.EC2, string){
	"CidrIp":                     func(r *rule.EC2, s string) { r.CIDR = s },
	"CidrIpv6":                   func(r *rule.EC2, s string) { r.CIDR = s },
	"SourceSecurityGroupId":      func(r *rule.EC2, s string) { r.GroupID = s },
	"DestinationSecurityGroupId": func(r *rule.EC2, s string) { r.GroupID = s },
	"SourcePrefixListId":         func(r *rule.EC2, s string) { r.PrefixListID = s },
	"DestinationPrefixListId":    func(r *rule.EC2, s string) { r.PrefixListID = s },
}

func (r *reader) inline(logical, id string, direction rule.Direction, written any) {
	list, isList := written.([]any)
	if !isList && written != nil {
		list = []any{written} // CloudFormation takes one rule for a list of one
	}
	for i, each := range list {
		r.rule(id, fmt.Sprintf("%s.%s[%d]", logical, direction, i), direction, each)
	}
}

// rule adds the rule that properties write. A property that can't be evaluated withholds
// the group.
func (r *reader) rule(id, address string, direction rule.Direction, written any) {
	rules, description, err := r.rulesOf(direction, written)
	if err != nil {
		r.Withhold(id, address, err.Error())
		return
	}
	for _, spelled := range rules {
		r.Rule(id, address, spelled, description)
	}
}

func (r *reader) rulesOf(direction rule.Direction, written any) (rules []rule.EC2, description string, err error) {
	if call, isCall := written.(cfn.Call); isCall {
		return nil, "", fmt.Errorf("%s is not evaluated", call.Name())
	}
	properties, ok := written.(map[string]any)
	if !ok {
		return nil, "", fmt.Errorf("%v is no rule", written)
	}
	texts := map[string]string{}
	var errs []error
	for name, value := range properties {
		text, err := r.text(value)
		if err != nil && name != "Description" && name != "SourceSecurityGroupOwnerId" { // no part of a rule
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
		texts[name] = text
	}
	base := rule.EC2{Direction: direction, Protocol: texts["IpProtocol"]}
	base.From, err = port(texts["FromPort"])
	errs = append(errs, err)
	base.To, err = port(texts["ToPort"])
	errs = append(errs, err)
	if name := texts["SourceSecurityGroupName"]; name != "" {
		errs = append(errs, fmt.Errorf("SourceSecurityGroupName: the group %s is named, its id is not given", name))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, "", oneLine(err)
	}
	for name, set := range peers {
		if texts[name] != "" {
			each := base
			set(&each, texts[name])
			rules = append(rules, each)
		}
	}
	if len(rules) == 0 {
		return nil, "", errors.New("the rule has neither source nor destination")
	}
	return rules, texts["Description"], nil
}
