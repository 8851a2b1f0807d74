package deploy_test

import (
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/iam"
)

// asked are calls to judge a statement by, with everything switched on. Each role of the statement's policy may make those
// of may, and none of those of mayNot. One of mayNot differs in one thing from one of may.
//
// The same calls in another region, another account, and under another prefix are asked besides: nobody may make them.
type asked struct{ may, mayNot []iam.Call }

// parameter is the ARN of a parameter below the prefix.
func parameter(path string) string { return arnOf("ssm", "parameter/sg-baseline"+path) }

// to are calls of one action.
func to(action string, resources ...string) (calls []iam.Call) {
	for _, resource := range resources {
		calls = append(calls, iam.Call{Action: action, Resource: resource})
	}
	return calls
}

// on are calls about one resource.
func on(resource string, actions ...string) (calls []iam.Call) {
	for _, action := range actions {
		calls = append(calls, iam.Call{Action: action, Resource: resource})
	}
	return calls
}

// centralARN is the ARN of something of the central stack.
func centralARN(service, resource string) string {
	return strings.Join([]string{"arn", "aws", service, "us-east-2", centralAccount, resource}, ":")
}

// where gives calls a context of one key.
func where(key, value string, calls ...iam.Call) []iam.Call {
	for i := range calls {
		calls[i].Context = map[string]string{key: value}
	}
	return calls
}

// by gives calls a caller.
func by(kind, id string, calls ...iam.Call) []iam.Call {
	for i := range calls {
		calls[i].Principal = iam.Principal{Kind: kind, ID: id}
	}
	return calls
}

const tagKey = "aws:ResourceTag/sgwarden"

// writesItsLog is of the log group of a function.
func writesItsLog(own, other string) asked {
	stream := func(group string) string { return arnOf("logs", "log-group:"+group+":log-stream:2026/11/21/a") }
	return asked{
		may:    on(stream(own), "logs:CreateLogStream", "logs:PutLogEvents"),
		mayNot: slices.Concat(to("logs:PutLogEvents", stream(other)), on(stream(own), "logs:DeleteLogStream", "logs:GetLogEvents")),
	}
}

// keeps is of a queue for what failed.
func keeps(own, other string) asked {
	return asked{
		may:    to("sqs:SendMessage", arnOf("sqs", own)),
		mayNot: slices.Concat(to("sqs:SendMessage", arnOf("sqs", other)), on(arnOf("sqs", own), "sqs:ReceiveMessage", "sqs:PurgeQueue")),
	}
}

// encrypts is of the key of the topics.
var encrypts = asked{
	may: on(arnOf("kms", "key/AlertKey"), "kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"),
	mayNot: slices.Concat(
		on(arnOf("kms", "key/other"), "kms:Decrypt", "kms:GenerateDataKey"),
		on(arnOf("kms", "key/AlertKey"), "kms:Encrypt", "kms:ScheduleKeyDeletion", "kms:PutKeyPolicy"),
	),
}

