// Package cloudtrail makes the messages that AWS would send through EventBridge for a call that a client made: "AWS API
// Call via CloudTrail" for writes to security groups and managed prefix lists, "Parameter Store Change" for writes to Parameter Store. It is
// pure: ids, times and identities come from the caller.
//
// EC2 logs its calls in two dialects. The older actions use the classic one: camelCase, a list is {"items": […]}, an
// empty list {}. Newer ones log the request in its XML form, wrapped in <Action>Request: a list of one is an object, a
// longer one an array, each element carries its position in "tag", and scalars become numbers and booleans where they
// look like some.
package cloudtrail

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Call is one write that a client made, and what came of it.
type Call struct {
	Action     string     // such as AuthorizeSecurityGroupIngress
	Form       url.Values // the request in the EC2 query protocol: IpPermissions.1.IpRanges.1.CidrIp=…
	Response   []byte     // body of the answer, XML; read for the id of a created group only
	Time       time.Time  // of the call; events carry whole seconds
	Account    string     // 12 digits
	Region     string
	RequestID  string   // EC2's id of the call, in both the record and the answer
	EventID    string   // CloudTrail's id of the record, a UUID
	EnvelopeID string   // EventBridge's id of the message, a UUID
	Identity   Identity // who called
	SourceIP   string   // or the service that called for them, such as cloudformation.amazonaws.com
	UserAgent  string
	Console    bool   // whether the credentials came from a console session
	GroupID    string // the group's id where the caller knows it

	// Before and After are the group's rules around the call. The answers' rule sets are what they differ by, so
	// nobody else may write to the group in between. Where both are nil the answer has no rule set, as in events before
	// September 2021; a group without rules has an empty Before.
	Before, After []types.SecurityGroupRule

	// ErrorCode and ErrorMessage are those of the API where the call failed: InvalidPermission.Duplicate.
	ErrorCode, ErrorMessage string
}

// dialect makes requestParameters and, for a call that succeeded, responseElements.
type dialect struct {
	request func(Call, *node) (any, error)
	answer  func(Call, *node) (any, error)
}

var dialects = map[string]dialect{
	"AuthorizeSecurityGroupIngress":              {ruleRequest, authorized},
	"AuthorizeSecurityGroupEgress":               {ruleRequest, authorized},
	"RevokeSecurityGroupIngress":                 {ruleRequest, revoked},
	"RevokeSecurityGroupEgress":                  {ruleRequest, revoked},
	"CreateSecurityGroup":                        {groupRequest, created},
	"DeleteSecurityGroup":                        {groupRequest, acknowledged},
	"ModifySecurityGroupRules":                   {wrappedRequest, wrappedAnswer},
	"UpdateSecurityGroupRuleDescriptionsIngress": {wrappedRequest, wrappedAnswer},
	"UpdateSecurityGroupRuleDescriptionsEgress":  {wrappedRequest, wrappedAnswer},
	"ModifyManagedPrefixList":                    {wrappedRequest, listAnswer},
	"RestoreManagedPrefixListVersion":            {wrappedRequest, listAnswer},
	"DeleteManagedPrefixList":                    {wrappedRequest, listAnswer},
}

// Event returns the EventBridge message that AWS would send for the call, in the shape of CloudTrail's record version
// 1.10 (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html).
// ok is false, and nothing else set, for an action that it doesn't know. It fails for a call without ids, time, account
// or region, and for a request or answer that EC2 could not have accepted or given.
func Event(c Call) (message json.RawMessage, ok bool, err error) {
	dialect, ok := dialects[c.Action]
	if !ok {
		return nil, false, nil
	}
	detail, err := c.detail(dialect)
	if err != nil {
		return nil, true, fmt.Errorf("make the event of %s: %w", c.Action, err)
	}
	message, err = envelope{
		ID: c.EnvelopeID, DetailType: "AWS API Call via CloudTrail", Source: "aws.ec2",
		Account: c.Account, Region: c.Region, Time: c.Time, Detail: detail,
	}.message()
	if err != nil {
		return nil, true, fmt.Errorf("make the event of %s: %w", c.Action, err)
	}
	return message, true, nil
}

func (c Call) detail(d dialect) (object, error) {
	if c.RequestID == "" || c.EventID == "" {
		return nil, fmt.Errorf("request id %q and event id %q must both be set", c.RequestID, c.EventID)
	}
	tree := parseForm(c.Form)
	request, err := d.request(c, tree)
	if err != nil {
		return nil, err
	}
	detail := c.record()
	detail["requestParameters"], err = omitLarge("requestParameters", request)
	if err != nil {
		return nil, err
	}
	if c.ErrorCode != "" {
		detail["errorCode"], detail["errorMessage"] = errorCode(c.ErrorCode), truncate(c.ErrorMessage)
		return detail, nil
	}
	answer, err := d.answer(c, tree)
	if err != nil {
		return nil, err
	}
	detail["responseElements"], err = omitLarge("responseElements", answer)
	return detail, err
}

// record is what the records of all actions have in common.
func (c Call) record() object {
	record := object{
		"eventVersion": "1.10", "userIdentity": c.Identity, "eventTime": eventTime(c.Time),
		"eventSource": "ec2.amazonaws.com", "eventName": c.Action, "awsRegion": c.Region,
		"sourceIPAddress": c.SourceIP, "userAgent": truncate(c.UserAgent), "responseElements": nil,
		"requestID": c.RequestID, "eventID": c.EventID, "readOnly": false, "eventType": "AwsApiCall",
		"managementEvent": true, "recipientAccountId": c.Account, "eventCategory": "Management",
	}
	if c.Identity.InvokedBy == "" { // calls that a service makes for somebody come without
		record["tlsDetails"] = object{
			"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256",
			"clientProvidedHostHeader": "ec2." + c.Region + ".amazonaws.com",
		}
	}
	if c.Console {
		record["sessionCredentialFromConsole"] = "true"
	}
	return record
}

// errorCode adds the party at fault, as EC2 does in CloudTrail's records but not in its answers.
func errorCode(code string) string {
	switch {
	case strings.HasPrefix(code, "Client."), strings.HasPrefix(code, "Server."):
		return code
	case code == "InternalError", code == "InternalFailure", code == "ServiceUnavailable", code == "Unavailable":
		return "Server." + code
	}
	return "Client." + code
}

// truncate shortens a text to the 1 KB that CloudTrail keeps of error messages and user agents.
func truncate(text string) string {
	const most = 1024
	if len(text) <= most {
		return text
	}
	end := most
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// omitLarge returns the value, or the marker that CloudTrail writes instead of one of more than 100 KB.
func omitLarge(name string, value any) (any, error) {
	content, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", name, err)
	}
	if len(content) <= 100<<10 {
		return value, nil
	}
	return object{"omitted": true, "originalSize": len(content), "reason": name + " too large"}, nil
}
