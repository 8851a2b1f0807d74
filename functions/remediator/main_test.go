package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

const ssh = "ingress tcp 22 0.0.0.0/0" // what the sample authorize-ingress-ipv4 opens

func TestWhatAnEventOpenedIsRevokedAndReported(t *testing.T) {
	t.Parallel()
	cases := map[string][]string{ // the sample's name and the rules that it opened
		"authorize-ingress-ipv4":                        {ssh},
		"authorize-ingress-several-permissions":         {"ingress tcp 443 0.0.0.0/0", "ingress tcp 443 ::/0", "ingress tcp 22 203.0.113.0/24", "ingress tcp 22 198.51.100.7/32", "ingress icmp all 10.0.0.0/8"},
		"authorize-ingress-flat":                        {ssh},
		"authorize-ingress-without-rule-set":            {ssh},
		"authorize-ingress-by-name-with-rule-set":       {ssh},
		"authorize-ingress-by-name-without-rule-set":    {ssh},
		"authorize-ingress-ipv6":                        {"ingress tcp 443 ::/0"},
		"authorize-ingress-all-protocols-port-8080":     {"ingress all all 0.0.0.0/0"},
		"authorize-ingress-self-reference":              {"ingress all all " + group},
		"authorize-ingress-icmp-type":                   {"ingress icmp 8 10.0.0.0/8"},
		"authorize-egress-ipv4":                         {"egress tcp 443 0.0.0.0/0"},
		"authorize-egress-flat":                         {"egress all all 0.0.0.0/0"},
		"authorize-egress-prefix-list":                  {"egress tcp 443 pl-0e1f2a3b4c5d60718"},
		"authorize-egress-referenced-group":             {"egress tcp 3306 sg-0c2d3e4f5a6b71829"},
		"authorize-ingress-omitted-request-only":        {ssh},
		"authorize-ingress-event-version-1-05":          {ssh},
		"authorize-ingress-protocol-number-50":          {"ingress 50 all 198.51.100.0/24"},
		"authorize-ingress-referenced-group-by-name":    {"ingress tcp 5432 sg-0c2d3e4f5a6b71829"},
		"authorize-ingress-referenced-group-with-owner": {"ingress tcp 5432 sg-0c2d3e4f5a6b71829"},
	}
	for name, opened := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, 0, opened...)
			returned := c.invoke(t, events.MustRead(name))
			if diff := cmp.Diff([]string{"sgr-0"}, c.ids()); diff != "" {
				t.Errorf("live rules: %s", diff)
			}
			if diff := cmp.Diff([]string{returned}, c.alerts(t)); diff != "" {
				t.Errorf("the alert is not what was returned: %s", diff)
			}
			var got alert.Alert
			if err := json.Unmarshal([]byte(returned), &got); err != nil {
				t.Fatal(err)
			}
			var revoked []string
			for _, f := range got.Findings {
				if f.Action != alert.ActionRevoked || !strings.HasPrefix(f.RuleID, "sgr-") || strings.Contains(f.Reason, "does not name it") {
					t.Errorf("finding %+v", f)
				}
				revoked = append(revoked, f.Rule)
			}
			if diff := cmp.Diff(opened, revoked); diff != "" {
				t.Errorf("findings: %s", diff)
			}
			if got.Outcome != alert.Reverted || got.GroupID != group || got.GroupName != "web" || got.Baseline.Version != 7 || got.ExposureSeconds == nil {
				t.Errorf("returned %s", returned)
			}
		})
	}
}

func TestTheMessageCarriesTheAlertForMachinesAndTheAttributes(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 0, ssh)
	c.invoke(t, events.MustRead("authorize-ingress-ipv4"))
	form := c.published[0].Form
	var parts map[string]string
	if err := json.Unmarshal([]byte(form.Get("Message")), &parts); err != nil {
		t.Fatal(err)
	}
	if len(parts) != 1 || !strings.Contains(parts["default"], ssh) || form.Has("Subject") || form.Get("TopicArn") != topic {
		t.Errorf("published %v", form)
	}
	var names []string
	for i := 1; form.Has(fmt.Sprintf("MessageAttributes.entry.%d.Name", i)); i++ {
		names = append(names, form.Get(fmt.Sprintf("MessageAttributes.entry.%d.Name", i)))
	}
	slices.Sort(names)
	if diff := cmp.Diff([]string{"account", "groupId", "kind", "outcome", "region", "severity"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestNothingToDoReturnsTheReasonAndReportsNothing(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		message string
		cloud   func(t *testing.T) *cloud
		reason  string
		calls   int
	}{
		"a call that failed":        {message: string(events.MustRead("authorize-ingress-failed")), reason: "the call failed with Client.InvalidPermission.Duplicate and changed nothing"},
		"a message of another kind": {message: "{}", reason: `a message of type "" from "" is not about security-group rules`},
		"no JSON":                   {message: "{", reason: "the message is not JSON: unexpected EOF"},
		"every rule is approved": {
			message: string(events.MustRead("authorize-ingress-ipv4")), reason: "the baseline permits every rule of the group", calls: 3,
			cloud: func(t *testing.T) *cloud {
				c := newCloud(t, 0, ssh)
				c.baseline = document(t, "ingress tcp all 0.0.0.0/0")
				return c
			},
		},
		"there is no baseline": {
			message: string(events.MustRead("authorize-ingress-ipv4")), calls: 3,
			reason: "there is no baseline at /sg-baseline/groups/" + group + " and no guardrail: the group is left alone",
			cloud: func(t *testing.T) *cloud {
				c := newCloud(t, 0, ssh)
				c.baseline = ""
				return c
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.cloud == nil {
				c.cloud = func(t *testing.T) *cloud { return newCloud(t, 0, ssh) }
			}
			cloud := c.cloud(t)
			want, err := json.Marshal(map[string]string{"outcome": "none", "reason": c.reason})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), cloud.invoke(t, []byte(c.message))); diff != "" {
				t.Error(diff)
			}
			if n := len(cloud.stub.Requests()); n != c.calls || len(cloud.ids()) != 2 || len(cloud.alerts(t)) != 0 {
				t.Errorf("%d calls, live %v, alerts %v", n, cloud.ids(), cloud.alerts(t))
			}
		})
	}
}