// ofRoles are for the policies of the roles.
var ofRoles = map[string]asked{
	"RepairGroupsPolicy ReadGroups": {
		may:    on("*", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups"),
		mayNot: on("*", "ec2:DescribeInstances", "ec2:CreateSecurityGroup", "ec2:RevokeSecurityGroupIngress"),
	},
	"RepairGroupsPolicy RevokeAndRestoreRules": {
		may: where(tagKey, "prod", on(arnOf("ec2", "security-group/sg-1"),
			"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress")...),
		mayNot: slices.Concat(
			on(arnOf("ec2", "security-group/sg-1"), "ec2:RevokeSecurityGroupIngress", "ec2:AuthorizeSecurityGroupIngress"),
			where(tagKey, "Prod", on(arnOf("ec2", "security-group/sg-1"), "ec2:RevokeSecurityGroupIngress")...),
			where("aws:ResourceTag/team", "prod", on(arnOf("ec2", "security-group/sg-1"), "ec2:RevokeSecurityGroupIngress")...),
			where(tagKey, "prod", on(arnOf("ec2", "security-group/sg-1"), "ec2:DeleteSecurityGroup", "ec2:ModifySecurityGroupRules", "ec2:CreateTags")...),
			where(tagKey, "prod", to("ec2:RevokeSecurityGroupIngress", arnOf("ec2", "instance/i-1"))...),
		),
	},
	"RepairGroupsPolicy LetTrustedChangesWaitForApproval": {
		may: to("ssm:PutParameter", parameter("/approvals/sg-1/pending-7")),
		mayNot: slices.Concat(
			to("ssm:PutParameter", parameter("/approvals/sg-1/mine"), parameter("/approvals/sg-1/not-pending-7"), parameter("/approvals/pending-7"),
				parameter("/groups/sg-1"), parameter("/groups/sg-1/pending-7"), parameter("/guardrail"), parameter("/parts/sg-1/7/1"), parameter("/pause"),
				parameter("/trust"), parameter("/prefix-lists/pl-1")),
			on(parameter("/approvals/sg-1/pending-7"), "ssm:LabelParameterVersion"),
		),
	},
	"RepairPrefixListsPolicy FindPrefixLists": {
		may:    on("*", "ec2:DescribeManagedPrefixLists"),
		mayNot: on("*", "ec2:DescribeInstances", "ec2:CreateManagedPrefixList"),
	},
	"RepairPrefixListsPolicy ReadPrefixLists": {
		may: to("ec2:GetManagedPrefixListEntries", arnOf("ec2", "prefix-list/pl-1"), "arn:aws:ec2:"+stackRegion+":aws:prefix-list/pl-2",
			"arn:aws:ec2:"+stackRegion+":222222222222:prefix-list/pl-1"), // shared with this account
		mayNot: slices.Concat(
			to("ec2:GetManagedPrefixListEntries", "arn:aws:ec2:us-east-1:aws:prefix-list/pl-2", arnOf("ec2", "security-group/sg-1")),
			on(arnOf("ec2", "prefix-list/pl-1"), "ec2:DeleteManagedPrefixList"),
		),
	},
	"RepairPrefixListsPolicy RepairPrefixLists": {
		may: where(tagKey, "prod", to("ec2:ModifyManagedPrefixList", arnOf("ec2", "prefix-list/pl-1"))...),
		mayNot: slices.Concat(
			to("ec2:ModifyManagedPrefixList", arnOf("ec2", "prefix-list/pl-1")),
			where(tagKey, "Prod", to("ec2:ModifyManagedPrefixList", arnOf("ec2", "prefix-list/pl-1"))...),
			where(tagKey, "prod", to("ec2:ModifyManagedPrefixList", arnOf("ec2", "security-group/sg-1"), "arn:aws:ec2:"+stackRegion+":aws:prefix-list/pl-2")...),
			where(tagKey, "prod", on(arnOf("ec2", "prefix-list/pl-1"), "ec2:DeleteManagedPrefixList", "ec2:RestoreManagedPrefixListVersion", "ec2:CreateTags")...),
		),
	},
	"ReadBaselinesPolicy ReadDocuments": {
		may: to("ssm:GetParameters", parameter("/approvals/sg-1/inc-7"), parameter("/groups/sg-1"), parameter("/guardrail"), parameter("/parts/sg-1/7/1"),
			parameter("/pause"), parameter("/prefix-lists/pl-1"), parameter("/trust")),
		mayNot: slices.Concat(
			to("ssm:GetParameters", parameter("/approvalsx/a"), parameter("/groupsx/a"), parameter("/guardrails"), parameter("/partsx/a"), parameter("/pauses"),
				parameter("/prefix-listsx/a"), parameter("/trusts"), parameter("/other"), arnOf("ssm", "parameter/db-password")),
			on(parameter("/guardrail"), "ssm:GetParameter", "ssm:PutParameter", "ssm:DeleteParameters"),
		),
	},
	"ReadBaselinesPolicy FindApprovals": {
		may: to("ssm:GetParametersByPath", parameter("/approvals"), parameter("/approvals/sg-1")),
		mayNot: slices.Concat(
			to("ssm:GetParametersByPath", parameter(""), parameter("/parts"), parameter("/approvalsx"), arnOf("ssm", "parameter/")),
			on(parameter("/approvals/sg-1"), "ssm:DescribeParameters", "ssm:LabelParameterVersion"),
		),
	},
	"ReadBaselinesPolicy CompareWithFormerVersions": {
		may: to("ssm:GetParameterHistory", parameter("/approvals/sg-1/inc-7"), parameter("/groups/sg-1"), parameter("/guardrail"), parameter("/pause"),
			parameter("/prefix-lists/pl-1"), parameter("/trust")),
		mayNot: slices.Concat(
			to("ssm:GetParameterHistory", parameter("/prefix-listsx/a"), parameter("/parts/sg-1/7/1"), parameter("/sweep"), parameter("/approvalsx/a"), parameter("/groupsx/a"), parameter("/guardrails"),
				parameter("/pauses"), parameter("/trusts")),
			on(parameter("/guardrail"), "ssm:LabelParameterVersion"),
		),
	},
	"ReadBaselinesPolicy DecryptSecureStrings": {
		may: where("kms:ViaService", "ssm."+stackRegion+".amazonaws.com", on(arnOf("kms", "key/a"), "kms:Decrypt")...),
		mayNot: slices.Concat(
			on(arnOf("kms", "key/a"), "kms:Decrypt"),
			where("kms:ViaService", "s3."+stackRegion+".amazonaws.com", on(arnOf("kms", "key/a"), "kms:Decrypt")...),
			where("kms:ViaService", "ssm."+stackRegion+".amazonaws.com", on(arnOf("kms", "key/a"), "kms:Encrypt", "kms:CreateGrant")...),
			where("kms:ViaService", "ssm."+stackRegion+".amazonaws.com", on(arnOf("kms", "alias/a"), "kms:Decrypt")...),
		),
	},
	"PublishAlertsPolicy PublishAlerts": {
		may:    to("sns:Publish", arnOf("sns", "AlertTopic")),
		mayNot: slices.Concat(to("sns:Publish", arnOf("sns", "MailTopic"), arnOf("sns", "AlarmTopic"), arnOf("sns", "ChatTopic")), on(arnOf("sns", "AlertTopic"), "sns:Subscribe")),
	},
	"PublishAlertsPolicy EncryptAlerts": encrypts,
	"PublishAlertsPolicy KeepAlertsUntilTheyAreDelivered": {
		may: on(parameter("/unreported/sg-1/7"), "ssm:DeleteParameters", "ssm:PutParameter"),
		mayNot: slices.Concat(
			to("ssm:PutParameter", parameter("/unreportedx/a"), parameter("/told/a"), parameter("/groups/sg-1")),
			to("ssm:DeleteParameters", parameter("/groups/sg-1"), parameter("/guardrail"), parameter("/trust")),
			on(parameter("/unreported/sg-1/7"), "ssm:DeleteParameter"),
		),
	},
	"PublishAlertsPolicy PutAlertsOnTheEventBus": {
		may: where("events:source", "sgwarden", to("events:PutEvents", arnOf("events", "event-bus/default"))...),
		mayNot: slices.Concat(
			to("events:PutEvents", arnOf("events", "event-bus/default")),
			where("events:source", "com.example.orders", to("events:PutEvents", arnOf("events", "event-bus/default"))...),
			where("events:source", "sgwarden", to("events:PutEvents", arnOf("events", "event-bus/orders"))...),
			where("events:source", "sgwarden", to("events:PutRule", arnOf("events", "event-bus/default"))...),
		),
	},
	"RemediatorPolicy WriteItsLog":               writesItsLog("RemediatorLogGroup", "SweeperLogGroup"),
	"RemediatorPolicy KeepWhatItCouldNotProcess": keeps("RemediatorFailures", "SweeperFailures"),
	"RemediatorPolicy AskForASweep": {
		may: to("ssm:PutParameter", parameter("/sweep-request")),
		mayNot: slices.Concat(
			to("ssm:PutParameter", parameter("/sweep"), parameter("/sweep-requests"), parameter("/sweep-request/a")),
			on(parameter("/sweep-request"), "ssm:DeleteParameter", "ssm:GetParameters"),
		),
	},
	"SweeperPolicy WriteItsLog":    writesItsLog("SweeperLogGroup", "RemediatorLogGroup"),
	"SweeperPolicy KeepWhatFailed": keeps("SweeperFailures", "RemediatorFailures"),
	"SweeperPolicy FindBaselinesAndUndeliveredAlerts": {
		may: to("ssm:GetParametersByPath", parameter("/unreported"), parameter("/unreported/sg-1"), parameter("/groups"), parameter("/groups/sg-1"),
			parameter("/prefix-lists"), parameter("/prefix-lists/a")),
		mayNot: slices.Concat(
			to("ssm:GetParametersByPath", parameter(""), parameter("/parts"), parameter("/told"), parameter("/unreportedx"), parameter("/groupsx"), parameter("/prefix-listsx")),
			on(parameter("/groups"), "ssm:PutParameter", "ssm:DescribeParameters"),
		),
	},
	"SweeperPolicy NoteHowFarItGot": {
		may: on(parameter("/sweep"), "ssm:DeleteParameter", "ssm:GetParameters", "ssm:PutParameter"),
		mayNot: slices.Concat(
			to("ssm:PutParameter", parameter("/sweep-request"), parameter("/sweeps"), parameter("/groups/sg-1"), parameter("/guardrail")),
			to("ssm:DeleteParameter", parameter("/groups/sg-1"), parameter("/guardrail"), parameter("/trust")),
			on(parameter("/sweep"), "ssm:GetParameter"),
		),
	},
	"SweeperPolicy AnswerRequests": {
		may: on(parameter("/sweep-request"), "ssm:DeleteParameter", "ssm:GetParameters"),
		mayNot: slices.Concat(
			to("ssm:DeleteParameter", parameter("/sweep-requests"), parameter("/pause"), parameter("/approvals/sg-1/inc-7")),
			on(parameter("/sweep-request"), "ssm:PutParameter"),
		),
	},
	"SweeperPolicy NoteUntilWhenItLookedForUntoldVersions": {
		may: on(parameter("/sweep-versions"), "ssm:GetParameters", "ssm:PutParameter"),
		mayNot: slices.Concat(
			to("ssm:PutParameter", parameter("/sweep-version"), parameter("/sweep-versions/a"), parameter("/told/a")),
			on(parameter("/sweep-versions"), "ssm:DeleteParameter", "ssm:GetParameterHistory"),
		),
	},
	"SweeperPolicy SeeWhatPeopleWereTold": {
		may:    to("ssm:GetParameters", parameter("/told/a")),
		mayNot: slices.Concat(to("ssm:GetParameters", parameter("/told"), parameter("/tolds/a"), parameter("/other")), on(parameter("/told/a"), "ssm:PutParameter", "ssm:DeleteParameters")),
	},
	"SweeperPolicy SeeWhetherAnybodyGetsMails": {
		may: to("sns:GetTopicAttributes", arnOf("sns", "MailTopic")),
		mayNot: slices.Concat(
			to("sns:GetTopicAttributes", arnOf("sns", "AlertTopic"), arnOf("sns", "AlarmTopic")),
			on(arnOf("sns", "MailTopic"), "sns:Publish", "sns:Subscribe", "sns:SetTopicAttributes"),
		),
	},
	"SweeperPolicy RemoveApprovalsAndPausesThatEnded": {
		may: to("ssm:DeleteParameters", parameter("/approvals/sg-1/inc-7"), parameter("/pause")),
		mayNot: slices.Concat(
			to("ssm:DeleteParameters", parameter("/approvalsx/a"), parameter("/pauses"), parameter("/groups/sg-1"), parameter("/guardrail"), parameter("/trust")),
			on(parameter("/approvals/sg-1/inc-7"), "ssm:PutParameter", "ssm:DeleteParameter"),
		),
	},
	"NotifierPolicy WriteItsLog": writesItsLog("NotifierLogGroup", "RemediatorLogGroup"),
	"NotifierPolicy TakeAlerts": {
		may: on(arnOf("sqs", "AlertQueue"), "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
		mayNot: slices.Concat(
			to("sqs:ReceiveMessage", arnOf("sqs", "RemediatorFailures"), arnOf("sqs", "CanaryInbox")),
			on(arnOf("sqs", "AlertQueue"), "sqs:SendMessage", "sqs:PurgeQueue"),
		),
	},
	"NotifierPolicy TellPeople": {
		may: to("sns:Publish", arnOf("sns", "AlarmTopic"), arnOf("sns", "MailTopic"), arnOf("sns", "ChatTopic")),
		mayNot: slices.Concat(
			to("sns:Publish", arnOf("sns", "AlertTopic"), arnOf("sns", "MailTopics"), arnOf("sns", "orders")),
			on(arnOf("sns", "MailTopic"), "sns:Subscribe", "sns:SetTopicAttributes"),
		),
	},
	"NotifierPolicy EncryptMails": encrypts,
	"NotifierPolicy ForwardAlerts": {
		may: to("sns:Publish", centralARN("sns", "central")),
		mayNot: slices.Concat(
			to("sns:Publish", centralARN("sns", "central2"), arnOf("sns", "central")),
			on(centralARN("sns", "central"), "sns:Subscribe", "sns:SetTopicAttributes"),
		),
	},
	"NotifierPolicy EncryptForwardedAlerts": {
		may: where("kms:ViaService", "sns.us-east-2.amazonaws.com", on(centralARN("kms", "key/a"), "kms:Decrypt", "kms:GenerateDataKey")...),
		mayNot: slices.Concat(
			on(centralARN("kms", "key/a"), "kms:Decrypt"),
			where("kms:ViaService", "s3.us-east-2.amazonaws.com", on(centralARN("kms", "key/a"), "kms:Decrypt")...),
			where("kms:ViaService", "sns."+stackRegion+".amazonaws.com", on(centralARN("kms", "key/a"), "kms:Decrypt")...),
			where("kms:ViaService", "sns.us-east-2.amazonaws.com", on(centralARN("kms", "key/a"), "kms:Encrypt", "kms:CreateGrant")...),
			where("kms:ViaService", "sns.us-east-2.amazonaws.com", on(centralARN("kms", "alias/a"), "kms:Decrypt")...),
		),
	},
	"NotifierPolicy RememberWhatPeopleWereTold": {
		may: on(parameter("/told/a"), "ssm:GetParameters", "ssm:PutParameter"),
		mayNot: slices.Concat(
			to("ssm:GetParameters", parameter("/told"), parameter("/tolds/a"), parameter("/groups/sg-1")),
			to("ssm:PutParameter", parameter("/told"), parameter("/groups/sg-1"), parameter("/approvals/sg-1/inc-7"), parameter("/guardrail")),
			on(parameter("/told/a"), "ssm:DeleteParameter", "ssm:DeleteParameters"),
		),
	},
	"CanaryPolicy WriteItsLog": writesItsLog("CanaryLogGroup", "RemediatorLogGroup"),
	"CanaryPolicy LookAtItsRule": {
		may:    on("*", "ec2:DescribeSecurityGroupRules"),
		mayNot: on("*", "ec2:DescribeSecurityGroups", "ec2:DescribeInstances"),
	},
	"CanaryPolicy BreakItsGroup": {
		may: on(arnOf("ec2", "security-group/"+canaryGroup), "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"),
		mayNot: slices.Concat(
			to("ec2:AuthorizeSecurityGroupIngress", arnOf("ec2", "security-group/sg-1"), arnOf("ec2", "security-group/"+canaryGroup+"0")),
			to("ec2:RevokeSecurityGroupIngress", arnOf("ec2", "security-group/sg-1")),
			on(arnOf("ec2", "security-group/"+canaryGroup), "ec2:AuthorizeSecurityGroupEgress", "ec2:RevokeSecurityGroupEgress", "ec2:DeleteSecurityGroup"),
		),
	},
	"CanaryPolicy HearItsAlerts": {
		may: on(arnOf("sqs", "CanaryInbox"), "sqs:DeleteMessage", "sqs:ReceiveMessage"),
		mayNot: slices.Concat(
			to("sqs:ReceiveMessage", arnOf("sqs", "AlertQueue"), arnOf("sqs", "RemediatorFailures")),
			on(arnOf("sqs", "CanaryInbox"), "sqs:SendMessage", "sqs:PurgeQueue"),
		),
	},
}
