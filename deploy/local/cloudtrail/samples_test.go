package cloudtrail_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/cloudtrail"
	"github.com/sgwarden/sgwarden/events"
)

var actions = []string{
	"AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateSecurityGroup", "DeleteSecurityGroup",
	"DeleteManagedPrefixList", "ModifyManagedPrefixList", "RestoreManagedPrefixListVersion",
	"ModifySecurityGroupRules", "RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress",
	"UpdateSecurityGroupRuleDescriptionsEgress", "UpdateSecurityGroupRuleDescriptionsIngress",
}

// exceptions are the samples that no call brings about today, and why.
var exceptions = map[string]string{
	"authorize-ingress-addendum-late":                 "CloudTrail says that it delivers late",
	"authorize-ingress-addendum-updated-data":         "CloudTrail corrects an earlier record",
	"authorize-ingress-by-name-without-rule-set":      "record version 1.08",
	"authorize-ingress-event-version-1-05":            "record version 1.05",
	"authorize-ingress-event-version-1-11":            "record version 1.11, enriched",
	"authorize-ingress-export-style":                  "a log export writes the absent errorCode as null",
	"authorize-ingress-failed-without-parameters":     "CloudTrail lost the parameters of a throttled call",
	"authorize-ingress-omitted-parameters":            "the parameters are not in the sample",
	"authorize-ingress-omitted-parameters-as-strings": "the parameters are not in the sample",
	"authorize-ingress-omitted-request-only":          "the parameters are not in the sample",
	"authorize-ingress-only-return":                   "record version 1.08",
	"authorize-ingress-rule-set-without-arns":         "record version 1.09",
	"authorize-ingress-shared-event-id":               "one call recorded in several accounts",
	"authorize-ingress-without-rule-set":              "record version 1.08",
	"revoke-ingress-by-name-without-revoked-rule-set": "record version 1.08",
	"revoke-ingress-without-revoked-rule-set":         "record version 1.08",
	"modify-prefix-list-flat":                         "the classic dialect, for the case that CloudTrail uses it",
	"modify-prefix-list-lower-case-cidr":              "a shortened event that somebody published",
	"parameter-failed":                                "the change failed, so nothing was written",
}

// callOf asks for the sample again: its request as the client sent it, its answer's rules among others, in no order.
func callOf(s sample) cloudtrail.Call {
	detail := s.Detail
	call := cloudtrail.Call{
		Action: detail.EventName, Form: url.Values{"Action": {detail.EventName}, "Version": {"2016-11-15"}},
		Time: s.Time, Account: s.Account, Region: s.Region,
		RequestID: detail.RequestID, EventID: detail.EventID, EnvelopeID: s.ID,
		Identity: detail.UserIdentity, SourceIP: detail.SourceIPAddress, UserAgent: detail.UserAgent,
		Console:   detail.SessionCredentialFromConsole == "true",
		ErrorCode: strings.TrimPrefix(detail.ErrorCode, "Client."), ErrorMessage: detail.ErrorMessage,
	}
	if wrapper, found := detail.RequestParameters[detail.EventName+"Request"]; found {
		wrappedForm(call.Form, "", wrapper)
	} else {
		classicForm(call.Form, "", detail.RequestParameters)
	}
	if id, found := detail.ResponseElements["groupId"].(string); found {
		call.Response = []byte(`<?xml version="1.0"?><R xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><groupId>` + id + `</groupId></R>`)
	}
	if wrapper, found := detail.ResponseElements[detail.EventName+"Response"].(map[string]any); found {
		call.Response = listXML(wrapper["prefixList"])
	}
	others := []types.SecurityGroupRule{bystander("sgr-0000000000000000a", false), bystander("sgr-0000000000000000b", true)}
	call.Before = append(rulesOf(detail.ResponseElements["revokedSecurityGroupRuleSet"]), others...)
	call.After = append(rulesOf(detail.ResponseElements["securityGroupRuleSet"]), others...)
	return call
}

