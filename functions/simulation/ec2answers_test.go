package simulation

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// answerEC2 carries out a call of a function.
func (w *world) answerEC2(c *call, p plan) (answer, error) {
	switch c.action {
	case "DescribeSecurityGroupRules":
		return w.describeRules(c, p), nil
	case "DescribeSecurityGroups":
		return w.describeGroup(c)
	case "DescribeNetworkInterfaces": // no group has any
		return c.ec2Answer("<networkInterfaceSet/>"), nil
	}
	ids := list(c.form, "SecurityGroupRuleId.")
	reported := ids
	switch {
	case p.fault == someRulesRevoked && len(ids) > 1:
		reported = ids[:1+p.some.IntN(len(ids)-1)]
		for i := range ids { // the valid part of the form takes effect
			c.form.Del(fmt.Sprintf("SecurityGroupRuleId.%d", i+1))
		}
		for i, id := range reported {
			c.form.Set(fmt.Sprintf("SecurityGroupRuleId.%d", i+1), id)
		}
	case p.fault == someIDsInAnswer && len(ids) > 1:
		reported = ids[:1+p.some.IntN(len(ids)-1)]
	case p.fault == noIDsInAnswer:
		reported = nil
	}
	g, err := w.writeEC2(c)
	if err != nil {
		return answer{}, err
	}
	if !strings.HasPrefix(c.action, "Revoke") {
		return c.ec2Answer("<return>true</return>"), nil
	}
	if len(reported) < len(ids) {
		w.deal(c, p.fault)
	}
	return c.ec2Answer(revokedContent(g.id, strings.HasSuffix(c.action, "Egress"), reported)), nil
}

// describeRules answers a page, of one group or of all, as things were a while
// ago if the plan says so.
func (w *world) describeRules(c *call, p plan) answer {
	only := c.form.Get("Filter.1.Value.1")
	size, err := strconv.Atoi(c.form.Get("MaxResults"))
	if err != nil || w.ec2.pages > 0 {
		size = w.ec2.pages
	}
	at := time.Now().Add(-p.staleness)
	type found struct {
		group string
		owned
	}
	var all []found
	outdated := false
	for _, g := range w.ec2.groups {
		if only != "" && g.id != only {
			continue
		}
		rules := g.asOf(at)
		outdated = outdated || !slices.Equal(rules, g.rules)
		for _, r := range rules {
			if r.id > c.form.Get("NextToken") {
				all = append(all, found{g.id, r})
			}
		}
	}
	if outdated {
		c.by.stale = true
		w.deal(c, stale)
	}
	slices.SortFunc(all, func(a, b found) int { return strings.Compare(a.id, b.id) })
	next := ""
	if len(all) > size {
		all = all[:size]
		next = all[len(all)-1].id
	}
	var items strings.Builder
	sighted := map[string][]owned{}
	for _, f := range all {
		items.WriteString(ruleItem(f.group, f.owned))
		sighted[f.group] = append(sighted[f.group], f.owned)
	}
	a := c.ec2Answer("<securityGroupRuleSet>" + items.String() + "</securityGroupRuleSet><nextToken>" + next + "</nextToken>")
	a.received = func() { c.by.sawRules(only, sighted, next == "") }
	w.note(c.by, "  answered %v", sighted)
	return a
}

func (w *world) describeGroup(c *call) (answer, error) {
	id, name := c.form.Get("GroupId.1"), c.form.Get("GroupName.1")
	g := w.ec2.group(id)
	if id == "" {
		g = w.ec2.byName(name)
	}
	if g == nil || g.deleted {
		return answer{}, apiErrorf(400, "InvalidGroup.NotFound", "The security group '%s' does not exist", id+name)
	}
	return c.ec2Answer(fmt.Sprintf("<securityGroupInfo><item><groupId>%s</groupId><groupName>%s</groupName><vpcId>vpc-0a</vpcId></item></securityGroupInfo>", g.id, g.name)), nil
}

// writeEC2 changes groups for a function or for people, and lets CloudTrail know,
// whether or not EC2 did it.
func (w *world) writeEC2(c *call) (*group, error) {
	var before []owned
	if g := w.ec2.groupByName(c.form); g != nil {
		before = g.rules
	}
	at := time.Now()
	g, err := w.ec2.change(c.action, c.form, c.by, at)
	var refusal *apiError
	if errors.As(err, &refusal) && refusal.code == quotaCode && c.by != people {
		c.by.full = true
	}
	if errors.As(err, &refusal) && slices.Contains(managedCodes, refusal.code) {
		w.deal(c, managedRefused)
	}
	if errors.As(err, &refusal) && refusal.code == unknownRule && c.by != people {
		w.broken("safety", "%v authorises on %s what no baseline and no rule have in common: %s", c.by, c.form.Get("GroupId"), refusal.message)
	}
	w.judgeWrites(c, g, before, at)
	w.groupEvent(c, g, before, err)
	return g, err
}
