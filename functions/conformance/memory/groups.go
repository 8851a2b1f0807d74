package memory

import (
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// group is a security group with its rules in the order in which they came.
type group struct {
	id, name string
	rules    []types.SecurityGroupRule
}

func (a *AWS) createGroup(r awsstub.Request) (any, error) {
	g := &group{id: a.newID("sg"), name: r.Form.Get("GroupName")}
	g.rules = []types.SecurityGroupRule{a.ownRule(g, true, types.SecurityGroupRule{IpProtocol: pointer("-1"), FromPort: pointer(int32(-1)), ToPort: pointer(int32(-1)), CidrIpv4: pointer("0.0.0.0/0")})}
	a.groups = append(a.groups, g)
	return struct {
		GroupID string `xml:"groupId"`
	}{g.id}, nil
}

// ownRule gives a rule an id and its group.
func (a *AWS) ownRule(g *group, egress bool, r types.SecurityGroupRule) types.SecurityGroupRule {
	r.SecurityGroupRuleId, r.GroupId, r.GroupOwnerId, r.IsEgress = pointer(a.newID("sgr")), &g.id, pointer(account), &egress
	return r
}

func pointer[V any](v V) *V { return &v }

func (a *AWS) find(id string) (*group, error) {
	if at := slices.IndexFunc(a.groups, func(g *group) bool { return g.id == id }); at >= 0 {
		return a.groups[at], nil
	}
	return nil, refusal("InvalidGroup.NotFound", "The security group '%s' does not exist", id)
}

// describeGroups finds groups by ids or names, of which an unknown one is an error, or all.
func (a *AWS) describeGroups(r awsstub.Request) (any, error) {
	ids, names := r.List("GroupId"), r.List("GroupName")
	var answer awsstub.GroupsAnswer
	for _, g := range a.groups {
		if len(ids)+len(names) == 0 || slices.Contains(ids, g.id) || slices.Contains(names, g.name) {
			answer.Groups = append(answer.Groups, types.SecurityGroup{GroupId: &g.id, GroupName: &g.name, VpcId: pointer(vpc)})
		}
	}
	if len(ids)+len(names) > len(answer.Groups) {
		return nil, refusal("InvalidGroup.NotFound", "The security groups %q %q do not all exist", ids, names)
	}
	return answer, nil
}

// describeRules gives a page of the rules of some groups, or of all.
func (a *AWS) describeRules(r awsstub.Request) (any, error) {
	only := r.List("Filter.1.Value")
	var all []types.SecurityGroupRule
	for _, g := range a.groups {
		if len(only) == 0 || slices.Contains(only, g.id) {
			all = append(all, g.rules...)
		}
	}
	var answer awsstub.RulesAnswer
	answer.Rules, answer.NextToken = pageOf(all, r.Form.Get("NextToken"), number(r.Form.Get("MaxResults"), 1000))
	return answer, nil
}

// pageOf gives the page of a token, which is the number of the page's first item.
func pageOf[V any](all []V, token string, size int) (page []V, next string) {
	from := number(token, 0)
	to := min(from+size, len(all))
	if to < len(all) {
		next = strconv.Itoa(to)
	}
	return all[min(from, to):to], next
}

func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return otherwise
}
