package deploy_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/google/go-cmp/cmp"
)

// peopleGetMailsAndAlarms: an address subscribes to the mail topic and the alarm topic, and to nothing that can flood it.
func peopleGetMailsAndAlarms(t template) (problems []string) {
	got := map[string]string{}
	for name, subscription := range t.resources("AWS::SNS::Subscription") {
		properties := get(subscription, "Properties")
		if get(properties, "Protocol") != "email" {
			continue
		}
		got[name] = target(get(properties, "TopicArn"))
		if get(properties, "FilterPolicy") != nil {
			problems = append(problems, name+": has a filter, and neither mails nor alarms have attributes")
		}
	}
	want := map[string]string{"MailEmailSubscription": "MailTopic", "AlarmEmailSubscription": "AlarmTopic"}
	if diff := cmp.Diff(want, got); diff != "" {
		problems = append(problems, "topics of the e-mail subscriptions (-want +got):\n"+diff)
	}
	return problems
}

// onlyTheNotifierMails compares the topics that each role may publish to, which nothing but the roles' policies permits.
func onlyTheNotifierMails(t template) (problems []string) {
	want := map[string][]string{
		"RemediatorRole": {"AlertTopic"}, "SweeperRole": {"AlertTopic"}, "CanaryRole": nil,
		"NotifierRole": {"AlarmTopic", "CentralAlertTopicArn", "ChatTopic", "MailTopic"},
	}
	for role := range t.resources("AWS::IAM::Role") {
		var topics []string
		for _, statement := range statements(t, role) {
			if slices.Contains(actions(statement), "sns:Publish") {
				for _, resource := range list(get(statement, "Resource")) {
					topics = append(topics, target(resource))
				}
			}
		}
		slices.Sort(topics)
		if diff := cmp.Diff(want[role], topics); diff != "" {
			problems = append(problems, role+": topics that it may publish to (-want +got):\n"+diff)
		}
	}
	if diff := cmp.Diff([]string{"AlarmTopic", "AlertTopic"}, topicsOpenToOthers(t)); diff != "" {
		problems = append(problems, "topics that have a policy (-want +got):\n"+diff)
	}
	return problems
}

// alertsComeInBatches wants what Lambda's Developer Guide says of SQS queues: a batch of more than 10 has a window, and a
// message stays hidden for six times the function's timeout.
func alertsComeInBatches(t template) (problems []string) {
	want := "map[BatchSize:1000 Enabled:true EventSourceArn:{GetAtt AlertQueue.Arn} FunctionName:{Ref NotifierFunction} " +
		"FunctionResponseTypes:[ReportBatchItemFailures] MaximumBatchingWindowInSeconds:{Ref MailWaitSeconds} ScalingConfig:map[MaximumConcurrency:2]]"
	mappings := t.resources("AWS::Lambda::EventSourceMapping")
	if names := slices.Collect(maps.Keys(mappings)); !slices.Equal(names, []string{"NotifierMapping"}) {
		problems = append(problems, fmt.Sprintf("event source mappings: %v", names))
	}
	if got := fmt.Sprint(get(mappings["NotifierMapping"], "Properties")); got != want {
		problems = append(problems, fmt.Sprintf("NotifierMapping is\n%s, not\n%s", got, want))
	}
	timeout, err := strconv.Atoi(target(get(t.resources("AWS::Lambda::Function"), "NotifierFunction", "Properties", "Timeout")))
	hidden, err2 := strconv.Atoi(target(get(t.resources("AWS::SQS::Queue"), "AlertQueue", "Properties", "VisibilityTimeout")))
	if err != nil || err2 != nil || hidden != 6*timeout {
		problems = append(problems, fmt.Sprintf("alerts are hidden for %d s, and the notifier may take %d s", hidden, timeout))
	}
	subscription := t.resources("AWS::SNS::Subscription")["AlertQueueSubscription"]
	if letters := target(get(subscription, "Properties", "RedrivePolicy", "deadLetterTargetArn")); letters != "NotifierFailures" {
		problems = append(problems, "alerts that SNS cannot deliver go to "+letters)
	}
	for _, policy := range []string{"AlertQueuePolicy", "NotifierFailuresPolicy"} {
		if !slices.Contains(list(get(subscription, "DependsOn")), any(policy)) {
			problems = append(problems, "alerts may come before there is "+policy)
		}
	}
	return problems
}

// lateMailsHaveAlarms wants the alarms on what goes wrong without an error: mails that come late, that nobody gets, or that
// say the same again and again.
func lateMailsHaveAlarms(t template) (problems []string) {
	const own = "sgwarden/${AWS::StackName}"
	for name, want := range map[string][5]string{
		"AlertQueueAgeAlarm":        {"AWS/SQS", "ApproximateAgeOfOldestMessage", "[map[Name:QueueName Value:{GetAtt AlertQueue.QueueName}]]", "1200", "60"},
		"ContentionAlarm":           {own, "Contention", "[map[Name:function Value:{Sub ${AWS::StackName}-notifier}]]", "0", "1800"},
		"MailTopicUnconfirmedAlarm": {own, "MailTopicUnconfirmed", "[map[Name:function Value:{Sub ${AWS::StackName}-sweeper}]]", "0", "3600"},
	} {
		alarm := get(t.resources("AWS::CloudWatch::Alarm")[name], "Properties")
		got := [5]string{
			target(get(alarm, "Namespace")), target(get(alarm, "MetricName")), fmt.Sprint(get(alarm, "Dimensions")),
			target(get(alarm, "Threshold")), target(get(alarm, "Period")),
		}
		if got != want {
			problems = append(problems, fmt.Sprintf("%s: is about %q, not %q", name, got, want))
		}
		if get(alarm, "ComparisonOperator") != "GreaterThanThreshold" || get(alarm, "EvaluationPeriods") != "1" || get(alarm, "TreatMissingData") != "notBreaching" {
			problems = append(problems, name+": does not go off at once")
		}
	}
	return problems
}

// extrasAreOptional: the chat's topic and the permission to put events are there only where they are asked for.
func extrasAreOptional(t template) (problems []string) {
	for parameter, condition := range map[string]string{"Chat": "ChatOn", "Events": "EventsOn"} {
		if got := get(t.section("Parameters"), parameter, "Default"); got != "off" {
			problems = append(problems, fmt.Sprintf("%s is %v by default", parameter, got))
		}
		if got, want := fmt.Sprint(t.section("Conditions")[condition]), "{Equals [{Ref "+parameter+"} on]}"; got != want {
			problems = append(problems, fmt.Sprintf("%s is %s, not %s", condition, got, want))
		}
	}
	for _, section := range []string{"Resources", "Outputs"} {
		for _, name := range []string{"ChatTopic", "ChatTopicArn"} {
			if item, found := t.section(section)[name]; found && get(item, "Condition") != "ChatOn" {
				problems = append(problems, name+": is there also where the chat is off")
			}
		}
	}
	var conditions []string
	for _, policy := range t.resources("AWS::IAM::Policy") {
		all, _ := get(policy, "Properties", "PolicyDocument", "Statement").([]any)
		for _, statement := range all {
			if slices.Contains(actions(present(statement)), "events:PutEvents") {
				condition := "always"
				if function, ok := statement.(call); ok {
					condition = fmt.Sprint(function.Argument.([]any)[0])
				}
				conditions = append(conditions, condition)
			}
		}
	}
	if diff := cmp.Diff([]string{"EventsOn"}, conditions); diff != "" {
		problems = append(problems, "when events may be put (-want +got):\n"+diff)
	}
	return problems
}
