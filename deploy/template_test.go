package deploy_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// checks hold what cfn-lint cannot know: what sgwarden promises of its stack. Each returns what is wrong.
var checks = map[string]func(template) []string{
	"is plain CloudFormation":                           isPlain,
	"functions are small arm64 binaries":                functionsAreSmall,
	"each function has a log group of its own":          logGroupsAreOwn,
	"each function waits for its permissions":           functionsWaitForPermissions,
	"roles get their permissions from policies only":    rolesAreBare,
	"permissions are narrow":                            permissionsAreNarrow,
	"each function may do just what it needs":           eachMayDoJustWhatItNeeds,
	"documents are in reach and no further":             documentsAreInReach,
	"event patterns exclude nobody":                     patternsExcludeNobody,
	"what cannot be delivered or processed is kept":     lettersAreKept,
	"only its rules may use a target and its queue":     onlyItsRulesMaySend,
	"no rule sends before all is ready":                 deliveryWaits,
	"sweeps are regular":                                sweepsAreRegular,
	"lines that mean trouble are counted":               linesAreCounted,
	"everything that can go wrong has an alarm":         troubleHasAlarms,
	"alarms reach the security team":                    alarmsReachTheTeam,
	"queues are encrypted and keep what they have long": queuesKeep,
	"parameters are explained":                          parametersAreExplained,
	"alarms on errors look back far enough":             errorsAreSeen,
	"the canary is off unless asked for":                canaryIsOptional,
	"the canary may break its own group alone":          canaryIsHarmless,
	"the canary hears its alerts and the team does not": alertsAreFiltered,
	"functions have the environment that they read":     hasAllVariables,
	"people hear of mails and alarms alone":             peopleGetMailsAndAlarms,
	"only the notifier writes mails":                    onlyTheNotifierMails,
	"alerts reach the notifier in batches":              alertsComeInBatches,
	"what only people notice has an alarm":              lateMailsHaveAlarms,
	"chat and events are off unless asked for":          extrasAreOptional,
	"the dashboard shows metrics that there are":        dashboardShowsMetrics,
	"each alarm names its section of the runbook":       alarmsNameTheRunbook,
	"the canary's baseline permits what its group has":  canaryHasItsBaseline,
	central:    forwardingIsNarrow,
	openToOrg:  onlyTheOrganizationMayPublish,
	codeBucket: codeIsInTheRegion,
}

func TestTemplateKeepsItsPromises(t *testing.T) {
	t.Parallel()
	parsed := parse(t, read(t, "template.yaml"))
	for name, check := range checks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, problem := range check(parsed) {
				t.Error(problem)
			}
		})
	}
}

// breakage breaks one line of the template, by replacing the first old with new, which a check must notice.
type breakage struct{ name, check, old, new string }

