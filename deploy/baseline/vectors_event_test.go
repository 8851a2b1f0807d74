package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sgwarden/sgwarden/pkg/judge/vectors"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// messageOf writes the event of a vector as EventBridge delivers it (CloudTrail User Guide,
// "CloudTrail record contents"; the samples of package events). The message must read back
// as the vector's hint.
func messageOf(t *testing.T, f vectors.File, c vectors.Case) []byte {
	t.Helper()
	hint, err := f.Hint(c)
	if err != nil {
		t.Fatal(err)
	}
	detail := map[string]any{
		"eventVersion": "1.10", "eventTime": c.Now.Format("2006-01-02T15:04:05Z"), "eventSource": "ec2.amazonaws.com", "eventName": c.Event.Call,
		"awsRegion": "us-east-1", "eventID": vectors.EventID, "userIdentity": identityOf(f, hint.Principal),
		"requestParameters": map[string]any{"groupId": f.GroupID}, "responseElements": answerOf(f, hint),
	}
	message, err := json.Marshal(map[string]any{
		"detail-type": "AWS API Call via CloudTrail", "source": "aws.ec2", "account": f.Account, "region": "us-east-1", "detail": detail,
	})
	if err != nil {
		t.Fatal(err)
	}
	read, nothing := trail.Parse(message)
	if nothing != nil {
		t.Fatalf("the event can't be read: %s", nothing.Reason)
	}
	same := cmp.Options{cmpopts.IgnoreFields(trail.Trigger{}, "Time", "Account", "Region", "Actor"), cmp.Comparer(func(a, b rule.Rule) bool { return a == b })}
	if diff := cmp.Diff(hint, read, same); diff != "" {
		t.Fatalf("the event does not say what the vector's hint says: %s", diff)
	}
	return message
}

func identityOf(f vectors.File, principal string) map[string]any {
	if !strings.Contains(principal, ":role/") {
		return map[string]any{"type": "IAMUser", "arn": principal, "accountId": f.Account}
	}
	return map[string]any{
		"type": "AssumedRole", "arn": "arn:aws:sts::" + f.Account + ":assumed-role/session", "accountId": f.Account,
		"sessionContext": map[string]any{"sessionIssuer": map[string]any{"type": "Role", "arn": principal, "accountId": f.Account}},
	}
}

// answerOf is the answer of an Authorize call.
func answerOf(f vectors.File, hint trail.Trigger) map[string]any {
	var items []map[string]any
	for _, change := range hint.Changes {
		e := vectors.Spell(change.Rule)
		item := map[string]any{"groupId": f.GroupID, "groupOwnerId": f.Account, "isEgress": e.IsEgress, "ipProtocol": e.IPProtocol, "fromPort": e.FromPort, "toPort": e.ToPort}
		for key, value := range map[string]string{"securityGroupRuleId": change.RuleID, "cidrIpv4": e.CidrIPv4, "cidrIpv6": e.CidrIPv6, "prefixListId": e.PrefixListID} {
			if value != "" {
				item[key] = value
			}
		}
		if e.ReferencedGroupID != "" {
			item["referencedGroupInfo"] = map[string]string{"groupId": e.ReferencedGroupID, "userId": f.Account}
		}
		items = append(items, item)
	}
	return map[string]any{"_return": true, "securityGroupRuleSet": map[string]any{"items": items}}
}

// textOf returns the rule text of a live rule; readable is false where it has none.
func textOf(t *testing.T, l vectors.Live) (text string, readable bool) {
	t.Helper()
	rules, err := vectors.Case{Live: []vectors.Live{l}}.LiveRules()
	if err != nil {
		t.Fatal(err)
	}
	return rules[0].Rule.String(), rules[0].NotCanonical == nil
}
