package cloudtrail_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"
)

const authorize = "AuthorizeSecurityGroupIngress"

func flat(protocol, from, to, cidr string) url.Values {
	return url.Values{"GroupId": {groupID}, "IpProtocol": {protocol}, "FromPort": {from}, "ToPort": {to}, "CidrIp": {cidr}}
}

// live is a rule as an EC2 that doesn't make it canonical would describe it.
func live(id, protocol string, from, to *int32, cidr string) types.SecurityGroupRule {
	rule := types.SecurityGroupRule{
		SecurityGroupRuleId: aws.String(id), GroupId: aws.String(groupID), IsEgress: aws.Bool(false),
		IpProtocol: aws.String(protocol), FromPort: from, ToPort: to, CidrIpv4: aws.String(cidr),
	}
	if strings.Contains(cidr, ":") {
		rule.CidrIpv4, rule.CidrIpv6 = nil, aws.String(cidr)
	}
	return rule
}

func ruleSet(t *testing.T, c cloudtrail.Call, name string) []any {
	t.Helper()
	set, _ := detailOf(t, c)["responseElements"].(map[string]any)[name].(map[string]any)
	list, _ := set["items"].([]any)
	return list
}

func TestTheAnswerHoldsRulesAsEC2KeepsThem(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rule           types.SecurityGroupRule
		protocol, cidr string
		from, to       float64
	}{
		"host bits are masked":           {live("sgr-1", "tcp", aws.Int32(22), aws.Int32(23), "10.1.2.3/16"), "tcp", "10.1.0.0/16", 22, 23},
		"IPv6 is masked and shortened":   {live("sgr-1", "tcp", aws.Int32(22), aws.Int32(22), "2001:DB8:0:0::1/48"), "tcp", "2001:db8::/48", 22, 22},
		"6 is tcp":                       {live("sgr-1", "6", aws.Int32(22), aws.Int32(22), "0.0.0.0/0"), "tcp", "0.0.0.0/0", 22, 22},
		"17 is udp":                      {live("sgr-1", "17", aws.Int32(53), aws.Int32(53), "0.0.0.0/0"), "udp", "0.0.0.0/0", 53, 53},
		"1 is icmp":                      {live("sgr-1", "1", aws.Int32(8), aws.Int32(-1), "0.0.0.0/0"), "icmp", "0.0.0.0/0", 8, -1},
		"58 is icmpv6":                   {live("sgr-1", "58", nil, nil, "::/0"), "icmpv6", "::/0", -1, -1},
		"case folds":                     {live("sgr-1", "TCP", aws.Int32(22), aws.Int32(22), "0.0.0.0/0"), "tcp", "0.0.0.0/0", 22, 22},
		"all protocols have no ports":    {live("sgr-1", "-1", aws.Int32(0), aws.Int32(65535), "0.0.0.0/0"), "-1", "0.0.0.0/0", -1, -1},
		"other protocols have no ports":  {live("sgr-1", "50", aws.Int32(1), aws.Int32(2), "0.0.0.0/0"), "50", "0.0.0.0/0", -1, -1},
		"missing ports become minus one": {live("sgr-1", "-1", nil, nil, "0.0.0.0/0"), "-1", "0.0.0.0/0", -1, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := call(authorize, flat("tcp", "1", "1", "192.0.2.0/24"))
			c.After = []types.SecurityGroupRule{test.rule}
			family := "cidrIpv4"
			if test.rule.CidrIpv6 != nil {
				family = "cidrIpv6"
			}
			want := []any{map[string]any{
				"groupOwnerId": "111122223333", "groupId": groupID, "securityGroupRuleId": "sgr-1", "isEgress": false,
				"ipProtocol": test.protocol, "fromPort": test.from, "toPort": test.to, family: test.cidr,
				"securityGroupRuleArn": "arn:aws:ec2:us-east-1:111122223333:security-group-rule/sgr-1",
			}}
			if diff := cmp.Diff(want, ruleSet(t, c, "securityGroupRuleSet")); diff != "" {
				t.Errorf("(-want +made):\n%s", diff)
			}
		})
	}
}

func TestOnlyNewRulesInTheCallsDirectionAreAnswered(t *testing.T) {
	t.Parallel()
	old := live("sgr-1", "tcp", aws.Int32(22), aws.Int32(22), "0.0.0.0/0")
	out := live("sgr-2", "tcp", aws.Int32(22), aws.Int32(22), "0.0.0.0/0")
	out.IsEgress = aws.Bool(true)
	c := call(authorize, flat("tcp", "22", "22", "0.0.0.0/0"))
	c.Before, c.After = []types.SecurityGroupRule{old}, []types.SecurityGroupRule{old, out}
	if made := ruleSet(t, c, "securityGroupRuleSet"); len(made) != 0 {
		t.Errorf("ingress made %v, want nothing", made)
	}
	c.Action = "AuthorizeSecurityGroupEgress"
	if made := ruleSet(t, c, "securityGroupRuleSet"); len(made) != 1 {
		t.Errorf("egress made %v, want one rule", made)
	}
}

