package deploy_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

const (
	inReach  = "documents are in reach and no further"
	narrow   = "permissions are narrow"
	patterns = "event patterns exclude nobody"
	ofSSM    = "!Sub arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${BaselinePrefix}"
)

// brokenDocuments breaks what the functions may do to approvals, the pause and the trust, and what they hear of them.
var brokenDocuments = []breakage{
	{"approvals that cannot be read", inReach, "              - " + ofSSM + "/approvals/*\n", ""},
	{"a pause that cannot be read", inReach, "              - " + ofSSM + "/pause\n", ""},
	{"a trust that cannot be read", inReach, "              - " + ofSSM + "/trust\n", ""},
	{"approvals that cannot be found", inReach, "FindApprovals # of one group, at approvals/sg-..., and of all\n            Effect: Allow", "FindApprovals\n            Effect: Deny"},
	{"a past that cannot be seen", inReach, "Action: ssm:GetParameterHistory\n", "Action: ssm:DescribeParameters\n"},
	{"a sweeper that cannot see the past", inReach, "PolicyName: read-baselines\n      Roles: [!Ref RemediatorRole, !Ref SweeperRole]", "PolicyName: read-baselines\n      Roles: [!Ref RemediatorRole]"},
	{"changes that cannot wait", inReach, "/approvals/*/pending-*\n", "/approvals/pending-*\n"},
	{"functions that approve", inReach, "/approvals/*/pending-*\n", "/approvals/*\n"},
	{"functions that approve whatever is called so", inReach, "/approvals/*/pending-*\n", "/approvals/*pending-*\n"},
	{"functions that write baselines called so", inReach, "/approvals/*/pending-*\n", "/*/pending-*\n"},
	{"functions that pause", inReach, "/approvals/*/pending-*\n", "/p*\n"},
	{"approvals that stay for ever", inReach, "Action: ssm:DeleteParameters\n", "Action: ssm:DeleteParameter\n"},
	{"a sweeper that removes baselines", inReach, "Action: ssm:DeleteParameters\n            Resource:\n              - " + ofSSM + "/approvals/*\n", "Action: ssm:DeleteParameters\n            Resource:\n              - " + ofSSM + "/*\n"},
	{"everything but one action", inReach, "Action: ssm:DeleteParameters\n", "NotAction: ssm:DeleteParameters\n"},
	{"writing other approvals", narrow, "/approvals/*/pending-*\n", "/approvals/*\n"},
	{"writing approvals that ended", narrow, "Action: ssm:DeleteParameters\n", "Action: ssm:PutParameter\n"},
	{"a forgotten approval", patterns, "            - prefix: !Sub ${BaselinePrefix}/approvals/\n", ""},
	{"a forgotten pause", patterns, "            - !Sub ${BaselinePrefix}/pause\n", ""},
	{"a forgotten trust", patterns, "            - !Sub ${BaselinePrefix}/trust\n", ""},
	{"a remediator without grace", "functions have the environment that they read", "          GRACE_MINUTES: !Ref GraceMinutes\n", ""},
	{"another grace", "functions have the environment that they read", "GRACE_MINUTES: !Ref GraceMinutes", `GRACE_MINUTES: "10"`},
}

func TestTheGracePeriodIsUpToADay(t *testing.T) {
	t.Parallel()
	allowed := pattern(t, "GraceMinutes")
	for minutes := range 20_000 {
		if got, want := allowed.MatchString(fmt.Sprint(minutes)), minutes <= 1440; got != want {
			t.Errorf("%d minutes are allowed %t, want %t", minutes, got, want)
		}
	}
	for _, text := range []string{"", "-1", "+1", "00", "010", "1.5", "1e2", "10m", " 10", "10 "} {
		if allowed.MatchString(text) {
			t.Errorf("%q is allowed", text)
		}
	}
	if got := get(parse(t, read(t, "template.yaml")).section("Parameters"), "GraceMinutes", "Default"); got != "10" {
		t.Errorf("the default is %v", got)
	}
}

// deploy.sh refuses what the template would, before it builds or uploads anything.
func TestDeployScriptKnowsTheTemplatesPatterns(t *testing.T) {
	t.Parallel()
	script := read(t, "deploy-options.sh")
	for _, parameter := range []string{"GraceMinutes", "SweepSchedule", "CanaryVpcId", "MailWaitSeconds", "ContentionReverts", "OnlyGroupsTagged", "PermissionsBoundaryArn", "CentralAlertTopicArn", "OrganizationId"} {
		text := strings.TrimSuffix(strings.TrimPrefix(pattern(t, parameter).String(), "^("), ")?$") // '' is for who leaves it out
		text = strings.ReplaceAll(text, "{1,256}", "+")                                             // more than 255 is an error in macOS's bash
		if !strings.Contains(script, text) {
			t.Errorf("deploy-options.sh does not look for %s in %s", text, parameter)
		}
	}
}

// pattern is a parameter's AllowedPattern.
func pattern(t *testing.T, parameter string) *regexp.Regexp {
	t.Helper()
	text, _ := get(parse(t, read(t, "template.yaml")).section("Parameters"), parameter, "AllowedPattern").(string)
	if text == "" {
		t.Fatalf("parameter %s has no pattern", parameter)
	}
	return regexp.MustCompile(text)
}