func TestErrorsOfAWSAreReturnedAndReported(t *testing.T) {
	t.Parallel()
	denied := awsstub.Fault{Error: &awsstub.Error{Code: "AccessDenied", Message: "not you", Status: 403}}
	cases := map[string]struct {
		action  string
		times   int             // 0 is once
		outcome []alert.Outcome // of the alerts
		live    int
		err     bool
	}{
		"none":                                   {outcome: []alert.Outcome{alert.Reverted}, live: 1},
		"the live rules can't be read":           {action: "DescribeSecurityGroupRules", outcome: []alert.Outcome{alert.Failed}, live: 2, err: true},
		"the baseline can't be read":             {action: "GetParameters", times: 5, outcome: []alert.Outcome{alert.Failed}, live: 2, err: true},
		"the revoke is refused":                  {action: "RevokeSecurityGroupIngress", outcome: []alert.Outcome{alert.Failed}, live: 2, err: true},
		"the group's name can't be read":         {action: "DescribeSecurityGroups", outcome: []alert.Outcome{alert.Reverted}, live: 1},
		"the alert can't be published yet":       {action: "Publish", times: 6, live: 1, err: true},
		"the alert can be published a bit later": {action: "Publish", outcome: []alert.Outcome{alert.Reverted}, live: 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := newCloud(t, 0, ssh)
			cloud.stub.Inject(c.action, max(1, c.times), denied)
			message := cloud.opens(events.MustRead("authorize-ingress-ipv4"))
			function := cloud.handler(t)
			function.remediator.Pause = func(context.Context, time.Duration) {}
			answer, err := function.Invoke(context.Background(), message)
			var api smithy.APIError
			if (err != nil) != c.err || c.err && (answer != nil || !errors.As(err, &api) || api.ErrorMessage() != "not you") {
				t.Errorf("got %s, %v", answer, err)
			}
			if diff := cmp.Diff(c.outcome, outcomes(t, cloud)); diff != "" {
				t.Error(diff)
			}
			if len(cloud.ids()) != c.live {
				t.Errorf("live %v", cloud.ids())
			}
			if !c.err {
				return
			}
			cloud.invoke(t, message) // which is what Lambda does then
			if got := outcomes(t, cloud); len(got) != len(c.outcome)+1 || len(cloud.ids()) != 1 {
				t.Errorf("after the retry: alerts %v, live %v", got, cloud.ids())
			}
		})
	}
}

func outcomes(t *testing.T, c *cloud) []alert.Outcome {
	t.Helper()
	var outcomes []alert.Outcome
	for _, text := range c.alerts(t) {
		var a alert.Alert
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			t.Fatal(err)
		}
		outcomes = append(outcomes, a.Outcome)
	}
	return outcomes
}

func TestADeletedGroupIsReportedAsDeleted(t *testing.T) {
	t.Parallel()
	c := newCloud(t, 0)
	c.live = nil
	c.stub.Inject("DescribeSecurityGroups", 1, awsstub.Fault{Error: &awsstub.Error{Code: "InvalidGroup.NotFound", Message: "no such group"}})
	c.invoke(t, events.MustRead("authorize-ingress-ipv4"))
	if diff := cmp.Diff([]alert.Outcome{alert.AlreadyGone}, outcomes(t, c)); diff != "" {
		t.Error(diff)
	}
	if n := len(c.stub.Requests("RevokeSecurityGroupIngress")); n != 1 { // by its id, in case the read was stale
		t.Errorf("%d revokes", n)
	}
}
