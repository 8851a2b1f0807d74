package deploy_test

import (
	"fmt"
	"slices"
	"strings"
)

// maxTemplateBytes is the most that CreateStack and UpdateStack take from S3, to which deploy.sh uploads the template.
// Source: AWS CloudFormation quotas, which say 1 MB.
const maxTemplateBytes = 1_000_000

func isPlain(t template) (problems []string) {
	if _, found := t.root["Transform"]; found {
		problems = append(problems, "it has a Transform")
	}
	if t.bytes > maxTemplateBytes {
		problems = append(problems, fmt.Sprintf("its %d bytes are more than the %d of a template in S3", t.bytes, maxTemplateBytes))
	}
	return problems
}

func functionsAreSmall(t template) (problems []string) {
	for name, function := range t.resources("AWS::Lambda::Function") {
		for property, want := range map[string]string{
			"Runtime": "provided.al2023", "Architectures": "[arm64]", "Handler": "bootstrap", "MemorySize": "128",
			"Timeout":                      map[string]string{"RemediatorFunction": "60", "SweeperFunction": "900", "NotifierFunction": "120", "CanaryFunction": "720"}[name],
			"ReservedConcurrentExecutions": "<nil>",
		} {
			if got := fmt.Sprint(get(function, "Properties", property)); got != want {
				problems = append(problems, fmt.Sprintf("%s: %s is %s, not %s", name, property, got, want))
			}
		}
	}
	return problems
}

func logGroupsAreOwn(t template) (problems []string) {
	groups, taken := t.resources("AWS::Logs::LogGroup"), map[string]string{}
	for name, function := range t.resources("AWS::Lambda::Function") {
		group := target(get(function, "Properties", "LoggingConfig", "LogGroup"))
		if target(get(groups[group], "Properties", "RetentionInDays")) != "LogRetentionDays" {
			problems = append(problems, fmt.Sprintf("%s: log group %q is not one with LogRetentionDays", name, group))
		}
		if taken[group] != "" {
			problems = append(problems, fmt.Sprintf("%s: log group %s is that of %s", name, group, taken[group]))
		}
		taken[group] = name
	}
	return problems
}

// Lambda refuses a failure destination that the role may not send to, and a function without its permissions fails on
// the first event.
func functionsWaitForPermissions(t template) (problems []string) {
	for name, function := range t.resources("AWS::Lambda::Function") {
		role := target(get(function, "Properties", "Role"))
		for policy, resource := range t.resources("AWS::IAM::Policy") {
			applies := slices.ContainsFunc(list(get(resource, "Properties", "Roles")), func(v any) bool { return target(v) == role })
			if applies && !slices.Contains(list(get(function, "DependsOn")), any(policy)) {
				problems = append(problems, fmt.Sprintf("%s may be there before %s", name, policy))
			}
		}
	}
	return problems
}

func patternsExcludeNobody(t template) (problems []string) {
	wanted := map[string]string{
		"RemediatorRule": "map[detail:map[eventName:[AssociateSecurityGroupVpc AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress CreateDefaultVpc " +
			"CreateSecurityGroup CreateVpc DeleteManagedPrefixList DeleteSecurityGroup DeleteVpc DisassociateSecurityGroupVpc " +
			"ModifyManagedPrefixList ModifySecurityGroupRules RestoreManagedPrefixListVersion RevokeSecurityGroupEgress RevokeSecurityGroupIngress " +
			"UpdateSecurityGroupRuleDescriptionsEgress UpdateSecurityGroupRuleDescriptionsIngress] " +
			"eventSource:[ec2.amazonaws.com]] detail-type:[AWS API Call via CloudTrail] source:[aws.ec2]]",
		"BaselinesRule": "map[detail:map[name:[map[prefix:{Sub ${BaselinePrefix}/approvals/}] map[prefix:{Sub ${BaselinePrefix}/groups/}] " +
			"map[prefix:{Sub ${BaselinePrefix}/prefix-lists/}] " +
			"{Sub ${BaselinePrefix}/guardrail} {Sub ${BaselinePrefix}/pause} {Sub ${BaselinePrefix}/trust}] operation:[Create Delete Update]] detail-type:[Parameter Store Change] source:[aws.ssm]]",
		"RequestsRule": "map[detail:map[name:[{Sub ${BaselinePrefix}/sweep-request}] operation:[Create]] " +
			"detail-type:[Parameter Store Change] source:[aws.ssm]]",
		"SweeperRule": "<nil>", // it has a schedule
		"CanaryRule":  "<nil>", // so has it
	}
	for name, rule := range t.resources("AWS::Events::Rule") {
		pattern := fmt.Sprint(get(rule, "Properties", "EventPattern"))
		for _, word := range []string{"anything-but", "exists", "userIdentity", "errorCode"} {
			if strings.Contains(pattern, word) {
				problems = append(problems, fmt.Sprintf("%s: the pattern has %s, which loses events", name, word))
			}
		}
		if want := wanted[name]; pattern != want {
			problems = append(problems, fmt.Sprintf("%s: the pattern is\n%s, not\n%s", name, pattern, want))
		}
		if state := get(rule, "Properties", "State"); state != "ENABLED" {
			problems = append(problems, fmt.Sprintf("%s: is %v", name, state))
		}
	}
	return problems
}

