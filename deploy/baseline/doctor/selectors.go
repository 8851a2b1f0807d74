package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// ruleCalls are the calls of EC2 that change rules of groups that are there.
var ruleCalls = []string{
	"AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "ModifySecurityGroupRules",
	"RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress",
}

// leavesOut returns why a trail with these selectors does not log all calls that change
// rules; empty where it logs them. A trail without selectors logs all management events
// (CloudTrail API reference, PutEventSelectors).
func leavesOut(s *cloudtrail.GetEventSelectorsOutput) string {
	switch {
	case len(s.AdvancedEventSelectors) > 0:
		return advancedLeaveOut(s.AdvancedEventSelectors)
	case len(s.EventSelectors) > 0:
		return basicLeaveOut(s.EventSelectors)
	}
	return ""
}

// basicLeaveOut needs not look at ExcludeManagementEventSources: only KMS and the RDS Data
// API can be excluded (CloudTrail API reference, EventSelector). Should EC2 ever be among
// them, it counts.
func basicLeaveOut(selectors []types.EventSelector) string {
	why := "logs no management events"
	for _, s := range selectors {
		switch {
		case !aws.ToBool(s.IncludeManagementEvents):
		case s.ReadWriteType == types.ReadWriteTypeReadOnly:
			why = "logs only read events"
		case slices.Contains(s.ExcludeManagementEventSources, "ec2.amazonaws.com"):
			why = "excludes the calls of EC2"
		default:
			return ""
		}
	}
	return why
}

// advancedLeaveOut looks for each call that no selector takes. An event is logged where all
// fields of some selector take it.
func advancedLeaveOut(selectors []types.AdvancedEventSelector) string {
	for _, call := range ruleCalls {
		why, logged := "logs no management events", false
		for _, s := range selectors {
			refusing := refusingField(s, call)
			logged = logged || refusing == ""
			if refusing != "" && refusing != "eventCategory" {
				why = fmt.Sprintf("does not log %s, or not always: its selectors limit %s", call, refusing)
			}
		}
		if !logged {
			return why
		}
	}
	return ""
}

// refusingField returns the field of a selector that does not take a call, whoever makes it;
// empty where all fields take it. What other fields than these hold depends on the caller.
func refusingField(s types.AdvancedEventSelector, call string) string {
	known := map[string]string{"eventCategory": "Management", "readOnly": "false", "eventSource": "ec2.amazonaws.com", "eventName": call, "eventType": "AwsApiCall"}
	for _, f := range s.FieldSelectors {
		name := aws.ToString(f.Field)
		if value, is := known[name]; !is || !takes(f, value) {
			return name
		}
	}
	return ""
}

// takes reports whether a field selector takes a value: none of the conditions that exclude
// may hold, and one of those that include must, where there are such (CloudTrail User Guide,
// "How CloudTrail evaluates multiple conditions for a field").
func takes(f types.AdvancedFieldSelector, value string) bool {
	some := func(texts []string, holds func(s, text string) bool) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return holds(value, text) })
	}
	equal := func(a, b string) bool { return a == b }
	if some(f.NotEquals, equal) || some(f.NotStartsWith, strings.HasPrefix) || some(f.NotEndsWith, strings.HasSuffix) {
		return false
	}
	return len(f.Equals)+len(f.StartsWith)+len(f.EndsWith) == 0 ||
		some(f.Equals, equal) || some(f.StartsWith, strings.HasPrefix) || some(f.EndsWith, strings.HasSuffix)
}
