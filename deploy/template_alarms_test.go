package deploy_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An alarm's topic must let CloudWatch publish, and so must the key that encrypts the topic: both fail silently.
func alarmsReachTheTeam(t template) (problems []string) {
	for name, alarm := range t.resources("AWS::CloudWatch::Alarm") {
		if len(list(get(alarm, "Properties", "AlarmActions"))) == 0 {
			problems = append(problems, name+": tells nobody")
		}
		for _, action := range slices.Concat(list(get(alarm, "Properties", "AlarmActions")), list(get(alarm, "Properties", "OKActions"))) {
			topic := target(action)
			key := target(get(t.resources("AWS::SNS::Topic")[topic], "Properties", "KmsMasterKeyId"))
			keyPolicy := get(t.resources("AWS::KMS::Key")[key], "Properties", "KeyPolicy")
			if !permitsAlarms(keyPolicy, "kms:Decrypt", "kms:GenerateDataKey*") {
				problems = append(problems, fmt.Sprintf("%s: CloudWatch cannot use key %q of topic %s", name, key, topic))
			}
			published := false
			for _, policy := range t.resources("AWS::SNS::TopicPolicy") {
				published = published || permitsAlarms(get(policy, "Properties", "PolicyDocument"), "sns:Publish") &&
					slices.ContainsFunc(list(get(policy, "Properties", "Topics")), func(v any) bool { return target(v) == topic })
			}
			if !published {
				problems = append(problems, fmt.Sprintf("%s: CloudWatch cannot publish to %s", name, topic))
			}
		}
	}
	return problems
}

// permitsAlarms says whether a policy document permits CloudWatch, for this account alone, all the actions.
func permitsAlarms(document any, wanted ...string) bool {
	return slices.ContainsFunc(list(get(document, "Statement")), func(statement any) bool {
		missing := slices.ContainsFunc(wanted, func(action string) bool { return !slices.Contains(actions(statement), action) })
		return !missing && get(statement, "Effect") == "Allow" &&
			get(statement, "Principal", "Service") == "cloudwatch.amazonaws.com" &&
			target(get(statement, "Condition", "StringEquals", "aws:SourceAccount")) == "AWS::AccountId"
	})
}

// goesOffAtOnce says whether an alarm goes off on the first occurrence of what it counts. It may stay on until the next
// count says that all is well.
func goesOffAtOnce(alarm any) bool {
	missing := get(alarm, "TreatMissingData")
	return get(alarm, "Threshold") == "0" && get(alarm, "ComparisonOperator") == "GreaterThanThreshold" &&
		get(alarm, "EvaluationPeriods") == "1" && (missing == "notBreaching" || missing == "ignore")
}

// ownMetrics are those that matter of what is not as the rest. The canary has no dead letters, and another alarm goes off
// when none flies. Nobody invokes the notifier asynchronously. Alerts that wait are no trouble; old ones are.
var ownMetrics = map[string][]string{
	"CanaryFunction": {"Errors", "Throttles"}, "CanaryInbox": {}, "CanaryRule": {},
	"NotifierFunction": {"Errors", "Throttles"}, "AlertQueue": {},
}

// errorsAreSeen wants alarms on errors to look back far enough: a metric of Lambda has the time at which the invocation
// began. Source: AWS Lambda Developer Guide, "Types of metrics for Lambda functions".
func errorsAreSeen(t template) (problems []string) {
	for name, alarm := range t.resources("AWS::CloudWatch::Alarm") {
		if get(alarm, "Properties", "MetricName") != "Errors" {
			continue
		}
		for _, dimension := range list(get(alarm, "Properties", "Dimensions")) {
			function := t.resources("AWS::Lambda::Function")[target(get(dimension, "Value"))]
			timeout, err := strconv.Atoi(target(get(function, "Properties", "Timeout")))
			period, err2 := strconv.Atoi(target(get(alarm, "Properties", "Period")))
			if err != nil || err2 != nil || period < timeout {
				problems = append(problems, fmt.Sprintf("%s: looks back %d s, and a run takes up to %d s", name, period, timeout))
			}
		}
	}
	return problems
}

// madeUpFor are rules without alarms of their own. A request for a sweep that EventBridge could not deliver is in the
// sweeper's dead-letter queue, which has an alarm, and the scheduled sweep answers the request.
var madeUpFor = map[string]bool{"RequestsRule": true}

// troubleHasAlarms wants an alarm on the first occurrence of each metric that counts a loss or a delay of events.
func troubleHasAlarms(t template) (problems []string) {
	watched := []struct{ kind, namespace, dimension, metrics string }{
		{"AWS::Lambda::Function", "AWS/Lambda", "FunctionName", "Errors Throttles AsyncEventsDropped DestinationDeliveryFailures"},
		{"AWS::Events::Rule", "AWS/Events", "RuleName", "FailedInvocations InvocationsFailedToBeSentToDlq"},
		{"AWS::SQS::Queue", "AWS/SQS", "QueueName", "ApproximateNumberOfMessagesVisible"},
	}
	alarmed := map[[4]string]bool{}
	for _, alarm := range t.resources("AWS::CloudWatch::Alarm") {
		properties := get(alarm, "Properties")
		if !goesOffAtOnce(properties) {
			continue
		}
		namespace, metric := target(get(properties, "Namespace")), target(get(properties, "MetricName"))
		for _, dimension := range list(get(properties, "Dimensions")) {
			alarmed[[4]string{namespace, metric, target(get(dimension, "Name")), target(get(dimension, "Value"))}] = true
		}
	}
	for _, row := range watched {
		for name := range t.resources(row.kind) {
			for metric := range strings.FieldsSeq(row.metrics) {
				if own, special := ownMetrics[name]; madeUpFor[name] || special && !slices.Contains(own, metric) {
					continue
				}
				if !alarmed[[4]string{row.namespace, metric, row.dimension, name}] {
					problems = append(problems, fmt.Sprintf("%s: no alarm goes off when %s > 0", name, metric))
				}
			}
		}
	}
	return problems
}
