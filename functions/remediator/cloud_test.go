package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/functions/wiring"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/settings"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

const (
	group    = "sg-0a1b2c3d4e5f60718" // that of the sample events
	topic    = "arn:aws:sns:us-east-1:111122223333:sgwarden-alerts"
	approved = "ingress tcp 443 192.0.2.0/24" // by the baseline of newCloud
)

// cloud is one group with its rules, one baseline and one topic, behind a stub
// of AWS that the real clients speak to.
type cloud struct {
	stub *awsstub.Stub

	mu        sync.Mutex
	live      []types.SecurityGroupRule
	baseline  string    // empty for none
	changedAt time.Time // when the baseline was; zero where SSM does not say
	published []awsstub.Request
}

// newCloud opens the rules, given as rule text, beside the approved one.
func newCloud(t *testing.T, delay time.Duration, opened ...string) *cloud {
	t.Helper()
	c := &cloud{baseline: document(t, approved)}
	for _, text := range append([]string{approved}, opened...) {
		c.live = append(c.live, spell(t, text, len(c.live)))
	}
	c.stub = awsstub.New(delay, map[string]awsstub.Handler{
		"DescribeSecurityGroupRules":    c.rules,
		"DescribeSecurityGroups":        c.group,
		"DescribeNetworkInterfaces":     func(awsstub.Request) (any, error) { return awsstub.InterfacesAnswer{}, nil },
		"GetParameters":                 c.parameter,
		"GetParametersByPath":           func(awsstub.Request) (any, error) { return awsstub.HistoryAnswer{}, nil }, // no approvals
		"GetParameterHistory":           c.history,
		"RevokeSecurityGroupIngress":    c.revoke,
		"RevokeSecurityGroupEgress":     c.revoke,
		"AuthorizeSecurityGroupIngress": c.authorize,
		"Publish":                       c.publish,
		"PutParameter":                  done,
		"DeleteParameters":              done,
	})
	t.Cleanup(c.stub.Close)
	return c
}

func done(awsstub.Request) (any, error) { return struct{}{}, nil }

// handler is the function as main wires it, with new clients.
func (c *cloud) handler(t *testing.T) handler {
	t.Helper()
	env := settings.Settings{BaselinePrefix: "/sg-baseline", AlertTopicARN: topic, Enforce: true, LogLevel: slog.LevelInfo}
	return handler{wiring.Remediator(env, c.stub.Config(), wiring.Logger(env, io.Discard))}
}

// opens gives live rules the ids that an event gives its rules.
func (c *cloud) opens(message []byte) []byte {
	trigger, _ := trail.Parse(message)
	for _, change := range trigger.Changes {
		for i, l := range c.live {
			same := !change.EitherDirection && reflect.DeepEqual(l, withID(spelled(change.Rule, 0), l.SecurityGroupRuleId))
			if same && change.RuleID != "" {
				c.live[i].SecurityGroupRuleId = aws.String(change.RuleID)
			}
		}
	}
	return message
}

func withID(l types.SecurityGroupRule, id *string) types.SecurityGroupRule {
	l.SecurityGroupRuleId = id
	return l
}

