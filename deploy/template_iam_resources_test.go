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

// ofCentral are for the policies that only a central stack has.
var ofCentral = map[string]asked{
	"AlertKey LetTheOrganizationPublishToTheEncryptedTopic": {
		may: member(onCentralKey("o-a1b2c3d4e5", "sns."+stackRegion, "key/AlertKey", "kms:Decrypt", "kms:GenerateDataKey")...),
		mayNot: slices.Concat(
			member(onCentralKey("o-zzzzzzzzzz", "sns."+stackRegion, "key/AlertKey", "kms:Decrypt")...),
			member(onCentralKey("o-a1b2c3d4e5", "s3."+stackRegion, "key/AlertKey", "kms:Decrypt")...),
			member(onCentralKey("o-a1b2c3d4e5", "sns.us-east-1", "key/AlertKey", "kms:Decrypt")...),
			member(onCentralKey("o-a1b2c3d4e5", "sns."+stackRegion, "key/AlertKey", "kms:Encrypt", "kms:ScheduleKeyDeletion")...),
			member(onCentralKey("o-a1b2c3d4e5", "sns."+stackRegion, "key/other", "kms:Decrypt")...),
			member(where("aws:PrincipalOrgID", "o-a1b2c3d4e5", on(arnOf("kms", "key/AlertKey"), "kms:Decrypt")...)...),
		),
	},
	"AlertTopicPolicy LetThisAccountUseTheTopic": {
		may: ownUser(stackAccount, "AlertTopic", "sns:AddPermission", "sns:DeleteTopic", "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:Publish",
			"sns:RemovePermission", "sns:SetTopicAttributes", "sns:Subscribe"),
		mayNot: slices.Concat(
			ownUser("222222222222", "AlertTopic", "sns:Publish", "sns:Subscribe"),
			ownUser(stackAccount, "MailTopic", "sns:Publish"),
			ownUser(stackAccount, "AlertTopic", "sns:TagResource", "sns:PutDataProtectionPolicy"),
		),
	},
	"AlertTopicPolicy LetTheOrganizationPublish": {
		may: member(where("aws:PrincipalOrgID", "o-a1b2c3d4e5", to("sns:Publish", arnOf("sns", "AlertTopic"))...)...),
		mayNot: slices.Concat(
			member(to("sns:Publish", arnOf("sns", "AlertTopic"))...),
			member(where("aws:PrincipalOrgID", "o-zzzzzzzzzz", to("sns:Publish", arnOf("sns", "AlertTopic"))...)...),
			member(where("aws:PrincipalOrgID", "o-a1b2c3d4e5", to("sns:Subscribe", arnOf("sns", "AlertTopic"))...)...),
			member(where("aws:PrincipalOrgID", "o-a1b2c3d4e5", to("sns:Publish", arnOf("sns", "MailTopic"))...)...),
		),
	},
}

// member is the notifier of another account.
func member(calls ...iam.Call) []iam.Call {
	return by("AWS", "arn:aws:iam::222222222222:role/sgwarden-NotifierRole", calls...)
}

func onCentralKey(organization, service, key string, actions ...string) []iam.Call {
	calls := on(arnOf("kms", key), actions...)
	for i := range calls {
		calls[i].Context = map[string]string{"aws:PrincipalOrgID": organization, "kms:ViaService": service + ".amazonaws.com"}
	}
	return calls
}

// ownUser are calls about a topic whose owner SNS says is an account.
func ownUser(owner, topic string, actions ...string) []iam.Call {
	return by("AWS", "arn:aws:iam::"+stackAccount+":user/ana", where("aws:SourceOwner", owner, on(arnOf("sns", topic), actions...)...)...)
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
