package cloudtrail_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"
	"github.com/sgwarden/sgwarden/events"
)

const groupID = "sg-0a1b2c3d4e5f60718"

// sample is a file of package events, read far enough to ask for the same again.
type sample struct {
	ID         string
	DetailType string `json:"detail-type"`
	Account    string
	Region     string
	Time       time.Time
	Detail     struct {
		EventName                    string
		EventID, RequestID           string
		SourceIPAddress, UserAgent   string
		ErrorCode, ErrorMessage      string
		SessionCredentialFromConsole string
		UserIdentity                 cloudtrail.Identity
		RequestParameters            map[string]any
		ResponseElements             map[string]any
	}
}

func readSample(t *testing.T, name string) sample {
	t.Helper()
	var s sample
	err := json.Unmarshal(events.MustRead(name), &s)
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) && strings.EqualFold(mismatch.Field, "detail") {
		return s // EventBridge Scheduler sends its detail as a string
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}

// queryNames are the query protocol's names where they aren't CloudTrail's with a capital.
var queryNames = map[string]string{
	"securityGroupRuleIds": "SecurityGroupRuleId", "tagSpecificationSet": "TagSpecification", "tags": "Tag",
}

func queryName(name string) string {
	if query, found := queryNames[name]; found {
		return query
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// classicForm undoes the classic dialect.
func classicForm(form url.Values, path string, value any) {
	switch value := value.(type) {
	case []any:
		for i, element := range value {
			classicForm(form, fmt.Sprintf("%s.%d", path, i+1), element)
		}
	case map[string]any:
		if list, isList := value["items"]; isList {
			classicForm(form, path, list)
			return
		}
		if id, isScalar := value["securityGroupRuleId"]; isScalar && len(value) == 1 {
			classicForm(form, path, id)
			return
		}
		for name, member := range value {
			classicForm(form, strings.TrimPrefix(path+"."+queryName(name), "."), member)
		}
	default:
		form.Set(path, scalar(value))
	}
}

// wrappedForm undoes the wrapped dialect.
func wrappedForm(form url.Values, path string, value any) {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			wrappedForm(form, path, element)
		}
	case map[string]any:
		if tag, isElement := value["tag"]; isElement {
			path += "." + scalar(tag)
		}
		if content, isScalar := value["content"]; isScalar {
			form.Set(path, scalar(content))
			return
		}
		for name, member := range value {
			if name != "tag" {
				wrappedForm(form, strings.TrimPrefix(path+"."+name, "."), member)
			}
		}
	default:
		if path != "" { // an empty wrapper is a request without parameters
			form.Set(path, scalar(value))
		}
	}
}

func scalar(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// rulesOf turns a rule set of an answer into what DescribeSecurityGroupRules would have said, last rule first.
func rulesOf(set any) []types.SecurityGroupRule {
	content, _ := set.(map[string]any)
	list, _ := content["items"].([]any)
	rules := make([]types.SecurityGroupRule, len(list))
	for i, element := range list {
		rules[len(list)-1-i] = ruleOf(element.(map[string]any))
	}
	return rules
}

func ruleOf(item map[string]any) types.SecurityGroupRule {
	rule := types.SecurityGroupRule{
		GroupOwnerId: member(item, "groupOwnerId"), GroupId: member(item, "groupId"),
		SecurityGroupRuleId: member(item, "securityGroupRuleId"), SecurityGroupRuleArn: member(item, "securityGroupRuleArn"),
		Description: member(item, "description"), IsEgress: aws.Bool(item["isEgress"].(bool)),
		IpProtocol: member(item, "ipProtocol"), CidrIpv4: member(item, "cidrIpv4"), CidrIpv6: member(item, "cidrIpv6"),
		PrefixListId: member(item, "prefixListId"),
		FromPort:     aws.Int32(int32(item["fromPort"].(float64))), ToPort: aws.Int32(int32(item["toPort"].(float64))),
	}
	if id := member(item, "referencedGroupId"); id != nil {
		rule.ReferencedGroupInfo = &types.ReferencedSecurityGroup{GroupId: id}
	}
	if info, found := item["referencedGroupInfo"].(map[string]any); found {
		rule.ReferencedGroupInfo = &types.ReferencedSecurityGroup{
			GroupId: member(info, "groupId"), UserId: member(info, "userId"),
			VpcPeeringConnectionId: member(info, "vpcPeeringConnectionId"),
		}
	}
	if tags, found := item["tagSet"].(map[string]any); found {
		for _, tag := range tags["items"].([]any) {
			tag := tag.(map[string]any)
			rule.Tags = append(rule.Tags, types.Tag{Key: member(tag, "key"), Value: member(tag, "value")})
		}
	}
	return rule
}

func member(item map[string]any, name string) *string {
	if text, found := item[name].(string); found {
		return &text
	}
	return nil
}

// bystander is a rule that no sample's call touches.
func bystander(id string, egress bool) types.SecurityGroupRule {
	return types.SecurityGroupRule{
		SecurityGroupRuleId: aws.String(id), GroupId: aws.String(groupID), IsEgress: aws.Bool(egress),
		IpProtocol: aws.String("udp"), FromPort: aws.Int32(9999), ToPort: aws.Int32(9999),
		CidrIpv4: aws.String("192.0.2.1/32"),
	}
}
