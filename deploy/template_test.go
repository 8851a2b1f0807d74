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
	"the remediator may do just what it needs":          remediatorMayDoJustWhatItNeeds,
	"event patterns exclude nobody":                     patternsExcludeNobody,
	"what cannot be delivered or processed is kept":     lettersAreKept,
	"only its rule may use a target and its queue":      onlyTheRuleMaySend,
	"everything that can go wrong has an alarm":         troubleHasAlarms,
	"alarms reach the security team":                    alarmsReachTheTeam,
	"queues are encrypted and keep what they have long": queuesKeep,
	"parameters are explained":                          parametersAreExplained,
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

// Every check is shown to fire: each row breaks the template in one place, by replacing the first old with new.
func TestChecksFireOnABrokenTemplate(t *testing.T) {
	t.Parallel()
	source := read(t, "template.yaml")
	rows := []struct{ name, check, old, new string }{
		{"a transform", "is plain CloudFormation", "Resources:\n", "Transform: AWS::Serverless-2016-10-31\nResources:\n"},
		{"a template too large to send", "is plain CloudFormation", "Resources:\n", "#" + strings.Repeat("x", maxTemplateBytes) + "\nResources:\n"},
		{"another architecture", "functions are small arm64 binaries", "[arm64]", "[x86_64]"},
		{"another runtime", "functions are small arm64 binaries", "provided.al2023", "provided.al2"},
		{"more memory", "functions are small arm64 binaries", "MemorySize: 128", "MemorySize: 512"},
		{"a missing variable", "functions are small arm64 binaries", "          MODE: !Ref Mode\n", ""},
		{"a reserved concurrency", "functions are small arm64 binaries", "MemorySize: 128", "MemorySize: 128\n      ReservedConcurrentExecutions: 1"},
		{"no log group", "each function has a log group of its own", "        LogGroup: !Ref RemediatorLogGroup", "        LogFormat: JSON"},
		{"logs for ever", "each function has a log group of its own", "      RetentionInDays: !Ref LogRetentionDays", "      LogGroupName: logs"},
		{"a policy that is not waited for", "each function waits for its permissions", "PublishAlertsPolicy, RemediatorPolicy]", "RemediatorPolicy]"},
		{"an inline policy", "roles get their permissions from policies only", "  RemediatorRole:\n    Type: AWS::IAM::Role\n    Properties:\n", "  RemediatorRole:\n    Type: AWS::IAM::Role\n    Properties:\n      Policies: []\n"},
		{"a role for others", "roles get their permissions from policies only", "Service: lambda.amazonaws.com", `AWS: "*"`},
		{"every action", "permissions are narrow", "Action: sns:Publish\n            Resource: !Ref AlertTopic\n          - Sid: EncryptAlerts", "Action: sns:*\n            Resource: !Ref AlertTopic\n          - Sid: EncryptAlerts"},
		{"every topic", "permissions are narrow", "Action: sns:Publish\n            Resource: !Ref AlertTopic\n          - Sid: EncryptAlerts", "Action: sns:Publish\n            Resource: \"*\"\n          - Sid: EncryptAlerts"},
		{"a write among what has no resource", "permissions are narrow", "[ec2:DescribeSecurityGroupRules, ", "[ec2:RevokeSecurityGroupIngress, "},
		{"every parameter", "permissions are narrow", "parameter${BaselinePrefix}/*", "parameter/*"},
		{"decryption for anything", "permissions are narrow", "            Condition: {StringEquals: {kms:ViaService: !Sub \"ssm.${AWS::Region}.amazonaws.com\"}}\n", ""},
		{"one action more", "the remediator may do just what it needs", "logs:CreateLogStream", "logs:CreateLogGroup, logs:CreateLogStream"},
		{"one action less", "the remediator may do just what it needs", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"},
		{"an excluded actor", "event patterns exclude nobody", "eventSource: [ec2.amazonaws.com]", "eventSource: [ec2.amazonaws.com]\n          userIdentity: {arn: [{anything-but: me}]}"},
		{"an excluded error", "event patterns exclude nobody", "eventSource: [ec2.amazonaws.com]", "eventSource: [ec2.amazonaws.com]\n          errorCode: [{exists: false}]"},
		{"a forgotten direction", "event patterns exclude nobody", "            - AuthorizeSecurityGroupEgress\n", ""},
		{"a target without dead letters", "what cannot be delivered or processed is kept", "          DeadLetterConfig: {Arn: !GetAtt RemediatorUndelivered.Arn}\n", ""},
		{"a target without retries", "what cannot be delivered or processed is kept", "MaximumRetryAttempts: 185", "MaximumRetryAttempts: 0"},
		{"a function without dead letters", "what cannot be delivered or processed is kept", "        OnFailure: {Destination: !GetAtt RemediatorFailures.Arn}", "        OnSuccess: {Destination: !GetAtt RemediatorFailures.Arn}"},
		{"a renamed rule", "only its rule may use a target and its queue", "      Name: !Sub ${AWS::StackName}-remediator\n      Description: Changes", "      Name: !Sub ${AWS::StackName}-changes\n      Description: Changes"},
		{"a queue for everybody", "only its rule may use a target and its queue", "              ArnEquals:\n                aws:SourceArn", "              ArnLike:\n                aws:SourceArn"},
		{"an alarm for another queue", "everything that can go wrong has an alarm", "!GetAtt RemediatorFailures.QueueName", "!GetAtt RemediatorUndelivered.QueueName"},
		{"no alarm on errors", "everything that can go wrong has an alarm", "MetricName: Errors", "MetricName: Invocations"},
		{"an alarm that tolerates one", "everything that can go wrong has an alarm", "Threshold: 0", "Threshold: 1"},
		{"a silent alarm", "alarms reach the security team", "      AlarmActions: [!Ref AlertTopic]\n", ""},
		{"a key that alarms cannot use", "alarms reach the security team", "Action: [kms:Decrypt, kms:GenerateDataKey*]\n            Resource: \"*\"", "Action: [kms:Decrypt]\n            Resource: \"*\""},
		{"the key that nobody can change", "alarms reach the security team", "KmsMasterKeyId: !GetAtt AlertKey.Arn", "KmsMasterKeyId: alias/aws/sns"},
		{"a topic that alarms cannot use", "alarms reach the security team", "Action: sns:Publish\n            Resource: !Ref AlertTopic\n            Condition", "Action: sns:Subscribe\n            Resource: !Ref AlertTopic\n            Condition"},
		{"a queue in the clear", "queues are encrypted and keep what they have long", "SqsManagedSseEnabled: true", "SqsManagedSseEnabled: false"},
		{"a parameter without a word", "parameters are explained", "    Description: The least important kind of line that the function logs.\n", ""},
		{"a parameter in no group", "parameters are explained", "[LogLevel, LogRetentionDays]", "[LogLevel]"},
	}
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
	var set []string
	for _, match := range regexp.MustCompile(`(?m)options\+=\("([A-Za-z]+)=|^ +upload \w+ (\w+)$`).FindAllStringSubmatch(read(t, "deploy.sh"), -1) {
		set = append(set, match[1]+match[2])
	}
	want := slices.Sorted(maps.Keys(parse(t, read(t, "template.yaml")).section("Parameters")))
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
