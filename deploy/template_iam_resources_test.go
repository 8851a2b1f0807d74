package deploy_test

import (
	"slices"

	"github.com/sgwarden/sgwarden/deploy/iam"
)

// ofResources are for the policies of queues, topics and the key.
var ofResources = map[string]asked{
	"AlertKey LetIAMOfThisAccountDecide": {
		may: by("AWS", "arn:aws:iam::"+stackAccount+":user/ana", on(arnOf("kms", "key/AlertKey"), "kms:Decrypt", "kms:PutKeyPolicy")...),
		mayNot: slices.Concat(
			by("AWS", "arn:aws:iam::222222222222:user/eve", on(arnOf("kms", "key/AlertKey"), "kms:Decrypt")...),
			by("AWS", "arn:aws:iam::"+stackAccount+":user/ana", on(arnOf("kms", "key/other"), "kms:Decrypt")...),
		),
	},
	"AlertKey LetAlarmsPublishToTheEncryptedTopic": {
		may: alarms("aws:SourceAccount", stackAccount, on(arnOf("kms", "key/AlertKey"), "kms:Decrypt", "kms:GenerateDataKey")...),
		mayNot: slices.Concat(
			alarms("aws:SourceAccount", "222222222222", on(arnOf("kms", "key/AlertKey"), "kms:Decrypt")...),
			by("Service", "cloudwatch.amazonaws.com", on(arnOf("kms", "key/AlertKey"), "kms:Decrypt")...),
			by("Service", "events.amazonaws.com", where("aws:SourceAccount", stackAccount, on(arnOf("kms", "key/AlertKey"), "kms:Decrypt")...)...),
			alarms("aws:SourceAccount", stackAccount, on(arnOf("kms", "key/AlertKey"), "kms:ScheduleKeyDeletion")...),
			alarms("aws:SourceAccount", stackAccount, on(arnOf("kms", "key/other"), "kms:Decrypt")...),
		),
	},
	"AlarmTopicPolicy LetAlarmsOfThisAccountPublish": {
		may: alarm(stackAccount, arnOf("cloudwatch", "alarm:a"), "sns:Publish", "AlarmTopic"),
		mayNot: slices.Concat(
			alarm("222222222222", arnOf("cloudwatch", "alarm:a"), "sns:Publish", "AlarmTopic"),
			alarm(stackAccount, arnOf("cloudwatch", "dashboard:a"), "sns:Publish", "AlarmTopic"),
			alarm(stackAccount, "arn:aws:cloudwatch:eu-west-1:"+stackAccount+":alarm:a", "sns:Publish", "AlarmTopic"),
			alarm(stackAccount, arnOf("cloudwatch", "alarm:a"), "sns:Subscribe", "AlarmTopic"),
			alarm(stackAccount, arnOf("cloudwatch", "alarm:a"), "sns:Publish", "MailTopic"),
			by("Service", "events.amazonaws.com", alarm(stackAccount, arnOf("cloudwatch", "alarm:a"), "sns:Publish", "AlarmTopic")...),
		),
	},
	"RemediatorUndeliveredPolicy LetTheRulesSend": rulesSend("RemediatorUndelivered", "sgwarden-sweeper", "sgwarden-remediator", "sgwarden-baselines"),
	"SweeperFailuresPolicy LetTheRulesSend":       rulesSend("SweeperFailures", "sgwarden-remediator", "sgwarden-sweeper", "sgwarden-requests"),
	"AlertQueuePolicy LetTheTopicSend":            topicSends("AlertQueue"),
	"NotifierFailuresPolicy LetTheTopicSend":      topicSends("NotifierFailures"),
	"CanaryInboxPolicy LetTheTopicSend":           topicSends("CanaryInbox"),
}

// alarms are calls that CloudWatch makes for an alarm.
func alarms(key, value string, calls ...iam.Call) []iam.Call {
	return by("Service", "cloudwatch.amazonaws.com", where(key, value, calls...)...)
}

func alarm(account, source, action, topic string) []iam.Call {
	calls := alarms("aws:SourceAccount", account, to(action, arnOf("sns", topic))...)
	calls[0].Context["aws:SourceArn"] = source
	return calls
}

// rulesSend is of a queue for events that some rules could not deliver.
func rulesSend(queue, otherRule string, rules ...string) (a asked) {
	sent := func(service, rule, action, queue string) []iam.Call {
		return by("Service", service, where("aws:SourceArn", arnOf("events", "rule/"+rule), to(action, arnOf("sqs", queue))...)...)
	}
	for _, rule := range rules {
		a.may = append(a.may, sent("events.amazonaws.com", rule, "sqs:SendMessage", queue)...)
	}
	a.mayNot = slices.Concat(
		sent("events.amazonaws.com", otherRule, "sqs:SendMessage", queue),
		sent("events.amazonaws.com", rules[0], "sqs:PurgeQueue", queue),
		sent("events.amazonaws.com", rules[0], "sqs:SendMessage", "AlertQueue"),
		sent("sns.amazonaws.com", rules[0], "sqs:SendMessage", queue),
		by("Service", "events.amazonaws.com", to("sqs:SendMessage", arnOf("sqs", queue))...),
	)
	return a
}

// topicSends is of a queue that the alert topic's messages come to.
func topicSends(queue string) asked {
	sent := func(service, topic, action, queue string) []iam.Call {
		return by("Service", service, where("aws:SourceArn", arnOf("sns", topic), to(action, arnOf("sqs", queue))...)...)
	}
	return asked{
		may: sent("sns.amazonaws.com", "AlertTopic", "sqs:SendMessage", queue),
		mayNot: slices.Concat(
			sent("sns.amazonaws.com", "MailTopic", "sqs:SendMessage", queue),
			sent("sns.amazonaws.com", "AlertTopic", "sqs:ReceiveMessage", queue),
			sent("sns.amazonaws.com", "AlertTopic", "sqs:SendMessage", "RemediatorFailures"),
			sent("events.amazonaws.com", "AlertTopic", "sqs:SendMessage", queue),
		),
	}
}