func TestRevokeListsUnknownPermissionsOnlyWhereTheRulesBeforeAreGiven(t *testing.T) {
	t.Parallel()
	c := call("RevokeSecurityGroupIngress", flat("tcp", "22", "22", "10.0.0.7/8"))
	if unknown := ruleSet(t, c, "unknownIpPermissionSet"); len(unknown) != 0 {
		t.Errorf("without Before: %v, want nothing", unknown)
	}
	c.Before = []types.SecurityGroupRule{live("sgr-1", "6", aws.Int32(22), aws.Int32(22), "10.0.0.0/8")}
	if unknown := ruleSet(t, c, "unknownIpPermissionSet"); len(unknown) != 0 {
		t.Errorf("with the rule: %v, want nothing", unknown)
	}
	c.Before = []types.SecurityGroupRule{}
	want := []any{map[string]any{
		"ipProtocol": "tcp", "fromPort": 22.0, "toPort": 22.0, "groups": map[string]any{},
		"ipRanges":   map[string]any{"items": []any{map[string]any{"cidrIp": "10.0.0.7/8"}}},
		"ipv6Ranges": map[string]any{}, "prefixListIds": map[string]any{},
	}}
	if diff := cmp.Diff(want, ruleSet(t, c, "unknownIpPermissionSet")); diff != "" {
		t.Errorf("with no rule (-want +made):\n%s", diff)
	}
	c.Form.Del("CidrIp")
	c.Form.Set("SourceSecurityGroupName", "app")
	if unknown := ruleSet(t, c, "unknownIpPermissionSet"); len(unknown) != 0 {
		t.Errorf("a group by name, which can't be looked up: %v, want nothing", unknown)
	}
}

func TestTheTimeIsInWholeSecondsOfUTC(t *testing.T) {
	t.Parallel()
	message, _, err := cloudtrail.Event(call(authorize, nil))
	if err != nil {
		t.Fatal(err)
	}
	var event struct {
		Time   string
		Detail struct{ EventTime string }
	}
	if err := json.Unmarshal(message, &event); err != nil {
		t.Fatal(err)
	}
	if want := "2026-11-21T18:51:30Z"; event.Time != want || event.Detail.EventTime != want {
		t.Errorf("time %s, eventTime %s, want %s", event.Time, event.Detail.EventTime, want)
	}
}

func TestAFailedCallHasAnErrorCodeAndNoAnswer(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"InvalidPermission.Duplicate": "Client.InvalidPermission.Duplicate",
		"Client.DryRunOperation":      "Client.DryRunOperation",
		"InternalError":               "Server.InternalError",
		"Server.Unavailable":          "Server.Unavailable",
	} {
		c := call(authorize, flat("tcp", "22", "22", "0.0.0.0/0"))
		c.ErrorCode, c.ErrorMessage = given, strings.Repeat("é", 600)
		detail := detailOf(t, c)
		if detail["errorCode"] != want || detail["responseElements"] != nil {
			t.Errorf("%s: errorCode %v, responseElements %v", given, detail["errorCode"], detail["responseElements"])
		}
		if message := detail["errorMessage"].(string); len(message) != 1024 || !utf8.ValidString(message) {
			t.Errorf("%s: errorMessage has %d bytes, valid %t", given, len(message), utf8.ValidString(message))
		}
	}
	if code, found := detailOf(t, call(authorize, nil))["errorCode"]; found {
		t.Errorf("a successful call has errorCode %v", code)
	}
}

func TestParametersOver100KBAreOmitted(t *testing.T) {
	t.Parallel()
	c := call("UpdateSecurityGroupRuleDescriptionsIngress", url.Values{"GroupId": {strings.Repeat("x", 102_000)}})
	if _, kept := detailOf(t, c)["requestParameters"].(map[string]any)[c.Action+"Request"]; !kept {
		t.Error("parameters under 100 KB are gone")
	}
	c.Form.Set("GroupId", strings.Repeat("x", 103_000))
	detail := detailOf(t, c)
	want := map[string]any{
		"omitted": true, "reason": "requestParameters too large",
		"originalSize": float64(len(`{"UpdateSecurityGroupRuleDescriptionsIngressRequest":{"GroupId":""}}`) + 103_000),
	}
	if diff := cmp.Diff(want, detail["requestParameters"]); diff != "" {
		t.Errorf("(-want +made):\n%s", diff)
	}
	if _, kept := detail["responseElements"].(map[string]any)[c.Action+"Response"]; !kept {
		t.Error("the answer, which is small, is gone")
	}
}

