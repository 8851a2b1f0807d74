package deploy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/localtest"
	"github.com/sgwarden/sgwarden/events"
)

const (
	defaultPrefix = "/sg-baseline"
	otherPrefix   = "/security/sg.baseline_2"
	calls         = "RemediatorRule"
	baselines     = "BaselinesRule"
	requests      = "RequestsRule"
	nobody        = ""
)

// bySubject says which rule the samples match whose names begin so, failed calls and omitted parameters included.
// "parameter" is not among them: those are distinguished by name and operation.
var bySubject = map[string]string{
	"authorize": calls, "revoke": calls, "modify": calls, "create": calls, "delete": calls, "update": calls, "restore": calls,
	"associate": calls, "disassociate": calls, "describe": nobody, "foreign": nobody, "scheduled": nobody, "scheduler": nobody, "console": nobody,
}

var byParameterSample = map[string]string{
	"parameter-create":               baselines,
	"parameter-delete":               baselines,
	"parameter-failed":               baselines, // the function knows; its mark is not in the documented fields
	"parameter-foreign-name":         nobody,
	"parameter-label":                nobody,
	"parameter-policy-action":        nobody,
	"parameter-update":               baselines,
	"parameter-update-guardrail":     baselines,
	"parameter-update-prefix-list":   baselines,
	"parameter-update-secure-string": baselines,
}

// neighbours are events that must not match. Each is a sample that does, with old replaced by new, which is what the
// pattern has to see.
var neighbours = []struct{ name, sample, old, new string }{
	{"a call that lists groups", "authorize-ingress-ipv4", `"AuthorizeSecurityGroupIngress"`, `"DescribeSecurityGroups"`},
	{"a call that lists rules", "authorize-ingress-ipv4", `"AuthorizeSecurityGroupIngress"`, `"DescribeSecurityGroupRules"`},
	{"a call that lists references", "authorize-ingress-ipv4", `"AuthorizeSecurityGroupIngress"`, `"DescribeSecurityGroupReferences"`},
	{"a call that lists stale groups", "revoke-ingress-permissions", `"RevokeSecurityGroupIngress"`, `"DescribeStaleSecurityGroups"`},
	{"a call that gets a VPC's groups", "create-group", `"CreateSecurityGroup"`, `"GetSecurityGroupsForVpc"`},
	{"a client VPN's rule", "authorize-ingress-ipv4", `"AuthorizeSecurityGroupIngress"`, `"AuthorizeClientVpnIngress"`},
	{"a client VPN's rule that is removed", "revoke-ingress-permissions", `"RevokeSecurityGroupIngress"`, `"RevokeClientVpnIngress"`},
	{"a network ACL", "create-group", `"CreateSecurityGroup"`, `"CreateNetworkAclEntry"`},
	{"a VPC's addresses", "create-vpc", `"CreateVpc"`, `"AssociateVpcCidrBlock"`},
	{"a VPC's endpoint", "create-vpc", `"CreateVpc"`, `"CreateVpcEndpoint"`},
	{"a peering that is removed", "delete-vpc", `"DeleteVpc"`, `"DeleteVpcPeeringConnection"`},
	{"an instance's groups", "modify-one-rule", `"ModifySecurityGroupRules"`, `"ModifyInstanceAttribute"`},
	{"a call whose name only begins so", "authorize-ingress-ipv4", `"AuthorizeSecurityGroupIngress"`, `"AuthorizeSecurityGroupIngressV2"`},
	{"a call in another case", "delete-group-by-id", `"DeleteSecurityGroup"`, `"deleteSecurityGroup"`},
	{"a call without a name", "delete-group-by-id", `"eventName"`, `"otherName"`},
	{"the call of another service", "authorize-ingress-ipv4", `"ec2.amazonaws.com"`, `"rds.amazonaws.com"`},
	{"a call of no service", "authorize-ingress-ipv4", `"eventSource"`, `"otherSource"`},
	{"the event of another source", "authorize-ingress-ipv4", `"aws.ec2"`, `"aws.rds"`},
	{"an event that somebody put", "authorize-ingress-ipv4", `"aws.ec2"`, `"com.example.tools"`},
	{"another kind of event of EC2", "authorize-ingress-ipv4", `"AWS API Call via CloudTrail"`, `"AWS Service Event via CloudTrail"`},
	{"an insight", "authorize-ingress-ipv4", `"AWS API Call via CloudTrail"`, `"AWS Insight via CloudTrail"`},
	{"a detail type of another spelling", "authorize-ingress-ipv4", `"AWS API Call via CloudTrail"`, `"AWS API call via CloudTrail"`},
	{"a baseline under a longer prefix", "parameter-update", `"/sg-baseline/groups/`, `"/sg-baseline-other/groups/`},
	{"a baseline under a deeper prefix", "parameter-update", `"/sg-baseline/groups/`, `"/test/sg-baseline/groups/`},
	{"a baseline without a slash before it", "parameter-update", `"/sg-baseline/groups/`, `"sg-baseline/groups/`},
	{"a baseline in another case", "parameter-update", `"/sg-baseline/groups/`, `"/SG-Baseline/groups/`},
	{"the sweeper's note", "parameter-create", `"/sg-baseline/groups/sg-0a1b2c3d4e5f60718"`, `"/sg-baseline/sweep"`},
	{"the sweeper's note, changed", "parameter-update", `"/sg-baseline/groups/sg-0a1b2c3d4e5f60718"`, `"/sg-baseline/sweep"`},
	{"the sweeper's note, deleted", "parameter-delete", `"/sg-baseline/groups/sg-0a1b2c3d4e5f60718"`, `"/sg-baseline/sweep"`},
	{"a neighbour of the groups", "parameter-update", `"/sg-baseline/groups/`, `"/sg-baseline/groupsets/`},
	{"the groups themselves", "parameter-update", `"/sg-baseline/groups/sg-0a1b2c3d4e5f60718"`, `"/sg-baseline/groups"`},
	{"something below the guardrail", "parameter-update-guardrail", `"/sg-baseline/guardrail"`, `"/sg-baseline/guardrail/draft"`},
	{"a longer guardrail", "parameter-update-guardrail", `"/sg-baseline/guardrail"`, `"/sg-baseline/guardrails"`},
	{"a list that is read", "modify-prefix-list-one-entry", `"ModifyManagedPrefixList"`, `"GetManagedPrefixListEntries"`},
	{"a list that is made", "modify-prefix-list-one-entry", `"ModifyManagedPrefixList"`, `"CreateManagedPrefixList"`},
	{"a list that an IPAM resolves", "modify-prefix-list-one-entry", `"ModifyManagedPrefixList"`, `"ModifyIpamPrefixListResolver"`},
	{"a neighbour of the prefix lists", "parameter-update-prefix-list", `/prefix-lists/`, `/prefix-list/`},
	{"the prefix lists themselves", "parameter-update-prefix-list", `/prefix-lists/pl-0a1b2c3d4e5f60718"`, `/prefix-lists"`},
	{"a label of a prefix list's document", "parameter-update-prefix-list", `"Update"`, `"LabelParameterVersion"`},
	{"a label", "parameter-update", `"Update"`, `"LabelParameterVersion"`},
	{"a label that is removed", "parameter-update", `"Update"`, `"UnlabelParameterVersion"`},
	{"a label of the guardrail", "parameter-update-guardrail", `"Update"`, `"LabelParameterVersion"`},
	{"a change of no operation", "parameter-update", `"operation"`, `"other"`},
	{"a change of no name", "parameter-update", `"name"`, `"other"`},
	{"a parameter's policy", "parameter-update", `"Parameter Store Change"`, `"Parameter Store Policy Action"`},
	{"a call of Parameter Store", "parameter-update", `"Parameter Store Change"`, `"AWS API Call via CloudTrail"`},
	{"a change of another service's", "parameter-update", `"aws.ssm"`, `"aws.secretsmanager"`},
	{"a change that somebody put", "parameter-update", `"aws.ssm"`, `"com.example.tools"`},
}

