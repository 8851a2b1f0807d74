package standin

import (
	"encoding/json"
	"fmt"
	"strings"
)

// ruleItem is an ingress rule for one tcp port as DescribeSecurityGroupRules answers it.
func ruleItem(groupID, id string, port int, cidr, description string) string {
	return fmt.Sprintf(`<item><securityGroupRuleId>%s</securityGroupRuleId><groupId>%s</groupId><groupOwnerId>111122223333</groupOwnerId><isEgress>false</isEgress>`+
		`<ipProtocol>tcp</ipProtocol><fromPort>%d</fromPort><toPort>%d</toPort><cidrIpv4>%s</cidrIpv4><description>%s</description>`+
		`<securityGroupRuleArn>arn:aws:ec2:us-east-1:111122223333:security-group-rule/%s</securityGroupRuleArn><tagSet/></item>`, id, groupID, port, port, cidr, description, id)
}

// rulesAnswer is one page of DescribeSecurityGroupRules, and the token of the next, if there is one.
func rulesAnswer(items, nextToken string) string {
	if nextToken != "" {
		nextToken = "<nextToken>" + nextToken + "</nextToken>"
	}
	return `<DescribeSecurityGroupRulesResponse ` + namespace + `><requestId>r</requestId><securityGroupRuleSet>` + items + `</securityGroupRuleSet>` + nextToken + `</DescribeSecurityGroupRulesResponse>`
}

// baselineOf is the parameter that holds the baseline of a group. Each pair is a tcp port and a source.
func baselineOf(groupID string, permitted ...[2]string) string {
	var rules []string
	for _, p := range permitted {
		rules = append(rules, fmt.Sprintf(`{"protocol":"tcp","ports":%q,"sources":[%q],"description":"some words on what it is for"}`, p[0], p[1]))
	}
	document := fmt.Sprintf(`{"schema":1,"groupId":%q,"groupName":"web","ingress":[%s],"egress":[]}`, groupID, strings.Join(rules, ","))
	value, err := json.Marshal(document)
	if err != nil {
		panic(err) // a string always marshals
	}
	// Long ago, so that no earlier version counts any more.
	return fmt.Sprintf(`{"ARN":"arn:aws:ssm:us-east-1:111122223333:parameter/sg-baseline/groups/%s","DataType":"text","LastModifiedDate":1.7e9,`+
		`"Name":"/sg-baseline/groups/%s","Type":"String","Value":%s,"Version":7}`, groupID, groupID, value)
}
