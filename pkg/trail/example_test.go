package trail_test

import (
	"fmt"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// A message says which group to judge, and who changed which rule.
func ExampleParse() {
	trigger, nothing := trail.Parse(events.MustRead("authorize-ingress-ipv4"))
	if nothing != nil {
		fmt.Println(nothing.Reason)
		return
	}
	fmt.Println("judge", trigger.GroupID, "of", trigger.Account, "in", trigger.Region)
	for _, change := range trigger.Changes {
		fmt.Println(change.RuleID, change.Rule)
	}
	fmt.Println("by", trigger.Principal)
	// Output:
	// judge sg-0a1b2c3d4e5f60718 of 111122223333 in us-east-1
	// sgr-0d28aecb82750f866 ingress tcp 22 0.0.0.0/0
	// by arn:aws:iam::111122223333:user/ana
}

// Most messages are nothing to act on, for a reason. Of some, a sweep has to find out what
// changed.
func ExampleParse_nothing() {
	for _, name := range []string{"authorize-ingress-failed", "update-descriptions-ingress-permissions", "authorize-ingress-omitted-parameters"} {
		_, nothing := trail.Parse(events.MustRead(name))
		fmt.Println(nothing.Cause, nothing.NeedsSweep, nothing.Reason)
	}
	// Output:
	// failed-call false the call failed with Client.InvalidPermission.Duplicate and changed nothing
	// unrelated false UpdateSecurityGroupRuleDescriptionsIngress only changes descriptions, which are never drift
	// unknown-group true AuthorizeSecurityGroupIngress b028da6c-348b-45b2-abb8-8b52299719b9 does not say which security group it was
}