func TestEventPatternsMatchJustWhatIsOurs(t *testing.T) {
	t.Parallel()
	server := localtest.Moto(t)
	for _, prefix := range []string{defaultPrefix, otherPrefix} {
		t.Run("under "+prefix, func(t *testing.T) {
			t.Parallel()
			messages, want := candidates(t, prefix)
			got := newMatcher(t, server.URL, prefix).match(messages)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("rule that matches (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(got, matchedLocally(t, prefix, messages)); diff != "" {
				t.Errorf("rule that matches in the local AWS (-moto +local):\n%s", diff)
			}
		})
	}
}

// candidates returns all messages by name, and the rule that each of them must match.
func candidates(t *testing.T, prefix string) (messages map[string]string, want map[string][]string) {
	t.Helper()
	messages, want = map[string]string{}, map[string][]string{}
	add := func(name, message, rule string) {
		messages[name], want[name] = message, nil
		if rule != nobody {
			want[name] = []string{rule}
		}
	}
	under := func(message string) string { return strings.ReplaceAll(message, `"`+defaultPrefix+`/`, `"`+prefix+`/`) }
	for _, name := range events.Names() {
		rule, known := ruleOf(name)
		if !known {
			t.Errorf("sample %s: nobody says which rule must match it", name)
		}
		if rule == calls && prefix != defaultPrefix {
			continue // the prefix is nothing to calls, and moto takes its time
		}
		sample := string(events.MustRead(name))
		add(name, under(sample), rule)
		if prefix != defaultPrefix && rule == baselines {
			add(name+", under the default prefix", sample, nobody)
		}
	}
	for _, row := range neighbours {
		sample := string(events.MustRead(row.sample))
		if rule, _ := ruleOf(row.sample); rule == nobody || !strings.Contains(sample, row.old) {
			t.Errorf("%s: sample %s does not match itself, or has no %s", row.name, row.sample, row.old)
		}
		if _, twice := messages[row.name]; twice {
			t.Errorf("two events are called %q", row.name)
		}
		changed := strings.ReplaceAll(sample, row.old, row.new)
		add(row.name, strings.ReplaceAll(changed, defaultPrefix, prefix), nobody)
	}
	addRelatives(t, prefix, messages, add)
	return messages, want
}

func ruleOf(sample string) (rule string, known bool) {
	subject, _, _ := strings.Cut(sample, "-")
	if subject == "parameter" {
		rule, known = byParameterSample[sample]
	} else {
		rule, known = bySubject[subject]
	}
	return rule, known
}
