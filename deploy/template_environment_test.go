package deploy_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	canarysGroup = "{If [CanaryOn {GetAtt CanaryGroup.GroupId} {Ref AWS::NoValue}]}"
	ownRoles     = "{Sub ${RemediatorRole.Arn},${SweeperRole.Arn}}"
	ownMetric    = "{Sub sgwarden/${AWS::StackName}}" // two stacks must not mix
)

// environments are the variables that each function is to have, with CloudFormation's functions as they are printed.
func environments() map[string]map[string]string {
	judges := map[string]string{
		"ALERT_TOPIC_ARN": "{Ref AlertTopic}", "BASELINE_PREFIX": "{Ref BaselinePrefix}", "CANARY_GROUP_ID": canarysGroup,
		"EVENTS": "{Ref Events}", "GRACE_MINUTES": "{Ref GraceMinutes}", "LOG_LEVEL": "{Ref LogLevel}",
		"METRIC_NAMESPACE": ownMetric, "MODE": "{Ref Mode}", "OWN_ROLE_ARNS": ownRoles,
		"ONLY_GROUPS_TAGGED": "{If [OnlyTagged {Ref OnlyGroupsTagged} {Ref AWS::NoValue}]}",
	}
	sweeper := maps.Clone(judges)
	sweeper["MAIL_TOPIC_ARN"] = "{Ref MailTopic}"
	sweeper["MAIL_SUBSCRIBER"] = "{If [HasAlertEmail on off]}"
	return map[string]map[string]string{
		"RemediatorFunction": judges,
		"SweeperFunction":    sweeper,
		"NotifierFunction": {
			"ALARM_TOPIC_ARN": "{Ref AlarmTopic}", "BASELINE_PREFIX": "{Ref BaselinePrefix}",
			"CENTRAL_ALERT_TOPIC_ARN": "{If [ForwardsAlerts {Ref CentralAlertTopicArn} {Ref AWS::NoValue}]}",
			"CHAT_TOPIC_ARN":          "{If [ChatOn {Ref ChatTopic} {Ref AWS::NoValue}]}", "CONTENTION_REVERTS": "{Ref ContentionReverts}",
			"LOG_LEVEL": "{Ref LogLevel}", "MAIL_TOPIC_ARN": "{Ref MailTopic}", "METRIC_NAMESPACE": ownMetric, "OWN_ROLE_ARNS": ownRoles,
		},
		"CanaryFunction": {
			"ALERT_TOPIC_ARN": "{Ref AlertTopic}", "BASELINE_PREFIX": "{Ref BaselinePrefix}", "CANARY_GROUP_ID": "{GetAtt CanaryGroup.GroupId}",
			"CANARY_QUEUE_URL": "{Ref CanaryInbox}", "LOG_LEVEL": "{Ref LogLevel}", "METRIC_NAMESPACE": ownMetric, "MODE": "{Ref Mode}",
		},
	}
}

func hasAllVariables(t template) (problems []string) {
	for name, function := range t.resources("AWS::Lambda::Function") {
		got := map[string]string{}
		variables, _ := get(function, "Properties", "Environment", "Variables").(map[string]any)
		for variable, value := range variables {
			got[variable] = fmt.Sprint(value)
		}
		if diff := cmp.Diff(environments()[name], got); diff != "" {
			problems = append(problems, name+": environment (-want +got):\n"+diff)
		}
	}
	return problems
}

// unset are variables that the functions read and that no function of the template has: their default is right.
var unset = map[string]bool{"CANARY_WAIT_SECONDS": true, "AWS_ENDPOINT_URL_EVENTBRIDGE": true}

func TestTheTemplateSetsEachVariableThatTheFunctionsRead(t *testing.T) {
	t.Parallel()
	set := map[string]bool{}
	for _, environment := range environments() {
		for variable := range environment {
			set[variable] = true
		}
	}
	read := variablesRead(t)
	if !read["BASELINE_PREFIX"] {
		t.Errorf("pkg/settings seems to read only %v", slices.Sorted(maps.Keys(read)))
	}
	for variable := range read {
		if set[variable] == unset[variable] {
			t.Errorf("%s: set by the template: %t, to be left to its default: %t", variable, set[variable], unset[variable])
		}
	}
}

// variablesRead are the names in capitals with an underscore that stand as texts in the code of pkg/settings.
func variablesRead(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../pkg/settings/*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range regexp.MustCompile(`"([A-Z]+(?:_[A-Z]+)+|MODE|EVENTS)"`).FindAllStringSubmatch(string(code), -1) {
			found[match[1]] = true
		}
	}
	return found
}