func TestWrappedScalarsTakeTheTypeTheyLookLike(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		"443": 443.0, "-1": -1.0, "0": 0.0, "12.5": 12.5, "1e3": 1000.0, "true": true, "FALSE": false, "Null": nil,
		"007": "007", "-0": "-0", "+1": "+1", "99999999999999999999": "99999999999999999999", "1e999": "1e999",
		"": "", "10.0.0.0/8": "10.0.0.0/8", "1.2.3.4": "1.2.3.4", "0x10": "0x10", "::1": "::1", "NaN": "NaN", " 1": " 1",
	} {
		detail := detailOf(t, call("ModifySecurityGroupRules", url.Values{"GroupId": {text}}))
		want := map[string]any{"ModifySecurityGroupRulesRequest": map[string]any{"GroupId": want}}
		if diff := cmp.Diff(any(want), detail["requestParameters"]); diff != "" {
			t.Errorf("%q (-want +made):\n%s", text, diff)
		}
	}
}

func TestWrappedListsOfScalarsHoldContentAndPosition(t *testing.T) {
	t.Parallel()
	// 10 sorts before 2 as text.
	form := url.Values{"Name.2": {"b"}, "Name.10": {"c"}, "Name.1": {"true"}, "Lone.1": {"a"}}
	detail := detailOf(t, call("ModifySecurityGroupRules", form))
	want := map[string]any{"ModifySecurityGroupRulesRequest": map[string]any{
		"Name": []any{
			map[string]any{"content": true, "tag": 1.0},
			map[string]any{"content": "b", "tag": 2.0},
			map[string]any{"content": "c", "tag": 3.0},
		},
		"Lone": map[string]any{"content": "a", "tag": 1.0},
	}}
	if diff := cmp.Diff(any(want), detail["requestParameters"]); diff != "" {
		t.Errorf("(-want +made):\n%s", diff)
	}
}

func TestACallThatCannotBeToldIsAnError(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*cloudtrail.Call){
		"no event id":                  func(c *cloudtrail.Call) { c.EventID = "" },
		"no envelope id":               func(c *cloudtrail.Call) { c.EnvelopeID = "" },
		"no request id":                func(c *cloudtrail.Call) { c.RequestID = "" },
		"no region":                    func(c *cloudtrail.Call) { c.Region = "" },
		"no account":                   func(c *cloudtrail.Call) { c.Account = "" },
		"a port that is no number":     func(c *cloudtrail.Call) { c.Form.Set("FromPort", "ssh") },
		"a created group without id":   func(c *cloudtrail.Call) { c.Action, c.GroupID, c.Response = "CreateSecurityGroup", "", []byte("<R/>") },
		"a created group without XML":  func(c *cloudtrail.Call) { c.Action, c.GroupID, c.Response = "CreateSecurityGroup", "", nil },
		"an unknown permission's port": func(c *cloudtrail.Call) { c.Action = "RevokeSecurityGroupIngress"; c.Form.Set("ToPort", "ssh") },
	} {
		c := call(authorize, flat("tcp", "22", "22", "0.0.0.0/0"))
		if _, _, err := cloudtrail.Event(c); err != nil {
			t.Fatalf("the unspoilt call: %v", err)
		}
		spoil(&c)
		if message, ok, err := cloudtrail.Event(c); err == nil || !ok || message != nil {
			t.Errorf("%s: message %s, ok %t, error %v", name, message, ok, err)
		}
	}
}

func TestAParameterChangeThatCannotBeToldIsAnError(t *testing.T) {
	t.Parallel()
	whole := cloudtrail.Parameter{
		Operation: "Update", Name: "/a/b", Type: "String", Time: call(authorize, nil).Time,
		Account: "111122223333", Region: "us-gov-west-1", EnvelopeID: "envelope",
	}
	message, err := cloudtrail.ParameterChange(whole)
	if err != nil {
		t.Fatal(err)
	}
	if want := `"arn:aws-us-gov:ssm:us-gov-west-1:111122223333:parameter/a/b"`; !strings.Contains(string(message), want) {
		t.Errorf("%s lacks %s", message, want)
	}
	for name, spoil := range map[string]func(*cloudtrail.Parameter){
		"an unknown operation": func(p *cloudtrail.Parameter) { p.Operation = "Put" },
		"no name":              func(p *cloudtrail.Parameter) { p.Name = "" },
		"no envelope id":       func(p *cloudtrail.Parameter) { p.EnvelopeID = "" },
	} {
		spoilt := whole
		spoil(&spoilt)
		if message, err := cloudtrail.ParameterChange(spoilt); err == nil {
			t.Errorf("%s: made %s", name, message)
		}
	}
}
