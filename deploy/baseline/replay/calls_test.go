package replay

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

const (
	web   = "sg-0aaaaaaaaaaaaaaa1"
	db    = "sg-0bbbbbbbbbbbbbbb2"
	world = "ingress tcp 22 0.0.0.0/0"
	https = "ingress tcp 443 10.0.0.0/8"
)

// day is the day on which the calls of the tests are made.
var day = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

func at(clock string) time.Time {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		panic(err)
	}
	return day.Add(t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)))
}

// event makes a record of a line such as
//
//	10:00 ana authorize sg-0aaaaaaaaaaaaaaa1 sgr-1 ingress tcp 22 0.0.0.0/0
//
// and reads it as the product does. The verbs are create, delete, authorize, modify,
// revoke, forget (a revoke by ids whose answer does not name the rules) and fail.
func event(line string) Event {
	words := strings.Fields(line)
	clock, who, verb, group := words[0], words[1], words[2], words[3]
	id, text := "", ""
	if len(words) > 4 {
		id, text = words[4], strings.Join(words[5:], " ")
	}
	call := callOf(verb, group, id, text)
	for key, value := range map[string]any{
		"eventSource": "ec2.amazonaws.com", "eventID": "event-" + clock + "-" + verb + id, "eventTime": at(clock).Format(time.RFC3339),
		"awsRegion": "us-east-1", "recipientAccountId": "111122223333",
		"userIdentity": map[string]any{"type": "IAMUser", "arn": arnOf(who)},
	} {
		call[key] = value
	}
	if verb == "fail" {
		call["errorCode"] = "Client.UnauthorizedOperation"
	}
	return read(call)
}

func arnOf(who string) string { return "arn:aws:iam::111122223333:user/" + who }

func read(call map[string]any) Event {
	message, err := json.Marshal(map[string]any{"detail-type": "AWS API Call via CloudTrail", "source": "aws.ec2", "detail": call})
	if err != nil {
		panic(err)
	}
	record, err := json.Marshal(call)
	if err != nil {
		panic(err)
	}
	t, nothing := trail.Parse(message)
	return Event{t, nothing, record}
}

func callOf(verb, group, id, text string) map[string]any {
	switch verb {
	case "create":
		return map[string]any{"eventName": createGroup, "requestParameters": map[string]any{"groupName": id}, "responseElements": map[string]any{"groupId": group}}
	case "delete":
		return map[string]any{"eventName": "DeleteSecurityGroup", "requestParameters": map[string]any{"groupId": group}}
	case "forget":
		return map[string]any{
			"eventName":         "RevokeSecurityGroupIngress",
			"requestParameters": map[string]any{"groupId": group, "securityGroupRuleIds": items(map[string]any{"securityGroupRuleId": id})},
		}
	}
	r, err := rule.Parse(text)
	if err != nil {
		panic(err)
	}
	if verb == "modify" {
		return modifyOf(group, id, r)
	}
	action := map[string]string{"authorize": "Authorize", "fail": "Authorize", "revoke": "Revoke"}[verb]
	direction := map[rule.Direction]string{rule.Ingress: "Ingress", rule.Egress: "Egress"}[r.Direction]
	set := map[string]string{"Authorize": "securityGroupRuleSet", "Revoke": "revokedSecurityGroupRuleSet"}[action]
	return map[string]any{
		"eventName":         action + "SecurityGroup" + direction,
		"requestParameters": map[string]any{"groupId": group, "ipPermissions": map[string]any{}},
		"responseElements":  map[string]any{set: items(itemOf(group, id, r))},
	}
}

func items(item map[string]any) map[string]any { return map[string]any{"items": []any{item}} }

// itemOf writes a rule as EC2's answers do.
func itemOf(group, id string, r rule.Rule) map[string]any {
	item := map[string]any{"groupId": group, "securityGroupRuleId": id, "isEgress": r.Direction == rule.Egress}
	item["ipProtocol"], item["fromPort"], item["toPort"] = spelled(r)
	switch {
	case r.Peer.Kind == rule.Group:
		item["referencedGroupInfo"] = map[string]any{"groupId": r.Peer.ID}
	case r.Peer.Kind == rule.PrefixList:
		item["prefixListId"] = r.Peer.ID
	case r.Peer.Prefix.Addr().Is6():
		item["cidrIpv6"] = r.Peer.String()
	default:
		item["cidrIpv4"] = r.Peer.String()
	}
	return item
}

// spelled writes protocol and ports as EC2 does.
func spelled(r rule.Rule) (protocol string, from, to int) {
	protocol = r.Protocol.String()
	switch {
	case protocol == "all":
		return "-1", -1, -1
	case protocol == "icmp" && r.Ports == rule.AllPorts:
		return protocol, -1, -1
	case protocol == "icmp":
		kind, _, _ := strings.Cut(rule.PortsText(r.Protocol, r.Ports), "/")
		if _, err := fmt.Sscan(kind, &from); err != nil {
			panic(err)
		}
		return protocol, from, -1
	}
	return protocol, int(r.Ports.From), int(r.Ports.To)
}

func modifyOf(group, id string, r rule.Rule) map[string]any {
	protocol, from, to := spelled(r)
	made := map[string]any{"IpProtocol": protocol, "FromPort": from, "ToPort": to}
	switch {
	case r.Peer.Kind == rule.Group:
		made["ReferencedGroupId"] = r.Peer.ID
	case r.Peer.Kind == rule.PrefixList:
		made["PrefixListId"] = r.Peer.ID
	case r.Peer.Prefix.Addr().Is6():
		made["CidrIpv6"] = r.Peer.String()
	default:
		made["CidrIpv4"] = r.Peer.String()
	}
	return map[string]any{"eventName": "ModifySecurityGroupRules", "requestParameters": map[string]any{
		"ModifySecurityGroupRulesRequest": map[string]any{"GroupId": group, "SecurityGroupRule": map[string]any{
			"SecurityGroupRuleId": id, "tag": 1, "SecurityGroupRule": made,
		}},
	}}
}

// documentOf decodes a baseline of the group web, which begins with schema and groupId.
func documentOf(t *testing.T, text string) *baseline.Document {
	t.Helper()
	doc, err := yamlfile.Decode([]byte("schema: 1\ngroupId: "+web+"\n"+text), web)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// replayed replays lines and returns a line for each revert, and the result.
func replayed(t *testing.T, o Options, lines ...string) ([]string, Result) {
	t.Helper()
	got := []string{}
	r := New(o, func(x Revert) error {
		who := strings.TrimPrefix(x.Actor, arnOf(""))
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", x.Time.Format("15:04"), x.Outcome, x.Rule, who)))
		return nil
	})
	for _, line := range lines {
		if err := r.Take(event(line)); err != nil {
			t.Fatal(err)
		}
	}
	result, err := r.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return got, result
}