// Every check is shown to fire.
func TestChecksFireOnABrokenTemplate(t *testing.T) {
	t.Parallel()
	source := read(t, "template.yaml")
	rows := slices.Concat(brokenDocuments, brokenNotifier, brokenCentral, []breakage{
		{"a transform", "is plain CloudFormation", "Resources:\n", "Transform: AWS::Serverless-2016-10-31\nResources:\n"},
		{"a template too large to send", "is plain CloudFormation", "Resources:\n", "#" + strings.Repeat("x", maxTemplateBytes) + "\nResources:\n"},
		{"another architecture", "functions are small arm64 binaries", "[arm64]", "[x86_64]"},
		{"another runtime", "functions are small arm64 binaries", "provided.al2023", "provided.al2"},
		{"more memory", "functions are small arm64 binaries", "MemorySize: 128", "MemorySize: 512"},
		{"a sweep stopped by its timeout", "functions are small arm64 binaries", "Timeout: 900", "Timeout: 60"},
		{"a missing variable", "functions have the environment that they read", "          MODE: !Ref Mode\n", ""},
		{"a reserved concurrency", "functions are small arm64 binaries", "MemorySize: 128", "MemorySize: 128\n      ReservedConcurrentExecutions: 1"},
		{"no log group", "each function has a log group of its own", "{LogGroup: !Ref RemediatorLogGroup}", "{LogFormat: JSON}"},
		{"logs for ever", "each function has a log group of its own", "      RetentionInDays: !Ref LogRetentionDays", "      LogGroupName: logs"},
		{"a policy that is not waited for", "each function waits for its permissions", "PublishAlertsPolicy, RemediatorPolicy]", "RemediatorPolicy]"},
		{"an inline policy", "roles get their permissions from policies only", "  RemediatorRole:\n    Type: AWS::IAM::Role\n    Properties:\n", "  RemediatorRole:\n    Type: AWS::IAM::Role\n    Properties:\n      Policies: []\n"},
		{"a role for others", "roles get their permissions from policies only", "Service: lambda.amazonaws.com", `AWS: "*"`},
		{"every action", "permissions are narrow", "Action: sns:Publish\n            Resource: !Ref AlertTopic\n          - Sid: EncryptAlerts", "Action: sns:*\n            Resource: !Ref AlertTopic\n          - Sid: EncryptAlerts"},
		{"every topic", "permissions are narrow", "Action: sns:Publish\n            Resource: !Ref AlertTopic\n          - Sid: EncryptAlerts", "Action: sns:Publish\n            Resource: \"*\"\n          - Sid: EncryptAlerts"},
		{"a write among what has no resource", "permissions are narrow", "[ec2:DescribeNetworkInterfaces, ", "[ec2:RevokeSecurityGroupIngress, "},
		{"every parameter", "permissions are narrow", "parameter${BaselinePrefix}/groups/*", "parameter/*"},
		{"writing baselines", "permissions are narrow", "parameter${BaselinePrefix}/sweep\n", "parameter${BaselinePrefix}/*\n"},
		{"writing more than requests", "permissions are narrow", "parameter${BaselinePrefix}/sweep-request\n", "parameter${BaselinePrefix}/sweep*\n"},
		{"writing among what it reads", "permissions are narrow", "Action: ssm:GetParametersByPath", "Action: [ssm:GetParametersByPath, ssm:PutParameter]"},
		{"decryption for anything", "permissions are narrow", "            Condition: {StringEquals: {kms:ViaService: !Sub \"ssm.${AWS::Region}.amazonaws.com\"}}\n", ""},
		{"one action more", "each function may do just what it needs", "logs:CreateLogStream", "logs:CreateLogGroup, logs:CreateLogStream"},
		{"one action less", "each function may do just what it needs", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"},
		{"a remediator that writes parameters", "each function may do just what it needs", "Roles: [!Ref SweeperRole]", "Roles: [!Ref RemediatorRole, !Ref SweeperRole]"},
		{"a sweeper that cannot repair", "each function may do just what it needs", "Roles: [!Ref RemediatorRole, !Ref SweeperRole]", "Roles: [!Ref RemediatorRole]"},
		{"a guardrail that cannot be read", "each function may do just what it needs", "              - !Sub arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${BaselinePrefix}/guardrail\n", ""},
		{"a remediator that cannot ask for a sweep", "each function may do just what it needs", "AskForASweep\n            Effect: Allow\n            Action: ssm:PutParameter\n", "AskForASweep\n            Effect: Allow\n            Action: ssm:GetParameters\n"},
		{"a remediator that ends requests", "each function may do just what it needs", "AskForASweep\n            Effect: Allow\n            Action: ssm:PutParameter\n", "AskForASweep\n            Effect: Allow\n            Action: [ssm:DeleteParameter, ssm:PutParameter]\n"},
		{"a sweeper that cannot see requests", "each function may do just what it needs", "Action: [ssm:DeleteParameter, ssm:GetParameters]\n", "Action: [ssm:DeleteParameter]\n"},
		{"a sweeper that cannot end requests", "each function may do just what it needs", "Action: [ssm:DeleteParameter, ssm:GetParameters]\n", "Action: [ssm:GetParameters]\n"},
		{"an excluded actor", "event patterns exclude nobody", "eventSource: [ec2.amazonaws.com]", "eventSource: [ec2.amazonaws.com]\n          userIdentity: {arn: [{anything-but: me}]}"},
		{"an excluded error", "event patterns exclude nobody", "eventSource: [ec2.amazonaws.com]", "eventSource: [ec2.amazonaws.com]\n          errorCode: [{exists: false}]"},
		{"a forgotten direction", "event patterns exclude nobody", "            - AuthorizeSecurityGroupEgress\n", ""},
		{"a forgotten road", "event patterns exclude nobody", "            - ModifySecurityGroupRules\n", ""},
		{"a call too many", "event patterns exclude nobody", "            - CreateSecurityGroup\n", "            - CreateSecurityGroup\n            - CreateVpc\n"},
		{"events of the sweeper's own note", "event patterns exclude nobody", "prefix: !Sub ${BaselinePrefix}/groups/", "prefix: !Sub ${BaselinePrefix}/"},
		{"a forgotten guardrail", "event patterns exclude nobody", "            - !Sub ${BaselinePrefix}/guardrail\n", ""},
		{"a sweep for each version of a request", "event patterns exclude nobody", "operation: [Create]", "operation: [Create, Update]"},
		{"a sweep for the sweeper's own note", "event patterns exclude nobody", "${BaselinePrefix}/sweep-request\"]", "${BaselinePrefix}/sweep\"]"},
		{"a forgotten operation", "event patterns exclude nobody", "[Create, Delete, Update]", "[Create, Update]"},
		{"a rule nobody knows", "event patterns exclude nobody", "  BaselinesRule:\n", "  OtherRule:\n"},
		{"a rule that sleeps", "event patterns exclude nobody", "      State: ENABLED\n      EventPattern:\n        source: [aws.ssm]", "      State: DISABLED\n      EventPattern:\n        source: [aws.ssm]"},
		{"a target without dead letters", "what cannot be delivered or processed is kept", "          DeadLetterConfig: {Arn: !GetAtt RemediatorUndelivered.Arn}\n", ""},
		{"a target without retries", "what cannot be delivered or processed is kept", "MaximumRetryAttempts: 185", "MaximumRetryAttempts: 0"},
		{"a schedule that piles up", "what cannot be delivered or processed is kept", "MaximumEventAgeInSeconds: 300", "MaximumEventAgeInSeconds: 86400"},
		{"a request that piles up", "what cannot be delivered or processed is kept", "{MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 2} # as SweeperRule's", "{MaximumEventAgeInSeconds: 86400, MaximumRetryAttempts: 185}"},
		{"a request whose failure is not kept", "what cannot be delivered or processed is kept", " # as SweeperRule's\n          DeadLetterConfig: {Arn: !GetAtt SweeperFailures.Arn}\n", "\n"},
		{"a sweep whose failure is not kept", "what cannot be delivered or processed is kept", "        OnFailure: {Destination: !GetAtt SweeperFailures.Arn}", "        OnSuccess: {Destination: !GetAtt SweeperFailures.Arn}"},
		{"a function without dead letters", "what cannot be delivered or processed is kept", "        OnFailure: {Destination: !GetAtt RemediatorFailures.Arn}", "        OnSuccess: {Destination: !GetAtt RemediatorFailures.Arn}"},
		{"a renamed rule", "only its rules may use a target and its queue", "      Name: !Sub ${AWS::StackName}-remediator\n      Description: Changes", "      Name: !Sub ${AWS::StackName}-changes\n      Description: Changes"},
		{"a queue for everybody", "only its rules may use a target and its queue", "              ArnEquals:\n                aws:SourceArn", "              ArnLike:\n                aws:SourceArn"},
		{"a queue that one of its rules may not use", "only its rules may use a target and its queue", "                  - !Sub arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/${AWS::StackName}-baselines\n", ""},
		{"a queue for one rule more", "only its rules may use a target and its queue", "                aws:SourceArn:\n", "                aws:SourceArn:\n                  - !Sub arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/${AWS::StackName}-sweeper\n"},
		{"a queue that requests may not use", "only its rules may use a target and its queue", "                  - !Sub arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/${AWS::StackName}-requests\n", ""},
		{"a function that requests may not invoke", "only its rules may use a target and its queue", "      SourceArn: !Sub arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/${AWS::StackName}-requests\n", "      SourceArn: !Sub arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/${AWS::StackName}-sweeper\n"},
		{"a function that anybody may invoke", "only its rules may use a target and its queue", "      Principal: events.amazonaws.com\n", "      Principal: \"*\"\n"},
		{"a rule that does not wait", "no rule sends before all is ready", "[SweeperPermission, SweeperInvokeConfig, ", "[SweeperPermission, "},
		{"a request that does not wait", "no rule sends before all is ready", "[RequestsPermission, SweeperInvokeConfig, ", "[RequestsPermission, "},
		{"a request without its permission", "no rule sends before all is ready", "[RequestsPermission, ", "["},
		{"a request without its queue", "no rule sends before all is ready", "[RequestsPermission, SweeperInvokeConfig, SweeperFailuresPolicy]", "[RequestsPermission, SweeperInvokeConfig]"},
		{"a rule without its permission", "no rule sends before all is ready", "[BaselinesPermission, ", "["},
		{"a rule without its queue", "no rule sends before all is ready", "RemediatorInvokeConfig, RemediatorUndeliveredPolicy]", "RemediatorInvokeConfig]"},
		{"a rare sweep", "sweeps are regular", "Default: rate(15 minutes)", "Default: rate(1 day)"},
		{"a fixed schedule", "sweeps are regular", "!Ref SweepSchedule", "rate(15 minutes)"},
		{"a sweep in the last one's way", "sweeps are regular", "MaximumRetryAttempts: 0", "MaximumRetryAttempts: 2"},
		{"an absence that nobody notices", "sweeps are regular", "TreatMissingData: breaching", "TreatMissingData: notBreaching"},
		{"an absence of another function", "sweeps are regular", "MetricName: Invocations\n      Dimensions: [{Name: FunctionName, Value: !Ref SweeperFunction}]", "MetricName: Invocations\n      Dimensions: [{Name: FunctionName, Value: !Ref RemediatorFunction}]"},
		{"the wrong log", "lines that mean trouble are counted", "LogGroupName: !Ref RemediatorLogGroup", "LogGroupName: !Ref SweeperLogGroup"},
		{"a count of all stacks", "lines that mean trouble are counted", "MetricNamespace: !Sub sgwarden/${AWS::StackName}", "MetricNamespace: sgwarden"},
		{"a count that nobody sees", "lines that mean trouble are counted", "      MetricName: LostEvents\n      Statistic: Sum", "      MetricName: LostEvents\n      Statistic: Minimum"},
		{"a count of another line", "lines that mean trouble are counted", "the sweep ran out of time", "sweep"},
		{"short sweeps that nobody counts", "lines that mean trouble are counted", "  ShortSweepsFilter:\n    Type: AWS::Logs::MetricFilter", "  ShortSweepsFilter:\n    Type: AWS::Logs::LogStream"},
		{"short sweeps, counted in the wrong log", "lines that mean trouble are counted", "LogGroupName: !Ref SweeperLogGroup", "LogGroupName: !Ref RemediatorLogGroup"},
		{"short sweeps that nobody sees", "lines that mean trouble are counted", "      MetricName: ShortSweeps\n      Statistic: Sum", "      MetricName: ShortSweeps\n      Statistic: Minimum"},
		{"an alarm that comes and goes with each short sweep", "lines that mean trouble are counted", "Period: 3600 # the longest", "Period: 60 # the longest"},
		{"a line that is counted and that nobody knows", "lines that mean trouble are counted", "  LostEventsAlarm:\n    Type: AWS::CloudWatch::Alarm", "  LostEventsAlarm:\n    Type: AWS::Logs::MetricFilter"},
		{"an alarm for another queue", "everything that can go wrong has an alarm", "!GetAtt RemediatorFailures.QueueName", "!GetAtt RemediatorUndelivered.QueueName"},
		{"no alarm on a rule that cannot invoke", "everything that can go wrong has an alarm", "MetricName: FailedInvocations\n      Dimensions: [{Name: RuleName, Value: !Ref BaselinesRule}]", "MetricName: FailedInvocations\n      Dimensions: [{Name: RuleName, Value: !Ref RemediatorRule}]"},
		{"no alarm on errors", "everything that can go wrong has an alarm", "MetricName: Errors", "MetricName: Invocations"},
		{"an alarm that tolerates one", "everything that can go wrong has an alarm", "Threshold: 0", "Threshold: 1"},
		{"an all-clear for nobody", "alarms reach the security team", "OKActions: [!Ref AlarmTopic]", "OKActions: [!Ref OtherTopic]"},
		{"a silent alarm", "alarms reach the security team", "      AlarmActions: [!Ref AlarmTopic]\n", ""},
		{"an alarm among the alerts", "alarms reach the security team", "AlarmActions: [!Ref AlarmTopic]", "AlarmActions: [!Ref AlarmTopic, !Ref AlertTopic]"},
		{"a key that alarms cannot use", "alarms reach the security team", "Action: [kms:Decrypt, kms:GenerateDataKey*]\n            Resource: \"*\"", "Action: [kms:Decrypt]\n            Resource: \"*\""},
		{"the key that nobody can change", "alarms reach the security team", "DisplayName: sgwarden alarms\n      KmsMasterKeyId: !GetAtt AlertKey.Arn", "DisplayName: sgwarden alarms\n      KmsMasterKeyId: alias/aws/sns"},
		{"a topic that alarms cannot use", "alarms reach the security team", "Action: sns:Publish\n            Resource: !Ref AlarmTopic\n            Condition", "Action: sns:Subscribe\n            Resource: !Ref AlarmTopic\n            Condition"},
		{"a queue in the clear", "queues are encrypted and keep what they have long", "SqsManagedSseEnabled: true", "SqsManagedSseEnabled: false"},
		{"a parameter without a word", "parameters are explained", "    Description: The least important kind of line that the functions log.\n", ""},
		{"a sweep's error that is seen too late", "alarms on errors look back far enough", "Period: 960", "Period: 60"},
		{"a canary's error that is seen too late", "alarms on errors look back far enough", "Period: 900", "Period: 300"},
		{"a canary stopped by its timeout", "functions are small arm64 binaries", "Timeout: 720\n      Role: !GetAtt CanaryRole.Arn", "Timeout: 600\n      Role: !GetAtt CanaryRole.Arn"},
		{"a canary that is tried again", "sweeps are regular", "      FunctionName: !Ref CanaryFunction\n      Qualifier: $LATEST\n      MaximumRetryAttempts: 0", "      FunctionName: !Ref CanaryFunction\n      Qualifier: $LATEST\n      MaximumRetryAttempts: 2"},
		{"a rare canary", "sweeps are regular", "ScheduleExpression: rate(15 minutes)", "ScheduleExpression: rate(1 day)"},
		{"a canary whose absence nobody notices", "sweeps are regular", "MetricName: Invocations\n      Dimensions: [{Name: FunctionName, Value: !Ref CanaryFunction}]", "MetricName: Invocations\n      Dimensions: [{Name: FunctionName, Value: !Ref SweeperFunction}]"},
		{"a canary whose failure nobody notices", "everything that can go wrong has an alarm", "MetricName: Errors\n      Dimensions: [{Name: FunctionName, Value: !Ref CanaryFunction}]", "MetricName: Errors\n      Dimensions: [{Name: FunctionName, Value: !Ref SweeperFunction}]"},
		{"an inbox that its topic may not use", "only its rules may use a target and its queue", "aws:SourceArn: !Ref AlertTopic", "aws:SourceArn: !Ref OtherTopic"},
		{"an inbox that keeps alerts", "queues are encrypted and keep what they have long", "MessageRetentionPeriod: 3600", "MessageRetentionPeriod: 1209600"},
		{"a canary by default", "the canary is off unless asked for", "  Canary:\n    Type: String\n    Default: \"off\"", "  Canary:\n    Type: String\n    Default: \"on\""},
		{"a part of the canary that is always there", "the canary is off unless asked for", "    Type: AWS::SQS::Queue\n    Condition: CanaryOn\n", "    Type: AWS::SQS::Queue\n"},
		{"an output of what is not there", "the canary is off unless asked for", "  CanaryGroupId:\n    Condition: CanaryOn\n", "  CanaryGroupId:\n"},
		{"a canary without a VPC", "the canary is off unless asked for", "      - Assert: !Not [!Equals [!Ref CanaryVpcId, \"\"]]\n", "      - Assert: !Equals [!Ref CanaryVpcId, \"\"]\n"},
		{"a function that doesn't know the canary's group", "the canary is off unless asked for", "          CANARY_GROUP_ID: !If [CanaryOn, !GetAtt CanaryGroup.GroupId, !Ref AWS::NoValue]\n", ""},
		{"a canary that may break every group", "the canary may break its own group alone", "security-group/${CanaryGroup.GroupId}", "security-group/*"},
		{"a canary that may open for real", "the canary may break its own group alone", "ec2:AuthorizeSecurityGroupIngress, ec2:RevokeSecurityGroupIngress]", "ec2:AuthorizeSecurityGroupEgress, ec2:RevokeSecurityGroupIngress]"},
		{"a canary that reads other queues", "the canary may break its own group alone", "            Resource: !GetAtt CanaryInbox.Arn\n\n", "            Resource: \"*\"\n\n"},
		{"a team that hears the canary", "the canary hears its alerts and the team does not", "{anything-but: [canary]}", "{anything-but: [parrot]}"},
		{"a filter that comes and goes with the canary", "the canary hears its alerts and the team does not", "FilterPolicy: {kind: [{anything-but: [canary]}]}", "FilterPolicy: !If [CanaryOn, {kind: [{anything-but: [canary]}]}, !Ref AWS::NoValue]"},
		{"a filter that cannot be changed", "the canary hears its alerts and the team does not", "      FilterPolicyScope: MessageAttributes\n      FilterPolicy: {kind: [{anything-but: [canary]}]}", "      FilterPolicy: {kind: [{anything-but: [canary]}]}"},
		{"a filter of what alerts say", "the canary hears its alerts and the team does not", "FilterPolicyScope: MessageAttributes", "FilterPolicyScope: MessageBody"},
		{"a team that hears no alarms", "the canary hears its alerts and the team does not", "      TopicArn: !Ref AlarmTopic\n", "      TopicArn: !Ref AlertTopic\n"},
		{"a team that hears alarms only where the canary is on", "the canary hears its alerts and the team does not", "  AlarmEmailSubscription:\n    Type: AWS::SNS::Subscription\n    Condition: HasAlertEmail\n", "  AlarmEmailSubscription:\n    Type: AWS::SNS::Subscription\n    Condition: CanaryOn\n"},
		{"an alarm that the team does not hear", "the canary hears its alerts and the team does not", "AlarmActions: [!Ref AlarmTopic]", "AlarmActions: [!Ref AlertTopic]"},
		{"alarms through a filter", "the canary hears its alerts and the team does not", "      TopicArn: !Ref AlarmTopic\n", "      TopicArn: !Ref AlarmTopic\n      FilterPolicyScope: MessageAttributes\n      FilterPolicy: {kind: [{exists: false}]}\n"},
		{"a topic of alarms that is another's", "alarms reach the security team", "Topics: [!Ref AlarmTopic]", "Topics: [!Ref AlertTopic]"},
		{"a canary that hears drift", "the canary hears its alerts and the team does not", "FilterPolicy: {kind: [canary]}", "FilterPolicy: {kind: [canary, drift]}"},
		{"a canary that hears nothing", "the canary hears its alerts and the team does not", "FilterPolicy: {kind: [canary]}", "FilterPolicy: {kind: [Canary]}"},
		{"a canary that can't read what it hears", "the canary hears its alerts and the team does not", "RawMessageDelivery: true", "RawMessageDelivery: false"},
		{"a sentinel group that permits something", "the canary's baseline permits what its group has", "CidrIp: 127.0.0.1/32", "CidrIp: 0.0.0.0/0"},
		{"a sentinel group with the default egress", "the canary's baseline permits what its group has", "      SecurityGroupEgress:\n        - {IpProtocol: \"-1\", CidrIp: 127.0.0.1/32}\n", ""},
		{"a baseline that can't be read", "the canary's baseline permits what its group has", "{\"schema\": 1, \"groupId\"", "{\"schema\": 2, \"groupId\""},
		{"a baseline that permits the canary", "the canary's baseline permits what its group has", "\"ingress\": [],", "\"ingress\": [{\"protocol\": \"tcp\", \"ports\": \"9\", \"sources\": [\"192.0.2.0/24\"]}],"},
		{"a parameter in no group", "parameters are explained", "[LogLevel, LogRetentionDays]", "[LogLevel]"},
	})
	fired := map[string]bool{}
	for _, row := range rows {
		fired[row.check] = true
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(source, row.old) {
				t.Fatalf("the template has no %q to break", row.old)
			}
			if len(checks[row.check](parse(t, strings.Replace(source, row.old, row.new, 1)))) == 0 {
				t.Errorf("%q has nothing to say", row.check)
			}
		})
	}
	want := slices.Sorted(maps.Keys(checks))
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(fired))); diff != "" {
		t.Errorf("checks that no row breaks (-want +got):\n%s", diff)
	}
}

func TestDeployScriptSetsParametersThatTheTemplateHas(t *testing.T) {
	t.Parallel()
	text := read(t, "deploy-options.sh") + read(t, "deploy-code.sh") + read(t, "deploy-stack.sh")
	var set []string
	for _, match := range regexp.MustCompile(`(?m)options\+=\("([A-Z][A-Za-z]+)=|\) parameter (\w+) |^ +parameter (\w+) |^ +name_code \w+ (\w+)$`).FindAllStringSubmatch(text, -1) {
		set = append(set, match[1]+match[2]+match[3]+match[4])
	}
	inTemplate := parse(t, read(t, "template.yaml")).section("Parameters")
	delete(inTemplate, "CodeBucketPerRegion") // of a stack set: deploy.sh names the bucket of its region
	want := slices.Sorted(maps.Keys(inTemplate))
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(set))); diff != "" {
		t.Errorf("parameters of the template that deploy.sh sets (-want +got):\n%s", diff)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
