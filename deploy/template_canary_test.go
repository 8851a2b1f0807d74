package deploy_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// canaryIsOptional: off by default, whole where it is on, and then with the VPC that CloudFormation wants.
func canaryIsOptional(t template) (problems []string) {
	if got := get(t.section("Parameters"), "Canary", "Default"); got != "off" {
		problems = append(problems, fmt.Sprintf("it is %v by default", got))
	}
	for _, section := range []string{"Resources", "Outputs"} {
		for name, item := range t.section(section) {
			if strings.HasPrefix(name, "Canary") && get(item, "Condition") != "CanaryOn" {
				problems = append(problems, name+": is there also where the canary is off")
			}
		}
	}
	if got := fmt.Sprint(get(t.section("Rules"), "CanaryHasItsVpc", "RuleCondition")); got != "{Equals [{Ref Canary} on]}" {
		problems = append(problems, "the VPC is wanted if "+got)
	}
	for _, assertion := range list(get(t.section("Rules"), "CanaryHasItsVpc", "Assertions")) {
		if got := fmt.Sprint(get(assertion, "Assert")); got != "{Not [{Equals [{Ref CanaryVpcId} ]}]}" {
			problems = append(problems, "what is wanted of the VPC is "+got)
		}
	}
	for name, function := range t.resources("AWS::Lambda::Function") {
		if name == "NotifierFunction" { // alerts say themselves that they are the canary's
			continue
		}
		want := "{If [CanaryOn {GetAtt CanaryGroup.GroupId} {Ref AWS::NoValue}]}"
		if name == "CanaryFunction" {
			want = "{GetAtt CanaryGroup.GroupId}"
		}
		if got := fmt.Sprint(get(function, "Properties", "Environment", "Variables", "CANARY_GROUP_ID")); got != want {
			problems = append(problems, fmt.Sprintf("%s: CANARY_GROUP_ID is %s, not %s", name, got, want))
		}
	}
	return problems
}

// canaryIsHarmless: it may write to one group and hear one queue.
func canaryIsHarmless(t template) (problems []string) {
	const ec2 = "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:"
	wanted := map[string][]string{
		"ec2:AuthorizeSecurityGroupIngress": {ec2 + "security-group/${CanaryGroup.GroupId}"},
		"ec2:DescribeSecurityGroupRules":    {"*"},
		"ec2:RevokeSecurityGroupIngress":    {ec2 + "security-group/${CanaryGroup.GroupId}"},
		"logs:CreateLogStream":              {"CanaryLogGroup"},
		"logs:PutLogEvents":                 {"CanaryLogGroup"},
		"sqs:DeleteMessage":                 {"CanaryInbox"},
		"sqs:ReceiveMessage":                {"CanaryInbox"},
	}
	may := map[string][]string{}
	for _, policy := range t.resources("AWS::IAM::Policy") {
		if !slices.ContainsFunc(list(get(policy, "Properties", "Roles")), func(v any) bool { return target(v) == "CanaryRole" }) {
			continue
		}
		for _, statement := range list(get(policy, "Properties", "PolicyDocument", "Statement")) {
			for _, action := range actions(statement) {
				for _, resource := range list(get(statement, "Resource")) {
					may[action] = append(may[action], target(resource))
				}
				slices.Sort(may[action])
			}
		}
	}
	if diff := cmp.Diff(wanted, may); diff != "" {
		problems = append(problems, "what the canary may do (-want +got):\n"+diff)
	}
	return problems
}

