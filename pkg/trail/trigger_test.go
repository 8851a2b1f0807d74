package trail_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

var update = flag.Bool("update", false, "rewrite the golden file")

func TestEverySampleEventReadsAsTheGoldenFileSays(t *testing.T) {
	t.Parallel()
	const file = "testdata/samples.golden"
	var got strings.Builder
	for _, name := range events.Names() {
		fmt.Fprintf(&got, "%s\n%s\n", name, describe(trail.Parse(events.MustRead(name))))
	}
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), got.String()); diff != "" {
		t.Error(diff)
	}
}

func describe(trigger trail.Trigger, nothing *trail.Nothing) string {
	if nothing != nil {
		return map[bool]string{false: "  nothing to do: ", true: "  lost: "}[nothing.NeedsSweep] + nothing.Reason + "\n"
	}
	var s strings.Builder
	if trigger.Kind == trail.ParameterChanged {
		return fmt.Sprintf("  %s of parameter %s\n", trigger.Operation, trigger.Parameter)
	}
	kinds := map[trail.Kind]string{
		trail.RulesChanged: "rules changed", trail.GroupDeleted: "group deleted",
		trail.VPCCreated: "VPC created", trail.VPCDeleted: "VPC deleted", trail.UseChanged: "use changed",
		trail.PrefixListChanged: "prefix list changed", trail.PrefixListDeleted: "prefix list deleted",
	}
	fmt.Fprintf(&s, "  %s, may remove: %v\n", kinds[trigger.Kind], trigger.MayRemove)
	if trigger.VpcID != "" {
		fmt.Fprintf(&s, "  VPC %s\n", trigger.VpcID)
	}
	fmt.Fprintf(&s, "  group %s%s of %s in %s, %s by %s %s\n", trigger.GroupID, trigger.GroupName, trigger.Account, trigger.Region,
		trigger.Time.Format(time.RFC3339), trigger.Actor.Type, trigger.Actor.ARN+trigger.Actor.InvokedBy)
	fmt.Fprintf(&s, "  principal %q, source identity %q\n", trigger.Principal, trigger.Actor.SourceIdentity)
	for _, c := range trigger.Changes {
		fmt.Fprintf(&s, "  %s %s %q%s\n", c.Rule, c.RuleID, c.Description, map[bool]string{true: " or egress"}[c.EitherDirection])
	}
	for _, r := range trigger.Removed {
		fmt.Fprintf(&s, "  removed %s\n", r)
	}
	if trigger.PrefixListID != "" {
		fmt.Fprintf(&s, "  prefix list %s, added %v, removed %v\n", trigger.PrefixListID, trigger.Entries.Added, trigger.Entries.Removed)
	}
	for _, err := range trigger.Unparsed {
		fmt.Fprintf(&s, "  unreadable: %v\n", err)
	}
	return s.String()
}

func TestUnknownShapesEndAsNothingToDo(t *testing.T) {
	t.Parallel()
	const call = `{"detail-type":"AWS API Call via CloudTrail","detail":{"eventSource":"ec2.amazonaws.com","eventName":"AuthorizeSecurityGroupIngress",%s}}`
	cases := map[string]struct{ message, want string }{
		"nothing":                      {``, "not JSON"},
		"no JSON":                      {`{"detail"`, "not JSON"},
		"null":                         {`null`, "not about security-group rules"},
		"a list":                       {`[1,2]`, "not about security-group rules"},
		"a detail that is a string":    {`{"detail-type":"AWS API Call via CloudTrail","detail":"{}"}`, "does not change"},
		"no parameters":                {fmt.Sprintf(call, `"requestParameters":null`), "does not say which"},
		"a VPC that nobody names":      {strings.ReplaceAll(fmt.Sprintf(call, `"requestParameters":{}`), "AuthorizeSecurityGroupIngress", "CreateVpc"), "does not say which"},
		"a deleted VPC without its id": {strings.ReplaceAll(fmt.Sprintf(call, `"requestParameters":{"omitted":true}`), "AuthorizeSecurityGroupIngress", "DeleteVpc"), "does not say which"},
		"the use of a group, only by VPC": {
			strings.ReplaceAll(fmt.Sprintf(call, `"requestParameters":{"AssociateSecurityGroupVpcRequest":{"VpcId":"vpc-1"}}`), "AuthorizeSecurityGroupIngress", "AssociateSecurityGroupVpc"),
			"does not say which",
		},
		"parameters of a wrong type": {
			fmt.Sprintf(call, `"requestParameters":[7],"responseElements":"x","userIdentity":3,"eventTime":{}`), "does not say which",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, nothing := trail.Parse([]byte(c.message)); nothing == nil || !strings.Contains(nothing.Reason, c.want) {
				t.Errorf("got %v, want %q in it", nothing, c.want)
			}
		})
	}
}

func TestWhatCannotBeReadIsReportedBesideWhatCan(t *testing.T) {
	t.Parallel()
	trigger, nothing := trail.Parse([]byte(`{"detail-type":"AWS API Call via CloudTrail","detail":{"eventSource":"ec2.amazonaws.com",
		"eventName":"AuthorizeSecurityGroupIngress","requestParameters":{"groupId":"sg-0a","ipPermissions":{"items":[
		{"ipProtocol":"tcp","fromPort":"22","toPort":22,"ipRanges":{"items":[{"cidrIp":"10.0.0.0/8"},{"cidrIp":"everyone"},{}]}},
		{"ipProtocol":"tcp","fromPort":{},"toPort":22,"ipv6Ranges":[{"cidrIpv6":"::/0"}]}, null, 5]}}}}`))
	if nothing != nil {
		t.Fatal(nothing)
	}
	if len(trigger.Changes) != 1 || trigger.Changes[0].Rule.String() != "ingress tcp 22 10.0.0.0/8" {
		t.Errorf("got changes %v", trigger.Changes)
	}
	if len(trigger.Unparsed) != 3 {
		t.Errorf("got unreadable %v", trigger.Unparsed)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range events.Names() {
		f.Add(events.MustRead(name))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		trigger, nothing := trail.Parse(message)
		if nothing == nil && trigger.GroupID+trigger.GroupName+trigger.VpcID+trigger.PrefixListID+trigger.Parameter == "" {
			t.Error("a trigger without a group, a VPC and a prefix list")
		}
		if len(trigger.Changes)+len(trigger.Unparsed) > len(message) {
			t.Error("more changes than bytes")
		}
	})
}