// listXML is the answer that names a managed prefix list; nothing for other answers.
func listXML(list any) []byte {
	fields, _ := list.(map[string]any)
	if fields == nil {
		return nil
	}
	var text strings.Builder
	for name, value := range fields {
		if number, isNumber := value.(float64); isNumber {
			value = strconv.FormatFloat(number, 'f', -1, 64)
		}
		fmt.Fprintf(&text, "<%[1]s>%[2]v</%[1]s>", name, value)
	}
	return []byte("<R><prefixList>" + text.String() + "</prefixList></R>")
}

func remake(t *testing.T, s sample) json.RawMessage {
	t.Helper()
	message, ok, err := cloudtrail.Event(callOf(s))
	if err != nil || !ok {
		t.Fatalf("Event: ok %t, error %v", ok, err)
	}
	return message
}

func decode(t *testing.T, message []byte) (decoded any) {
	t.Helper()
	if err := json.Unmarshal(message, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

func TestTheMakerReproducesEverySampleOrTheSampleIsAnException(t *testing.T) {
	t.Parallel()
	reproduced := map[string]bool{}
	for _, name := range events.Names() {
		s := readSample(t, name)
		if !slices.Contains(actions, s.Detail.EventName) {
			continue
		}
		diff := cmp.Diff(decode(t, events.MustRead(name)), decode(t, remake(t, s)))
		switch _, excepted := exceptions[name]; {
		case excepted && diff == "":
			t.Errorf("%s: the maker reproduces it, so it is no exception", name)
		case !excepted && diff != "":
			t.Errorf("%s (-sample +made):\n%s", name, diff)
		case !excepted && s.Detail.ErrorCode == "":
			reproduced[s.Detail.EventName] = true
		}
	}
	for _, action := range actions {
		if !reproduced[action] {
			t.Errorf("no sample of a successful %s is reproduced", action)
		}
	}
}

func TestEveryExceptionNamesASample(t *testing.T) {
	t.Parallel()
	for name, reason := range exceptions {
		if !slices.Contains(events.Names(), name) {
			t.Errorf("%s (%s) is no sample", name, reason)
		}
	}
}

func TestTheMakerDoesNotKnowTheActionsOfOtherSamples(t *testing.T) {
	t.Parallel()
	others := 0
	for _, name := range events.Names() {
		s := readSample(t, name)
		if s.Detail.EventName == "" || slices.Contains(actions, s.Detail.EventName) {
			continue
		}
		others++
		if message, ok, err := cloudtrail.Event(callOf(s)); ok || message != nil || err != nil {
			t.Errorf("%s: message %s, ok %t, error %v", name, message, ok, err)
		}
	}
	if others == 0 {
		t.Error("there is no sample of another action")
	}
}

func TestParameterChangeReproducesEverySampleOfAWrite(t *testing.T) {
	t.Parallel()
	operations := map[string]bool{}
	for _, name := range events.Names() {
		var s struct {
			sample
			Detail struct{ Operation, Name, Type, Description string }
		}
		if err := json.Unmarshal(events.MustRead(name), &s); err != nil || s.DetailType != "Parameter Store Change" {
			continue // other shapes have other details
		}
		made, err := cloudtrail.ParameterChange(cloudtrail.Parameter{
			Operation: s.Detail.Operation, Name: s.Detail.Name, Type: s.Detail.Type, Description: s.Detail.Description,
			Time: s.Time, Account: s.Account, Region: s.Region, EnvelopeID: s.ID,
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		diff := cmp.Diff(decode(t, events.MustRead(name)), decode(t, made))
		if _, excepted := exceptions[name]; excepted != (diff != "") {
			t.Errorf("%s: excepted %t (-sample +made):\n%s", name, excepted, diff)
		}
		operations[s.Detail.Operation] = true
	}
	for _, operation := range []string{"Create", "Update", "Delete", "LabelParameterVersion"} {
		if !operations[operation] {
			t.Errorf("no sample of the operation %s", operation)
		}
	}
}