// alertsAreFiltered shows each subscription the attributes of an alert of drift, of a canary's alert, and of an alarm of
// each alarm's actions, with the canary on and off, and a mail without any attribute. The notifier must hear of drift, and
// people of mails and of alarms, each by a subscription of its own. Neither may hear of the canary.
func alertsAreFiltered(t template) (problems []string) {
	wanted := map[bool]map[string][]string{
		false: {"AlertQueueSubscription": {"drift"}, "MailEmailSubscription": {"mail"}, "AlarmEmailSubscription": {"alarm"}},
		true: {
			"AlertQueueSubscription": {"drift"}, "MailEmailSubscription": {"mail"}, "AlarmEmailSubscription": {"alarm"},
			"CanarySubscription": {"canary"},
		},
	}
	for name, alarm := range t.resources("AWS::CloudWatch::Alarm") {
		for _, on := range []bool{false, true} {
			got := map[string][]string{}
			for subscription, resource := range t.resources("AWS::SNS::Subscription") {
				if exists := on || get(resource, "Condition") != "CanaryOn"; exists {
					got[subscription] = heard(get(resource, "Properties"), alarm, on)
				}
			}
			if diff := cmp.Diff(wanted[on], got); diff != "" {
				problems = append(problems, fmt.Sprintf("%s, canary on %t: messages by subscription (-want +got):\n%s", name, on, diff))
			}
		}
	}
	for name, subscription := range t.resources("AWS::SNS::Subscription") {
		// Without the scope CloudFormation fails to change the filter. Source: the issues "FilterPolicyScope: Invalid value
		// [null]" of aws-cdk and of cloudformation-coverage-roadmap.
		filtered, scope := get(subscription, "Properties", "FilterPolicy") != nil, get(subscription, "Properties", "FilterPolicyScope")
		if filtered && scope != "MessageAttributes" {
			problems = append(problems, fmt.Sprintf("%s: the scope of its filter is %v", name, scope))
		}
	}
	for name, want := range map[string]string{"CanarySubscription": "true", "AlertQueueSubscription": "false"} {
		if raw := get(t.resources("AWS::SNS::Subscription")[name], "Properties", "RawMessageDelivery"); raw != want {
			problems = append(problems, fmt.Sprintf("%s: raw delivery is %v, and its reader expects %s", name, raw, want))
		}
	}
	return problems
}

// heard returns which messages a subscription lets through.
func heard(subscription, alarm any, on bool) (all []string) {
	topic, policy := target(get(subscription, "TopicArn")), get(subscription, "FilterPolicy")
	said := slices.ContainsFunc(list(get(alarm, "Properties", "AlarmActions")), func(action any) bool { return target(action) == topic })
	if said && passes(policy, nil) {
		all = append(all, "alarm")
	}
	if topic == "MailTopic" && passes(policy, nil) {
		all = append(all, "mail")
	}
	for _, kind := range []alert.Kind{alert.CanaryKind, alert.Drift} {
		said := topic == "AlertTopic" && (on || kind != alert.CanaryKind)
		if said && passes(policy, map[string]string{"kind": string(kind)}) {
			all = append(all, string(kind))
		}
	}
	return all
}

// passes is SNS's matching as far as the template uses it: every attribute of the policy must match one of its values, and
// a message without any attribute passes no policy, not even one that wants an attribute not to exist. Source: Amazon SNS
// Developer Guide, "Subscription filter policies" and "Key matching".
func passes(policy any, attributes map[string]string) bool {
	wanted, _ := policy.(map[string]any)
	if len(attributes) == 0 && len(wanted) > 0 {
		return false
	}
	for name, values := range wanted {
		attribute, exists := attributes[name]
		if !slices.ContainsFunc(list(values), func(v any) bool { return fits(v, attribute, exists) }) {
			return false
		}
	}
	return true
}

func fits(value any, attribute string, exists bool) bool {
	if but := get(value, "anything-but"); but != nil {
		return exists && !slices.Contains(list(but), any(attribute))
	}
	if wanted := get(value, "exists"); wanted != nil {
		return fmt.Sprint(exists) == wanted
	}
	return exists && value == attribute
}

// canaryHasItsBaseline: what the template gives the group is what its baseline permits, and that is nothing real.
func canaryHasItsBaseline(t template) (problems []string) {
	const id = "sg-0c"
	text := target(get(t.resources("AWS::SSM::Parameter"), "CanaryBaseline", "Properties", "Value"))
	document, err := baseline.Decode([]byte(strings.NewReplacer("${CanaryGroup.GroupId}", id, "${AWS::StackName}", "sgwarden").Replace(text)), id)
	if err != nil {
		return []string{"the baseline: " + err.Error()}
	}
	var live []rule.Rule
	group := get(t.resources("AWS::EC2::SecurityGroup")["CanaryGroup"], "Properties")
	for _, permission := range list(get(group, "SecurityGroupEgress")) {
		r, err := rule.EC2{Direction: rule.Egress, Protocol: target(get(permission, "IpProtocol")), CIDR: target(get(permission, "CidrIp"))}.Canonical()
		if err != nil {
			return []string{"the group: " + err.Error()}
		}
		live = append(live, r)
	}
	texts := func(rules []rule.Rule) (all []string) {
		for _, r := range rules {
			all = append(all, r.String())
		}
		return all
	}
	for whose, rules := range map[string][]rule.Rule{"group": live, "baseline": document.PermanentRules()} {
		if diff := cmp.Diff([]string{"egress all all 127.0.0.1/32"}, texts(rules)); diff != "" || get(group, "SecurityGroupIngress") != nil {
			problems = append(problems, "rules of the "+whose+" (-want +got):\n"+diff)
		}
	}
	return problems
}
