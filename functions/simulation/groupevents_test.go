package simulation

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// groupEvent is CloudTrail's record of a call to EC2.
func (w *world) groupEvent(c *call, g *group, before []owned, failure error) {
	e := &event{name: c.action, group: c.form.Get("GroupId")}
	trail := cloudtrail.Call{
		Action: c.action, Form: c.form, Time: time.Now(), Account: account, Region: region,
		RequestID: fmt.Sprintf("req-%d", w.events), EventID: fmt.Sprintf("event-%d", w.events), EnvelopeID: fmt.Sprintf("envelope-%d", w.events),
		Identity: cloudtrail.Identity{Type: "AssumedRole", ARN: functionARN, AccountID: account}, SourceIP: "203.0.113.7", UserAgent: "simulator",
	}
	e.id = trail.EventID
	if c.by == people {
		trail.Identity, e.principal = w.pickIdentity(c.action)
	}
	var refusal *apiError
	switch {
	case errors.As(failure, &refusal):
		trail.ErrorCode, trail.ErrorMessage = refusal.code, refusal.message
	case c.action == "CreateSecurityGroup":
		e.group, trail.GroupID = g.id, g.id
	default:
		e.group = g.id
		w.addRules(e, &trail, before, g.rules)
	}
	message, known, err := cloudtrail.Event(trail)
	if err != nil || !known {
		panic(fmt.Sprintf("no event for %s: %v", c.action, err))
	}
	e.message = message
	w.publish(e)
}

// addRules says which rules a call changed, as far as CloudTrail does. It had no
// rule sets in its answers once, and some events have none still. It leaves out
// the request and the answer where either has more than 100 KB.
func (w *world) addRules(e *event, trail *cloudtrail.Call, before, after []owned) {
	e.rules = opened(before, after)
	e.modified = e.name == "ModifySecurityGroupRules"
	if strings.HasPrefix(e.name, "Authorize") {
		e.opened = opened(before, after)
	}
	t := w.dice.throw(time.Now(), "rule set", 0)
	reported := e.modified || strings.HasPrefix(e.name, "Revoke") || t.chance(0.9)
	switch {
	case strings.HasPrefix(e.name, "Authorize") && t.chance(0.03):
		w.tally.faults[eventWithoutGroup]++
		e.rules, e.withoutGroup = nil, true
		trail.Before, trail.After = ec2Rules(e.group, before), ec2Rules(e.group, after)
		describeAtLength(trail)
	case reported:
		trail.Before, trail.After = ec2Rules(e.group, before), ec2Rules(e.group, after)
	default:
		for i := range e.rules {
			e.rules[i].id = ""
		}
	}
	if trail.Form.Get("GroupName") != "" && !reported && !e.withoutGroup {
		w.tally.faults[eventByName]++
	}
}

// describeAtLength makes the request and the answer longer than CloudTrail keeps.
func describeAtLength(trail *cloudtrail.Call) {
	long := strings.Repeat("long ", 25_000)
	trail.Form = maps.Clone(trail.Form)
	for key := range trail.Form {
		for _, peer := range peerKeys {
			list, _, _ := strings.Cut(peer, ".")
			if strings.Contains(key, "."+list+".1.") {
				trail.Form.Set(key[:strings.LastIndex(key, ".")]+".Description", long)
			}
		}
	}
	for i := range trail.After {
		trail.After[i].Description = aws.String(long)
	}
}

// opened are the rules that a call made or modified.
func opened(before, after []owned) []owned {
	was := map[owned]bool{}
	for _, r := range before {
		was[r] = true
	}
	var made []owned
	for _, r := range after {
		if !was[r] {
			made = append(made, r)
		}
	}
	return made
}

func ec2Rules(group string, rules []owned) []types.SecurityGroupRule {
	written := make([]types.SecurityGroupRule, len(rules))
	for i, o := range rules {
		r := naive.Universe[o.rule]
		s := types.SecurityGroupRule{
			SecurityGroupRuleId: aws.String(o.id), GroupId: aws.String(group), GroupOwnerId: aws.String(account), IsEgress: aws.Bool(r.Egress),
			IpProtocol: aws.String(r.EC2Protocol), FromPort: aws.Int32(int32(r.FromPort)), ToPort: aws.Int32(int32(r.ToPort)),
		}
		switch r.PeerKind() {
		case 0:
			s.CidrIpv4 = aws.String(r.Peer)
		case 1:
			s.CidrIpv6 = aws.String(r.Peer)
		case 2:
			s.ReferencedGroupInfo = &types.ReferencedSecurityGroup{GroupId: aws.String(r.Peer), UserId: aws.String(account)}
		case 3:
			s.PrefixListId = aws.String(r.Peer)
		}
		written[i] = s
	}
	return written
}
