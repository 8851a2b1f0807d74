package deploy_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

const (
	central    = "alerts go to a central stack only where that is asked for"
	openToOrg  = "a central stack is open to its organisation alone"
	codeBucket = "code comes from a bucket in the function's region"
)

// statementByName returns a statement of a policy document by its Sid, with the condition under which it is there; "always"
// where there is none.
func statementByName(document any, sid string) (statement any, condition string) {
	all, _ := get(document, "Statement").([]any)
	for _, item := range all {
		condition = "always"
		if function, ok := item.(call); ok {
			condition = fmt.Sprint(function.Argument.([]any)[0])
		}
		if get(present(item), "Sid") == sid {
			return present(item), condition
		}
	}
	return nil, "never"
}

// forwardingIsNarrow wants the notifier to publish to the one topic that is named, and to use a key of that topic's account
// and region through SNS alone. The conditions keep an ordinary stack as it is.
func forwardingIsNarrow(t template) (problems []string) {
	const (
		region  = "{Select [3 {Split [: {Sub ${CentralAlertTopicArn}:::::}]}]}"
		account = "{Select [4 {Split [: {Sub ${CentralAlertTopicArn}:::::}]}]}"
	)
	document := get(t.resources("AWS::IAM::Policy")["NotifierPolicy"], "Properties", "PolicyDocument")
	for sid, want := range map[string]string{
		"ForwardAlerts": "ForwardsAlerts map[Action:sns:Publish Effect:Allow Resource:{Ref CentralAlertTopicArn} Sid:ForwardAlerts]",
		"EncryptForwardedAlerts": "ForwardsAlerts map[Action:[kms:Decrypt kms:GenerateDataKey*] " +
			"Condition:map[StringEquals:map[kms:ViaService:{Sub [sns.${TopicRegion}.amazonaws.com map[TopicRegion:" + region + "]]}]] Effect:Allow " +
			"Resource:{Sub [arn:${AWS::Partition}:kms:${TopicRegion}:${TopicAccount}:key/* map[TopicAccount:" + account + " TopicRegion:" + region + "]]} " +
			"Sid:EncryptForwardedAlerts]",
	} {
		statement, condition := statementByName(document, sid)
		if diff := cmp.Diff(want, condition+" "+fmt.Sprint(statement)); diff != "" {
			problems = append(problems, sid+" (-want +got):\n"+diff)
		}
	}
	return append(problems, offByDefault(t, "CentralAlertTopicArn", "ForwardsAlerts")...)
}

// offByDefault wants a parameter that is empty by default, and a condition that holds where it isn't.
func offByDefault(t template, parameter, condition string) (problems []string) {
	if got := get(t.section("Parameters"), parameter, "Default"); got != "" {
		problems = append(problems, fmt.Sprintf("%s is %v by default", parameter, got))
	}
	want := "{Not [{Equals [{Ref " + parameter + "} ]}]}"
	if got := fmt.Sprint(t.section("Conditions")[condition]); got != want {
		problems = append(problems, fmt.Sprintf("%s is %s, not %s", condition, got, want))
	}
	return problems
}

// onlyTheOrganizationMayPublish: everybody is named as principal in a central stack's policies, so the conditions decide.
func onlyTheOrganizationMayPublish(t template) (problems []string) {
	problems = offByDefault(t, "OrganizationId", "IsCentral")
	policy := t.resources("AWS::SNS::TopicPolicy")["AlertTopicPolicy"]
	if get(policy, "Condition") != "IsCentral" {
		problems = append(problems, "AlertTopicPolicy: is there also in a stack that is not central")
	}
	key := get(t.resources("AWS::KMS::Key")["AlertKey"], "Properties", "KeyPolicy")
	for _, of := range []struct {
		document  any
		sid, when string
		actions   []string
		condition string
	}{
		{get(policy, "Properties", "PolicyDocument"), "LetTheOrganizationPublish", "always", []string{"sns:Publish"}, "map[aws:PrincipalOrgID:{Ref OrganizationId}]"},
		{key, "LetTheOrganizationPublishToTheEncryptedTopic", "IsCentral", []string{"kms:Decrypt", "kms:GenerateDataKey*"}, "map[aws:PrincipalOrgID:{Ref OrganizationId} kms:ViaService:{Sub sns.${AWS::Region}.amazonaws.com}]"},
	} {
		statement, when := statementByName(of.document, of.sid)
		if when != of.when {
			problems = append(problems, fmt.Sprintf("%s: is there %s, not %s", of.sid, when, of.when))
		}
		if diff := cmp.Diff(of.actions, actions(statement)); diff != "" {
			problems = append(problems, fmt.Sprintf("%s: actions (-want +got):\n%s", of.sid, diff))
		}
		if got := fmt.Sprint(get(statement, "Condition", "StringEquals")); got != of.condition {
			problems = append(problems, fmt.Sprintf("%s: its condition is %s, not %s", of.sid, got, of.condition))
		}
	}
	problems = append(problems, everybodyHasACondition(get(policy, "Properties", "PolicyDocument"), key)...)
	return append(problems, centralStacksDoNotForward(t)...)
}

func everybodyHasACondition(documents ...any) (problems []string) {
	for _, document := range documents {
		for _, statement := range list(get(document, "Statement")) {
			if get(statement, "Principal", "AWS") == "*" && get(statement, "Condition", "StringEquals") == nil {
				problems = append(problems, fmt.Sprintf("%v: is for everybody, without a condition", get(statement, "Sid")))
			}
		}
	}
	return problems
}

