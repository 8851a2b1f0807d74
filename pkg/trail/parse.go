package trail

import (
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

const apiCall = "AWS API Call via CloudTrail"

// ParameterEvent is the EventName of a trigger of kind ParameterChanged: the detail-type of
// EventBridge's event.
const ParameterEvent = "Parameter Store Change"

// parsers knows the EC2 calls that change rules, groups, and where groups are used.
var parsers = map[string]func(call value, t *Trigger){
	"AuthorizeSecurityGroupIngress": parseAuthorize(rule.Ingress),
	"AuthorizeSecurityGroupEgress":  parseAuthorize(rule.Egress),
	"RevokeSecurityGroupIngress":    parseRevoke(rule.Ingress),
	"RevokeSecurityGroupEgress":     parseRevoke(rule.Egress),
	"ModifySecurityGroupRules":      parseModify,
	"CreateSecurityGroup":           parseCreate,
	"DeleteSecurityGroup":           parseDelete,
	"CreateVpc":                     parseVPCCreated,
	"CreateDefaultVpc":              parseVPCCreated,
	"DeleteVpc":                     parseVPCDeleted,
	"AssociateSecurityGroupVpc":     parseUse,
	"DisassociateSecurityGroupVpc":  parseUse,

	"ModifyManagedPrefixList":         parseListChange,
	"RestoreManagedPrefixListVersion": parseListRestore,
	"DeleteManagedPrefixList":         parseListDelete,
}

// ignored knows the calls that look like it, and why they are not.
var ignored = map[string]string{
	"UpdateSecurityGroupRuleDescriptionsIngress": "only changes descriptions, which are never drift",
	"UpdateSecurityGroupRuleDescriptionsEgress":  "only changes descriptions, which are never drift",
}

// ParseRecord reads a CloudTrail record as CloudTrail writes it to S3: what Parse finds under "detail". Where nothing is
// to be done, nothing is not nil.
func ParseRecord(record []byte) (Trigger, *Nothing) {
	call, err := decode(record)
	if err != nil {
		return Trigger{}, &Nothing{Reason: err.Error(), Cause: NotJSON}
	}
	return parseCall(value{}, call)
}

// Parse reads a message. Where nothing is to be done, nothing is not nil, and the
// trigger has only what is known of the event.
func Parse(message []byte) (Trigger, *Nothing) {
	event, err := decode(message)
	if err != nil {
		return Trigger{}, &Nothing{Reason: err.Error(), Cause: NotJSON}
	}
	switch event.get("detail-type").text() {
	case apiCall:
		return parseCall(event, event.get("detail"))
	case ParameterEvent:
		return parseParameter(event)
	}
	return Trigger{}, &Nothing{Cause: Unrelated, Reason: fmt.Sprintf("a message of type %q from %q is not about security-group rules",
		event.get("detail-type").text(), event.get("source").text())}
}

// parseCall reads a CloudTrail record, and what EventBridge says around the record, if anything.
func parseCall(event, call value) (Trigger, *Nothing) {
	name, source := call.get("eventName").text(), call.get("eventSource").text()
	parse := parsers[name]
	t := envelope(event, call)
	switch {
	case source == "ec2.amazonaws.com" && ignored[name] != "":
		return t, &Nothing{Reason: name + " " + ignored[name], Cause: Unrelated}
	case source != "ec2.amazonaws.com" || parse == nil:
		return t, &Nothing{Cause: Unrelated, Reason: fmt.Sprintf("%s of %s does not change security-group rules", orNothing(name), orNothing(source))}
	case call.get("errorCode").text() != "":
		return t, &Nothing{Cause: FailedCall, Reason: fmt.Sprintf("the call failed with %s and changed nothing", call.get("errorCode").text())}
	}
	parse(call, &t)
	if !t.isLocated() {
		what := "security group"
		if t.Kind == PrefixListChanged || t.Kind == PrefixListDeleted {
			what = "prefix list"
		}
		return t, &Nothing{Reason: fmt.Sprintf("%s %s does not say which %s it was", name, t.EventID, what), NeedsSweep: true, Cause: UnknownGroup}
	}
	return t, nil
}

// parseParameter reads a change in Parameter Store. What changed is not in the
// event, nor who did it; a change with an exception did not happen (Systems
// Manager User Guide, "Parameter Store event examples").
func parseParameter(event value) (Trigger, *Nothing) {
	detail := event.get("detail")
	name, operation, failure := detail.get("name").text(), detail.get("operation").text(), detail.get("exception").text()
	t := Trigger{
		Kind: ParameterChanged, EventID: event.get("id").text(), EventName: ParameterEvent, Time: firstTime(event.get("time")),
		Account: event.get("account").text(), Region: event.get("region").text(), Parameter: name, Operation: operation,
	}
	switch {
	case failure != "":
		return t, &Nothing{Cause: FailedCall, Reason: fmt.Sprintf("the change of parameter %s failed: %s", name, failure)}
	case operation != "Create" && operation != "Update" && operation != "Delete":
		return t, &Nothing{Cause: Unrelated, Reason: fmt.Sprintf("%s of parameter %s does not change its value", orNothing(operation), orNothing(name))}
	case name == "":
		return t, &Nothing{Cause: Unrelated, Reason: "a change of a parameter without a name"}
	}
	return t, nil
}

func envelope(event, call value) Trigger {
	identity := call.get("userIdentity")
	return Trigger{
		EventID:   firstText(call.get("eventID"), event.get("id")),
		EventName: call.get("eventName").text(),
		Time:      firstTime(call.get("eventTime"), event.get("time")),
		Account:   firstText(call.get("recipientAccountId"), event.get("account"), identity.get("accountId")),
		Region:    firstText(call.get("awsRegion"), event.get("region")),
		Actor: Actor{
			Type:      identity.get("type").text(),
			ARN:       identity.get("arn").text(),
			SourceIP:  call.get("sourceIPAddress").text(),
			UserAgent: call.get("userAgent").text(),
			InvokedBy: identity.get("invokedBy").text(),

			SourceIdentity: identity.get("sessionContext", "sourceIdentity").text(),
		},
		Principal: principalOf(identity),
	}
}

func firstText(values ...value) string {
	for _, v := range values {
		if s := v.text(); s != "" {
			return s
		}
	}
	return ""
}

func firstTime(values ...value) time.Time {
	for _, v := range values {
		if at, err := time.Parse(time.RFC3339, v.text()); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}

func orNothing(s string) string {
	if s == "" {
		return "(nothing)"
	}
	return s
}
