package standin

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/events"
)

const (
	group = "sg-0a1b2c3d4e5f60718" // of the sample event
	rule  = "sgr-0d28aecb82750f866"
	// namespace is that of EC2's answers.
	namespace = `xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"`
)

// Event is the call that opens port 22 of a group to the world, as EventBridge hands it over, made at a moment.
func Event(now time.Time) ([]byte, error) {
	const sampled = "2026-11-21T19:52:31Z"
	sample, err := events.Read("authorize-ingress-ipv4")
	if err != nil {
		return nil, err
	}
	text := strings.ReplaceAll(string(sample), sampled, now.UTC().Format(time.RFC3339))
	if strings.Contains(text, sampled) || !strings.Contains(text, rule) {
		return nil, fmt.Errorf("the sample event authorize-ingress-ipv4 is not the one that the benchmark knows: it should open %s at %s", rule, sampled)
	}
	var compact json.RawMessage = []byte(text) // EventBridge's own has no white space
	return json.Marshal(compact)
}

// OneGroup answers for a group whose baseline permits the two rules that it has, and not the third, which Event tells of.
// It has no memory: the third rule is there again for the next event.
func OneGroup() Answers {
	same := func(text string) func([]byte) []byte { return func([]byte) []byte { return []byte(text) } }
	empty := same(`{"Parameters":[]}`)
	return Answers{
		"DescribeSecurityGroupRules": same(rulesAnswer(
			ruleItem(group, "sgr-0000000000000000a", 443, "192.0.2.0/24", "approved")+
				ruleItem(group, "sgr-0000000000000000b", 8080, "198.51.100.0/24", "approved")+
				ruleItem(group, rule, 22, "0.0.0.0/0", "temporary"), "")),
		"DescribeSecurityGroups": same(`<DescribeSecurityGroupsResponse ` + namespace + `><requestId>r</requestId><securityGroupInfo><item><ownerId>111122223333</ownerId>` +
			`<groupId>` + group + `</groupId><groupName>web</groupName><groupDescription>web</groupDescription><vpcId>vpc-0f1e2d3c4b5a69788</vpcId></item></securityGroupInfo></DescribeSecurityGroupsResponse>`),
		"DescribeNetworkInterfaces": same(`<DescribeNetworkInterfacesResponse ` + namespace + `><requestId>r</requestId><networkInterfaceSet><item><networkInterfaceId>eni-0a</networkInterfaceId>` +
			`<association><publicIp>203.0.113.9</publicIp></association></item></networkInterfaceSet></DescribeNetworkInterfacesResponse>`),
		"RevokeSecurityGroupIngress": same(`<RevokeSecurityGroupIngressResponse ` + namespace + `><requestId>r</requestId><return>true</return><revokedSecurityGroupRuleSet><item><securityGroupRuleId>` + rule +
			`</securityGroupRuleId><groupId>` + group + `</groupId></item></revokedSecurityGroupRuleSet></RevokeSecurityGroupIngressResponse>`),
		"GetParameters":       same(`{"Parameters":[` + baselineOf(group, [2]string{"443", "192.0.2.0/24"}, [2]string{"8080", "198.51.100.0/24"}) + `],"InvalidParameters":["/sg-baseline/guardrail","/sg-baseline/pause","/sg-baseline/trust"]}`),
		"GetParametersByPath": empty, // no approvals
		"PutParameter":        same(`{"Version":1,"Tier":"Standard"}`),
		"DeleteParameters":    same(`{"DeletedParameters":[],"InvalidParameters":[]}`),
		"Publish":             same(`<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m</MessageId></PublishResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>`),
	}
}
