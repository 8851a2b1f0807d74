package simulation

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// change carries out a call that writes.
func (e *ec2) change(action string, form url.Values, by *invocation, at time.Time) (*group, error) {
	if action == "CreateSecurityGroup" {
		return e.create(form.Get("GroupName"), by, at), nil
	}
	g := e.groupByName(form)
	if g == nil || g.deleted {
		return nil, apiErrorf(400, "InvalidGroup.NotFound", "The security group '%s' does not exist", form.Get("GroupId")+form.Get("GroupName"))
	}
	if g.managed && by != people {
		return nil, apiErrorf(400, managedCode(g), "The security group '%s' is managed by a service", g.id)
	}
	switch action {
	case "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress":
		return g, e.authorize(g, strings.HasSuffix(action, "Egress"), form, by, at)
	case "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress":
		return g, e.revoke(g, strings.HasSuffix(action, "Egress"), list(form, "SecurityGroupRuleId."), by, at)
	case "ModifySecurityGroupRules":
		return g, e.modify(g, form, by, at)
	case "DeleteSecurityGroup":
		return g, e.remove(g, by, at)
	}
	return nil, apiErrorf(400, "InvalidAction", "the simulator does not know %s", action)
}

// managedCodes are how EC2 may refuse to change a group that an AWS service manages. AWS
// documents none for security groups, so the functions have to cope with any.
var managedCodes = []string{"OperationNotPermitted", "GroupIsLocked"}

func managedCode(g *group) string { return managedCodes[int(g.id[len(g.id)-1])%len(managedCodes)] }

// create makes a group with the default egress rule, which comes with no event
// of its own.
func (e *ec2) create(name string, by *invocation, at time.Time) *group {
	g := &group{id: e.newID("sg"), name: name}
	e.groups = append(e.groups, g)
	e.become(g, []owned{{e.newID("sgr"), naive.Index("egress all all 0.0.0.0/0")}}, by, at)
	return g
}

func (e *ec2) authorize(g *group, egress bool, form url.Values, by *invocation, at time.Time) error {
	wanted, err := permissions(egress, form)
	if err != nil {
		return err
	}
	rules := slices.Clone(g.rules)
	for _, r := range wanted {
		if slices.ContainsFunc(rules, func(o owned) bool { return o.rule == r }) {
			return apiErrorf(400, duplicateCode, "the specified rule \"%s\" already exists", naive.Universe[r].Text)
		}
		if peer := naive.Universe[r].Peer; peer == naive.FirstGroup && e.group(peer).deleted {
			return apiErrorf(400, "InvalidGroup.NotFound", "The security group '%s' does not exist", peer)
		}
		rules = append(rules, owned{e.newID("sgr"), r})
	}
	if full(rules, egress, e.quota+1) {
		return apiErrorf(400, quotaCode, "The maximum number of rules per security group has been reached.")
	}
	e.become(g, rules, by, at)
	return nil
}

const duplicateCode = "InvalidPermission.Duplicate"

const quotaCode = "RulesPerSecurityGroupLimitExceeded"

// full says whether there are so many rules of a direction.
func full(rules []owned, egress bool, many int) bool {
	for _, o := range rules {
		if naive.Universe[o.rule].Egress == egress {
			many--
		}
	}
	return many <= 0
}

func (e *ec2) revoke(g *group, egress bool, ids []string, by *invocation, at time.Time) error {
	rules := slices.Clone(g.rules)
	for _, id := range ids {
		i := slices.IndexFunc(rules, func(o owned) bool { return o.id == id && naive.Universe[o.rule].Egress == egress })
		if i < 0 {
			return apiErrorf(400, "InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '%s' does not exist", id)
		}
		rules = slices.Delete(rules, i, i+1)
	}
	e.become(g, rules, by, at)
	return nil
}

func (e *ec2) modify(g *group, form url.Values, by *invocation, at time.Time) error {
	id := form.Get("SecurityGroupRule.1.SecurityGroupRuleId")
	rules := slices.Clone(g.rules)
	i := slices.IndexFunc(rules, func(o owned) bool { return o.id == id })
	if i < 0 {
		return apiErrorf(400, "InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '%s' does not exist", id)
	}
	r, err := modified(naive.Universe[rules[i].rule].Egress, form)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(rules, func(o owned) bool { return o.rule == r }) {
		return apiErrorf(400, duplicateCode, "the specified rule \"%s\" already exists", naive.Universe[r].Text)
	}
	rules[i].rule = r
	e.become(g, rules, by, at)
	return nil
}

func (e *ec2) remove(g *group, by *invocation, at time.Time) error {
	for _, other := range e.living() {
		for _, r := range other.rules {
			if other != g && naive.Universe[r.rule].Peer == g.id {
				return apiErrorf(400, "DependencyViolation", "resource %s has a dependent object", g.id)
			}
		}
	}
	e.become(g, nil, by, at)
	g.deleted = true
	return nil
}