// centralStacksDoNotForward: two that send to each other would never end.
func centralStacksDoNotForward(t template) (problems []string) {
	const want = "map[Assertions:[map[Assert:{Equals [{Ref CentralAlertTopicArn} ]} AssertDescription:"
	rule := fmt.Sprint(t.section("Rules")["ACentralStackWritesTheMails"])
	if !strings.HasPrefix(rule, want) || !strings.HasSuffix(rule, "RuleCondition:{Not [{Equals [{Ref OrganizationId} ]}]}]") {
		problems = append(problems, "a central stack may forward its alerts: "+rule)
	}
	return problems
}

// codeIsInTheRegion: Lambda takes code only from a bucket in its own region (Lambda API reference, FunctionCode, S3Bucket),
// and a stack set gives all its regions the same parameters.
func codeIsInTheRegion(t template) (problems []string) {
	const want = "{If [HasBucketPerRegion {Sub ${CodeBucket}-${AWS::Region}} {Ref CodeBucket}]}"
	for name, function := range t.resources("AWS::Lambda::Function") {
		if got := fmt.Sprint(get(function, "Properties", "Code", "S3Bucket")); got != want {
			problems = append(problems, fmt.Sprintf("%s: its code is in %s", name, got))
		}
	}
	if got := get(t.section("Parameters"), "CodeBucketPerRegion", "Default"); got != "off" {
		problems = append(problems, fmt.Sprintf("CodeBucketPerRegion is %v by default", got))
	}
	return problems
}

// longestStackName is the most characters that the name of a stack may have, so that Lambda and EventBridge take the names
// of its functions and rules (Lambda API reference, CreateFunction, FunctionName; EventBridge API reference, PutRule, Name:
// both 64).
func longestStackName(t template) int {
	longest := 0
	for kind, property := range map[string]string{"AWS::Lambda::Function": "FunctionName", "AWS::Events::Rule": "Name"} {
		for _, resource := range t.resources(kind) {
			longest = max(longest, len(strings.TrimPrefix(target(get(resource, "Properties", property)), "${AWS::StackName}")))
		}
	}
	return 64 - longest
}

// topicsOpenToOthers are the topics with a policy of their own, which may let others publish than the roles' policies do.
func topicsOpenToOthers(t template) (names []string) {
	for _, policy := range t.resources("AWS::SNS::TopicPolicy") {
		for _, topic := range list(get(policy, "Properties", "Topics")) {
			names = append(names, target(topic))
		}
	}
	slices.Sort(names)
	return names
}

// brokenCentral breaks what serves many accounts.
var brokenCentral = []breakage{
	{"a notifier that publishes to any topic", central, "Resource: !Ref CentralAlertTopicArn", "Resource: \"*\""},
	{"a notifier that may always forward", central, "            - ForwardsAlerts\n            - Sid: ForwardAlerts", "            - ChatOn\n            - Sid: ForwardAlerts"},
	{"a notifier that uses keys of every account", central, ":${TopicAccount}:key/*", ":*:key/*"},
	{"a notifier that uses keys for anything", central, "kms:ViaService: !Sub\n                    - sns.${TopicRegion}", "kms:ViaService: !Sub\n                    - s3.${TopicRegion}"},
	{"alerts that go elsewhere by default", central, "  CentralAlertTopicArn:\n    Type: String\n    Default: \"\"", "  CentralAlertTopicArn:\n    Type: String\n    Default: \"arn:aws:sns:us-east-1:111122223333:alerts\""},
	{"a topic for everybody", openToOrg, "            Condition: {StringEquals: {aws:PrincipalOrgID: !Ref OrganizationId}}\n", ""},
	{"a key for everybody", openToOrg, "aws:PrincipalOrgID: !Ref OrganizationId, kms:ViaService", "kms:ViaService"},
	{"a key for anything", openToOrg, ", kms:ViaService: !Sub \"sns.${AWS::Region}.amazonaws.com\"}\n            - !Ref AWS::NoValue\n\n  # For machines", "}\n            - !Ref AWS::NoValue\n\n  # For machines"},
	{"an organisation that may change the topic", openToOrg, "            Action: sns:Publish\n            Resource: !Ref AlertTopic\n            Condition: {StringEquals: {aws:PrincipalOrgID", "            Action: sns:*\n            Resource: !Ref AlertTopic\n            Condition: {StringEquals: {aws:PrincipalOrgID"},
	{"a topic that is open without being central", openToOrg, "    Type: AWS::SNS::TopicPolicy\n    Condition: IsCentral\n", "    Type: AWS::SNS::TopicPolicy\n"},
	{"a topic that everybody may delete", openToOrg, "            Condition: {StringEquals: {aws:SourceOwner: !Ref AWS::AccountId}}\n", ""},
	{"two central stacks that send to each other", openToOrg, "      - Assert: !Equals [!Ref CentralAlertTopicArn, \"\"]", "      - Assert: !Not [!Equals [!Ref CentralAlertTopicArn, \"\"]]"},
	{"code from another region", codeBucket, "S3Bucket: !If [HasBucketPerRegion, !Sub \"${CodeBucket}-${AWS::Region}\", !Ref CodeBucket]", "S3Bucket: !Ref CodeBucket"},
	{"a bucket per region by default", codeBucket, "  CodeBucketPerRegion:\n    Type: String\n    Default: \"off\"", "  CodeBucketPerRegion:\n    Type: String\n    Default: \"on\""},
}