// invoke runs a new function at an event, whose rules have the event's ids.
func (c *cloud) invoke(t *testing.T, message []byte) string {
	t.Helper()
	c.opens(message)
	answer, err := c.handler(t).Invoke(context.Background(), message)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

func (c *cloud) rules(r awsstub.Request) (any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.Form.Get("Filter.1.Value.1") != group {
		return awsstub.RulesAnswer{}, nil
	}
	return awsstub.RulesAnswer{Rules: slices.Clone(c.live)}, nil
}

func (c *cloud) group(r awsstub.Request) (any, error) {
	if r.Form.Get("GroupId.1") != group && r.Form.Get("GroupName.1") != "web" {
		return nil, &awsstub.Error{Code: "InvalidGroup.NotFound", Message: "no such group"}
	}
	return awsstub.GroupsAnswer{Groups: []types.SecurityGroup{{GroupId: aws.String(group), GroupName: aws.String("web"), VpcId: aws.String("vpc-0a")}}}, nil
}

func (c *cloud) parameter(r awsstub.Request) (any, error) {
	others := []string{"/sg-baseline/guardrail", "/sg-baseline/pause", "/sg-baseline/trust"}
	answer := awsstub.ParametersAnswer{InvalidParameters: others}
	name := "/sg-baseline/groups/" + group
	if diff := cmp.Diff([]any{name, others[0], others[1], others[2]}, r.JSON["Names"]); diff != "" || c.baseline == "" {
		answer.InvalidParameters = append(answer.InvalidParameters, name)
		return answer, nil
	}
	answer.Parameters = []awsstub.Parameter{c.version()}
	return answer, nil
}

func (c *cloud) version() awsstub.Parameter {
	p := awsstub.Parameter{Name: "/sg-baseline/groups/" + group, Type: "String", Value: c.baseline, Version: 7}
	if !c.changedAt.IsZero() {
		p.LastModifiedDate = float64(c.changedAt.UnixMilli()) / 1000
	}
	return p
}

// history holds the version in force only, before which there was none.
func (c *cloud) history(awsstub.Request) (any, error) {
	return awsstub.HistoryAnswer{Parameters: []awsstub.Parameter{c.version()}}, nil
}

func (c *cloud) revoke(r awsstub.Request) (any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	answer := awsstub.RevokeAnswer{Return: true}
	for _, id := range r.List("SecurityGroupRuleId") {
		at := slices.IndexFunc(c.live, func(l types.SecurityGroupRule) bool { return *l.SecurityGroupRuleId == id })
		if at < 0 || *c.live[at].IsEgress != strings.HasSuffix(r.Action, "Egress") {
			return nil, &awsstub.Error{Code: "InvalidSecurityGroupRuleId.NotFound", Message: id}
		}
		answer.Revoked = append(answer.Revoked, types.RevokedSecurityGroupRule{SecurityGroupRuleId: &id})
	}
	c.live = slices.DeleteFunc(c.live, func(l types.SecurityGroupRule) bool {
		return slices.Contains(r.List("SecurityGroupRuleId"), *l.SecurityGroupRuleId)
	})
	return answer, nil
}

// authorize knows one tcp port from one IPv4 range.
func (c *cloud) authorize(r awsstub.Request) (any, error) {
	text := fmt.Sprintf("ingress tcp %s %s", r.Form.Get("IpPermissions.1.FromPort"), r.Form.Get("IpPermissions.1.IpRanges.1.CidrIp"))
	parsed, err := rule.Parse(text)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.live = append(c.live, spelled(parsed, 1000+len(c.live)))
	return awsstub.AuthorizeAnswer{Return: true}, nil
}

func (c *cloud) publish(r awsstub.Request) (any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.published = append(c.published, r)
	return awsstub.PublishAnswer{MessageID: "m-1"}, nil
}

// ids are those of the live rules.
func (c *cloud) ids() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var ids []string
	for _, l := range c.live {
		ids = append(ids, *l.SecurityGroupRuleId)
	}
	return ids
}

// alerts are the "default" parts of what was published.
func (c *cloud) alerts(t *testing.T) []string {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	var alerts []string
	for _, p := range c.published {
		var parts map[string]string
		if err := json.Unmarshal([]byte(p.Form.Get("Message")), &parts); err != nil {
			t.Fatal(err)
		}
		alerts = append(alerts, parts["default"])
	}
	return alerts
}

func spell(t *testing.T, text string, n int) types.SecurityGroupRule {
	t.Helper()
	r, err := rule.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return spelled(r, n)
}

// spelled writes a rule as EC2 answers it, with the id sgr-n.
func spelled(r rule.Rule, n int) types.SecurityGroupRule {
	from, to := r.EC2Ports()
	live := types.SecurityGroupRule{
		SecurityGroupRuleId: aws.String(fmt.Sprintf("sgr-%d", n)), GroupId: aws.String(group), IsEgress: aws.Bool(r.Direction == rule.Egress),
		IpProtocol: aws.String(r.Protocol.String()), FromPort: aws.Int32(int32(from)), ToPort: aws.Int32(int32(to)),
	}
	if r.Protocol == rule.All {
		live.IpProtocol = aws.String("-1")
	}
	peer := aws.String(r.Peer.String())
	switch {
	case r.Peer.Kind == rule.Group:
		live.ReferencedGroupInfo = &types.ReferencedSecurityGroup{GroupId: peer, UserId: aws.String("111122223333")}
	case r.Peer.Kind == rule.PrefixList:
		live.PrefixListId = peer
	case r.Peer.Prefix.Addr().Is4():
		live.CidrIpv4 = peer
	default:
		live.CidrIpv6 = peer
	}
	return live
}

// document is a baseline that permits an ingress rule, given as rule text.
func document(t *testing.T, text string) string {
	t.Helper()
	w := strings.Fields(text)
	return fmt.Sprintf(`{"schema":1,"groupId":%q,"ingress":[{"protocol":%q,"ports":%q,"sources":[%q],"description":"approved"}],"egress":[]}`, group, w[1], w[2], w[3])
}