// unkept is what needs no dead letters: a canary's failure holds nothing to give it again, and has its alarm.
var unkept = map[string]bool{"CanaryInvokeConfig": true, "CanaryRule": true}

func lettersAreKept(t template) (problems []string) {
	queues, covered := t.resources("AWS::SQS::Queue"), map[string]bool{}
	for name, config := range t.resources("AWS::Lambda::EventInvokeConfig") {
		if _, found := queues[target(get(config, "Properties", "DestinationConfig", "OnFailure", "Destination"))]; !found && !unkept[name] {
			problems = append(problems, name+": what fails goes to no queue")
		}
		covered[target(get(config, "Properties", "FunctionName"))] = true
	}
	for name, mapping := range t.resources("AWS::Lambda::EventSourceMapping") {
		source := queues[target(get(mapping, "Properties", "EventSourceArn"))]
		redrive := get(source, "Properties", "RedrivePolicy")
		if _, found := queues[target(get(redrive, "deadLetterTargetArn"))]; !found || get(redrive, "maxReceiveCount") != "5" {
			problems = append(problems, name+": what fails five times goes to no queue")
		}
		covered[target(get(mapping, "Properties", "FunctionName"))] = true
	}
	for name := range t.resources("AWS::Lambda::Function") {
		if !covered[name] {
			problems = append(problems, name+": has neither an EventInvokeConfig nor an EventSourceMapping")
		}
	}
	for name, rule := range t.resources("AWS::Events::Rule") {
		for _, to := range list(get(rule, "Properties", "Targets")) {
			want := "map[MaximumEventAgeInSeconds:86400 MaximumRetryAttempts:185]" // the most EventBridge offers
			if get(rule, "Properties", "ScheduleExpression") != nil || target(get(to, "Arn")) == "SweeperFunction" {
				want = "map[MaximumEventAgeInSeconds:300 MaximumRetryAttempts:2]" // the next one comes soon
			}
			if _, found := queues[target(get(to, "DeadLetterConfig", "Arn"))]; !found && !unkept[name] {
				problems = append(problems, name+": what cannot be delivered goes to no queue")
			}
			if got := fmt.Sprint(get(to, "RetryPolicy")); got != want {
				problems = append(problems, name+": gives up early, or late: "+got)
			}
		}
	}
	return problems
}

func queuesKeep(t template) (problems []string) {
	for name, queue := range t.resources("AWS::SQS::Queue") {
		if get(queue, "Properties", "SqsManagedSseEnabled") != "true" {
			problems = append(problems, name+": is not encrypted")
		}
		want := "1209600" // 14 days
		if name == "CanaryInbox" {
			want = "3600" // no dead letters, but alerts that a canary waits for
		}
		if got := get(queue, "Properties", "MessageRetentionPeriod"); got != want {
			problems = append(problems, fmt.Sprintf("%s: keeps messages %v s, not %s", name, got, want))
		}
	}
	return problems
}

func parametersAreExplained(t template) (problems []string) {
	var grouped []any
	for _, group := range list(get(t.root, "Metadata", "AWS::CloudFormation::Interface", "ParameterGroups")) {
		grouped = append(grouped, list(get(group, "Parameters"))...)
	}
	for name, parameter := range t.section("Parameters") {
		if get(parameter, "Description") == nil {
			problems = append(problems, name+": has no description")
		}
		if !slices.Contains(grouped, any(name)) {
			problems = append(problems, name+": is in no group of the console's form")
		}
	}
	return problems
}
