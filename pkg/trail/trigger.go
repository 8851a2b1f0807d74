// Package trail turns the message that EventBridge hands to a function into a
// Trigger, or into "nothing to do" with the reason. It never fails and never
// panics, whatever the message holds.
package trail

import (
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Trigger asks to judge one security group, and says what is known of the change
// and of who made it. Any field may be empty but one of GroupID and GroupName.
type Trigger struct {
	EventID   string // CloudTrail's eventID: the same in every delivery of one call
	EventName string
	Time      time.Time // when the call was made, in whole seconds
	Account   string
	Region    string
	Actor     Actor
	GroupID   string
	// GroupName stands in for the id where the call named the group by name,
	// which EC2 allows in the default VPC only.
	GroupName string
	Changes   []Change
	// Unreadable holds what the event says that has no canonical rule. The live
	// rules decide all the same.
	Unreadable []error
}

// Actor is who made the call, as CloudTrail's userIdentity says.
type Actor struct {
	Type      string
	ARN       string
	SourceIP  string // an address, or a service such as cloudformation.amazonaws.com
	UserAgent string
	InvokedBy string
}

// Change is one single-source rule that an event names.
type Change struct {
	Rule        rule.Rule
	RuleID      string // sgr-…, or empty where the event does not have it
	Description string
}

const apiCall = "AWS API Call via CloudTrail"

// parsers knows the EC2 calls that are worth a look.
var parsers = map[string]func(call value, t *Trigger){
	"AuthorizeSecurityGroupIngress": parseAuthorize(rule.Ingress),
	"AuthorizeSecurityGroupEgress":  parseAuthorize(rule.Egress),
}

// Parse reads a message. Where nothing is to be done, nothing is the reason.
func Parse(message []byte) (t Trigger, nothing string) {
	event, err := decode(message)
	if err != nil {
		return Trigger{}, err.Error()
	}
	call := event.get("detail")
	parse := parsers[call.get("eventName").text()]
	switch {
	case event.get("detail-type").text() != apiCall:
		return Trigger{}, fmt.Sprintf("a message of type %q from %q is not about security-group rules",
			event.get("detail-type").text(), event.get("source").text())
	case call.get("eventSource").text() != "ec2.amazonaws.com" || parse == nil:
		return Trigger{}, fmt.Sprintf("%s of %s does not change security-group rules",
			orNothing(call.get("eventName").text()), orNothing(call.get("eventSource").text()))
	case call.get("errorCode").text() != "":
		return Trigger{}, fmt.Sprintf("the call failed with %s and changed nothing", call.get("errorCode").text())
	}
	t = envelope(event, call)
	parse(call, &t)
	if t.GroupID == "" && t.GroupName == "" {
		return t, fmt.Sprintf("%s %s names no security group", t.EventName, t.EventID)
	}
	return t, ""
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
		},
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
