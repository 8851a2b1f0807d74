package simulation

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"
)

// event is a message on the bus, and what the judge has to know of it.
type event struct {
	number  int
	at      time.Time
	name    string
	group   string
	message json.RawMessage
	named   []owned // rules that the event says were opened; the id may be empty
	// modified says that the event leaves the direction of its rules open.
	modified bool
	dead     bool // in the dead-letter queue
}

// maxDelay is the longest that the bus keeps an event.
const maxDelay = 60 * time.Second

// publish puts an event on the bus, which may lose it, double it, and let others
// overtake it.
func (w *world) publish(e *event) {
	w.events++
	e.number, e.at = w.events, time.Now()
	t := w.dice.throw(e.at, e.name, e.number)
	if !w.calm && t.chance(w.weather.lost) {
		w.tally.faults[eventLost]++
		w.note("bus", "event %d (%s of %s) LOST", e.number, e.name, e.group)
		return
	}
	w.deliver(e, t)
	if !w.calm && t.chance(w.weather.doubled) {
		w.tally.faults[eventDoubled]++
		w.deliver(e, t)
	}
}

func (w *world) deliver(e *event, t throw) {
	most := pick(t, []time.Duration{2 * time.Second, 20 * time.Second, maxDelay})
	if w.limits != nil {
		most = burst
	}
	delay := t.between(100*time.Millisecond, most)
	w.note("bus", "event %d (%s of %s) will come in %s", e.number, e.name, e.group, delay)
	time.AfterFunc(delay, func() {
		w.locked(func() {
			if e.at.Before(w.newest) {
				w.tally.faults[eventReordered]++
			} else {
				w.newest = e.at
			}
			w.invoke(&delivery{event: e})
		})
	})
}

// groupEvent is what CloudTrail tells of a call to EC2.
func (w *world) groupEvent(c *call, g *group, before []owned, failure error) {
	id := c.form.Get("GroupId")
	e := &event{name: c.action, group: id}
	trail := cloudtrail.Call{
		Action: c.action, Form: c.form, Time: time.Now(), Account: account, Region: region,
		RequestID: fmt.Sprintf("req-%d", w.events), EventID: fmt.Sprintf("event-%d", w.events), EnvelopeID: fmt.Sprintf("envelope-%d", w.events),
		Identity: identityOf(c.by), SourceIP: "203.0.113.7", UserAgent: "simulator",
	}
	var refusal *apiError
	switch {
	case errors.As(failure, &refusal):
		trail.ErrorCode, trail.ErrorMessage = refusal.code, refusal.message
	case c.action == "CreateSecurityGroup":
		e.group, trail.GroupID = g.id, g.id
	default:
		e.named = opened(before, g.rules)
		e.modified = c.action == "ModifySecurityGroupRules"
		// CloudTrail had no rule sets in its answers once, and some events have none still.
		if t := w.dice.throw(time.Now(), "rule set", 0); e.modified || t.chance(0.9) || strings.HasPrefix(c.action, "Revoke") {
			trail.Before, trail.After = ec2Rules(g.id, before), ec2Rules(g.id, g.rules)
		} else {
			for i := range e.named {
				e.named[i].id = ""
			}
		}
	}
	message, known, err := cloudtrail.Event(trail)
	if err != nil || !known {
		panic(fmt.Sprintf("no event for %s: %v", c.action, err))
	}
	e.message = message
	w.publish(e)
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

func identityOf(by *invocation) cloudtrail.Identity {
	if by == people {
		return cloudtrail.Identity{Type: "IAMUser", ARN: "arn:aws:iam::" + account + ":user/ana", AccountID: account, UserName: "ana"}
	}
	return cloudtrail.Identity{Type: "AssumedRole", ARN: functionARN, AccountID: account}
}

func ec2Rules(group string, rules []owned) []types.SecurityGroupRule {
	written := make([]types.SecurityGroupRule, len(rules))
	for i, o := range rules {
		r := universe[o.rule]
		s := types.SecurityGroupRule{
			SecurityGroupRuleId: aws.String(o.id), GroupId: aws.String(group), GroupOwnerId: aws.String(account), IsEgress: aws.Bool(r.egress),
			IpProtocol: aws.String(r.ec2Protocol), FromPort: aws.Int32(int32(r.fromPort)), ToPort: aws.Int32(int32(r.toPort)),
		}
		switch r.peerKind() {
		case 0:
			s.CidrIpv4 = aws.String(r.peer)
		case 1:
			s.CidrIpv6 = aws.String(r.peer)
		case 2:
			s.ReferencedGroupInfo = &types.ReferencedSecurityGroup{GroupId: aws.String(r.peer), UserId: aws.String(account)}
		case 3:
			s.PrefixListId = aws.String(r.peer)
		}
		written[i] = s
	}
	return written
}

// parameterEvent is what Parameter Store tells of a write, if the rule of the
// template wants it.
func (w *world) parameterEvent(name, operation string) {
	group, isGroup := strings.CutPrefix(name, groupsPath)
	if !isGroup && name != guardrailName {
		return
	}
	message, err := cloudtrail.ParameterChange(cloudtrail.Parameter{
		Operation: operation, Name: name, Type: "String", Time: time.Now(), Account: account, Region: region,
		EnvelopeID: fmt.Sprintf("envelope-%d", w.events),
	})
	if err != nil {
		panic(err)
	}
	w.publish(&event{name: "Parameter" + operation, group: cmp.Or(group, name), message: message})
}
