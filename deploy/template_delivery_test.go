package deploy_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// onlyItsRulesMaySend: a permission and a queue's policy name the rules instead of referring to them, so a rename could
// leave them behind.
func onlyItsRulesMaySend(t template) (problems []string) {
	may, does := senders(t), map[string][]string{}
	for _, rule := range t.resources("AWS::Events::Rule") {
		arn := "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/" + target(get(rule, "Properties", "Name"))
		for _, to := range list(get(rule, "Properties", "Targets")) {
			for _, receiver := range []string{target(get(to, "Arn")), target(get(to, "DeadLetterConfig", "Arn"))} {
				if receiver != "" {
					does[receiver] = append(does[receiver], arn)
				}
			}
		}
	}
	for _, subscription := range t.resources("AWS::SNS::Subscription") {
		if properties := get(subscription, "Properties"); get(properties, "Protocol") == "sqs" {
			queue := target(get(properties, "Endpoint"))
			does[queue] = append(does[queue], target(get(properties, "TopicArn")))
			if letters := target(get(properties, "RedrivePolicy", "deadLetterTargetArn")); letters != "" {
				does[letters] = append(does[letters], target(get(properties, "TopicArn")))
			}
		}
	}
	for _, arns := range []map[string][]string{may, does} {
		for receiver := range arns {
			slices.Sort(arns[receiver])
		}
	}
	if diff := cmp.Diff(does, may); diff != "" {
		problems = append(problems, "rules that may send, by function and queue (-what they do +what they may):\n"+diff)
	}
	return problems
}

// senders returns the ARNs of the rules that may invoke each function and send to each queue, and the topics that may.
func senders(t template) map[string][]string {
	may := map[string][]string{}
	for _, permission := range t.resources("AWS::Lambda::Permission") {
		properties := get(permission, "Properties")
		if get(properties, "Principal") == "events.amazonaws.com" && get(properties, "Action") == "lambda:InvokeFunction" {
			function := target(get(properties, "FunctionName"))
			may[function] = append(may[function], target(get(properties, "SourceArn")))
		}
	}
	for _, policy := range t.resources("AWS::SQS::QueuePolicy") {
		for _, statement := range list(get(policy, "Properties", "PolicyDocument", "Statement")) {
			queue := target(get(statement, "Resource"))
			queues := list(get(policy, "Properties", "Queues"))
			if len(queues) != 1 || target(queues[0]) != queue || fmt.Sprint(actions(statement)) != "[sqs:SendMessage]" {
				continue
			}
			for _, arn := range list(get(statement, "Condition", "ArnEquals", "aws:SourceArn")) {
				may[queue] = append(may[queue], target(arn))
			}
		}
	}
	return may
}

// deliveryWaits: an event that comes while the stack is being made must find everything ready.
func deliveryWaits(t template) (problems []string) {
	for name, rule := range t.resources("AWS::Events::Rule") {
		arn := "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/" + target(get(rule, "Properties", "Name"))
		for _, to := range list(get(rule, "Properties", "Targets")) {
			function, queue := target(get(to, "Arn")), target(get(to, "DeadLetterConfig", "Arn"))
			var want []string
			for other, permission := range t.resources("AWS::Lambda::Permission") {
				if target(get(permission, "Properties", "SourceArn")) == arn {
					want = append(want, other)
				}
			}
			for other, config := range t.resources("AWS::Lambda::EventInvokeConfig") {
				if target(get(config, "Properties", "FunctionName")) == function {
					want = append(want, other)
				}
			}
			for other, policy := range t.resources("AWS::SQS::QueuePolicy") {
				if slices.ContainsFunc(list(get(policy, "Properties", "Queues")), func(v any) bool { return target(v) == queue }) {
					want = append(want, other)
				}
			}
			for _, other := range want {
				if !slices.Contains(list(get(rule, "DependsOn")), any(other)) {
					problems = append(problems, fmt.Sprintf("%s may send before there is %s", name, other))
				}
			}
		}
	}
	return problems
}

// sweepsAreRegular: each sweep is its own retry, and an alarm goes off when none begins.
func sweepsAreRegular(t template) (problems []string) {
	for name, rule := range t.resources("AWS::Events::Rule") {
		schedule := get(rule, "Properties", "ScheduleExpression")
		if schedule == nil {
			continue
		}
		parameter := t.section("Parameters")[target(schedule)]
		if name == "CanaryRule" && schedule != "rate(15 minutes)" {
			problems = append(problems, fmt.Sprintf("%s: schedule %v is not 15 minutes", name, schedule))
		} else if name != "CanaryRule" && (get(parameter, "Default") != "rate(15 minutes)" || get(parameter, "AllowedPattern") == nil) {
			problems = append(problems, fmt.Sprintf("%s: schedule %v is no parameter of 15 minutes", name, schedule))
		}
		for _, to := range list(get(rule, "Properties", "Targets")) {
			function := target(get(to, "Arn"))
			for other, config := range t.resources("AWS::Lambda::EventInvokeConfig") {
				if target(get(config, "Properties", "FunctionName")) == function && get(config, "Properties", "MaximumRetryAttempts") != "0" {
					problems = append(problems, other+": tries a sweep again before the next")
				}
			}
			if !absenceHasAlarm(t, function) {
				problems = append(problems, name+": no alarm goes off when it does not invoke "+function)
			}
		}
	}
	return problems
}

// absenceHasAlarm wants two hours, twice the longest interval that the schedule's pattern permits.
func absenceHasAlarm(t template, function string) bool {
	for _, alarm := range t.resources("AWS::CloudWatch::Alarm") {
		properties := get(alarm, "Properties")
		if get(properties, "MetricName") == "Invocations" && get(properties, "Namespace") == "AWS/Lambda" &&
			fmt.Sprint(get(properties, "Dimensions")) == fmt.Sprintf("[map[Name:FunctionName Value:{Ref %s}]]", function) &&
			get(properties, "Statistic") == "Sum" && get(properties, "Period") == "3600" && get(properties, "EvaluationPeriods") == "2" &&
			get(properties, "Threshold") == "1" && get(properties, "ComparisonOperator") == "LessThanThreshold" &&
			get(properties, "TreatMissingData") == "breaching" {
			return true
		}
	}
	return false
}

func TestASweepComesOnceAnHourAtLeast(t *testing.T) {
	t.Parallel()
	pattern, _ := get(parse(t, read(t, "template.yaml")).section("Parameters"), "SweepSchedule", "AllowedPattern").(string)
	allowed := regexp.MustCompile(pattern)
	for schedule, want := range map[string]bool{
		"rate(1 minute)": true, "rate(2 minutes)": true, "rate(15 minutes)": true, "rate(60 minutes)": true, "rate(1 hour)": true,
		"rate(0 minutes)": false, "rate(1 minutes)": false, "rate(2 minute)": false, "rate(61 minutes)": false, "rate(2 hours)": false,
		"rate(1 day)": false, "cron(0 12 * * ? *)": false, "15 minutes": false, "": false, "rate(15 minutes) ": false,
	} {
		if got := allowed.MatchString(schedule); got != want {
			t.Errorf("schedule %q is allowed %t, want %t", schedule, got, want)
		}
	}
}
