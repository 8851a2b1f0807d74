package replay

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// answer is what the AWS CLI prints of DescribeSecurityGroupRules or of
// DescribeSecurityGroups (AWS CLI reference).
type answer struct {
	SecurityGroupRules *[]answeredRule
	SecurityGroups     *[]answeredGroup
	NextToken          string
}

// answeredRule is a rule of DescribeSecurityGroupRules.
type answeredRule struct {
	SecurityGroupRuleID string `json:"SecurityGroupRuleId"`
	GroupID             string `json:"GroupId"`
	GroupOwnerID        string `json:"GroupOwnerId"`
	IsEgress            bool
	IPProtocol          string `json:"IpProtocol"`
	FromPort, ToPort    *int
	CidrIpv4, CidrIpv6  string
	PrefixListID        string `json:"PrefixListId"`
	ReferencedGroupInfo struct {
		GroupID string `json:"GroupId"`
	}
	Description string
}

// answeredGroup is a group of DescribeSecurityGroups.
type answeredGroup struct {
	GroupID             string `json:"GroupId"`
	GroupName           string
	OwnerID             string               `json:"OwnerId"`
	IPPermissions       []answeredPermission `json:"IpPermissions"`
	IPPermissionsEgress []answeredPermission `json:"IpPermissionsEgress"`
}

type answeredPermission struct {
	IPProtocol       string `json:"IpProtocol"`
	FromPort, ToPort *int
	IPRanges         []struct{ CidrIP string }   `json:"IpRanges"`
	IPv6Ranges       []struct{ CidrIPv6 string } `json:"Ipv6Ranges"`
	PrefixListIDs    []struct {
		PrefixListID string `json:"PrefixListId"`
	} `json:"PrefixListIds"`
	UserIDGroupPairs []struct {
		GroupID string `json:"GroupId"`
	} `json:"UserIdGroupPairs"`
}

// ReadAnswer reads a saved answer of `aws ec2 describe-security-group-rules` or of
// `aws ec2 describe-security-groups`. The answer has to have all rules of its groups. A
// rule that can't be read is left out of the judgement, as in the remediator.
func ReadAnswer(data []byte) ([]DescribedGroup, error) {
	var a answer
	if err := json.Unmarshal(data, &a); err != nil {
		return nil, fmt.Errorf("it is no answer of EC2 as the AWS CLI prints it in JSON: %w", err)
	}
	switch {
	case a.NextToken != "":
		return nil, errors.New("it is only the first page of an answer: save all of it, without --max-items and --no-paginate")
	case a.SecurityGroupRules != nil:
		return groupsOfRules(*a.SecurityGroupRules), nil
	case a.SecurityGroups != nil:
		return describedGroups(*a.SecurityGroups), nil
	}
	return nil, errors.New("it has neither SecurityGroupRules nor SecurityGroups: save what aws ec2 describe-security-group-rules or aws ec2 describe-security-groups prints, without --query")
}

func groupsOfRules(rules []answeredRule) []DescribedGroup {
	at := map[string]int{}
	var groups []DescribedGroup
	for _, r := range rules {
		i, found := at[r.GroupID]
		if !found {
			i = len(groups)
			at[r.GroupID] = i
			groups = append(groups, DescribedGroup{ID: r.GroupID, Account: r.GroupOwnerID})
		}
		spelled := rule.EC2{
			Direction: directionOf(r.IsEgress), Protocol: r.IPProtocol, From: r.FromPort, To: r.ToPort,
			CIDR: r.CidrIpv4 + r.CidrIpv6, GroupID: r.ReferencedGroupInfo.GroupID, PrefixListID: r.PrefixListID,
		}
		groups[i].Live = append(groups[i].Live, liveRule(spelled, r.SecurityGroupRuleID, r.Description))
	}
	return groups
}

func directionOf(egress bool) rule.Direction {
	if egress {
		return rule.Egress
	}
	return rule.Ingress
}

func liveRule(spelled rule.EC2, id, description string) secgroup.LiveRule {
	l := secgroup.LiveRule{ID: id, Description: description}
	if l.Rule, l.NotCanonical = spelled.Canonical(); l.NotCanonical != nil {
		l.Rule.Direction = spelled.Direction
		l.Text = fmt.Sprintf("%s %s %s%s%s", spelled.Direction, spelled.Protocol, spelled.CIDR, spelled.GroupID, spelled.PrefixListID)
	}
	return l
}

func describedGroups(answered []answeredGroup) []DescribedGroup {
	var groups []DescribedGroup
	for _, a := range answered {
		g := DescribedGroup{ID: a.GroupID, Name: a.GroupName, Account: a.OwnerID}
		for _, p := range a.IPPermissions {
			g.Live = append(g.Live, p.rules(rule.Ingress)...)
		}
		for _, p := range a.IPPermissionsEgress {
			g.Live = append(g.Live, p.rules(rule.Egress)...)
		}
		groups = append(groups, g)
	}
	return groups
}

func (p answeredPermission) rules(direction rule.Direction) []secgroup.LiveRule {
	var rules []secgroup.LiveRule
	add := func(set func(*rule.EC2)) {
		spelled := rule.EC2{Direction: direction, Protocol: p.IPProtocol, From: p.FromPort, To: p.ToPort}
		set(&spelled)
		rules = append(rules, liveRule(spelled, "", ""))
	}
	for _, x := range p.IPRanges {
		add(func(e *rule.EC2) { e.CIDR = x.CidrIP })
	}
	for _, x := range p.IPv6Ranges {
		add(func(e *rule.EC2) { e.CIDR = x.CidrIPv6 })
	}
	for _, x := range p.PrefixListIDs {
		add(func(e *rule.EC2) { e.PrefixListID = x.PrefixListID })
	}
	for _, x := range p.UserIDGroupPairs {
		add(func(e *rule.EC2) { e.GroupID = x.GroupID })
	}
	return rules
}
