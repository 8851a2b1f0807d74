package doctor

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
)

const (
	deployScript       = "deploy/deploy.sh"
	organizationScript = "deploy/organization.sh"
)

// command is a command of the repository, for this stack. A stack of a stack set is changed by
// the stack set alone: what deploy.sh changed in one, the stack set would change back or trip over.
func command(stack deadletters.Stack, text string) string {
	if options, deploys := strings.CutPrefix(text, deployScript); deploys && stack.OfStackSet() {
		return "in the account of the stack set: " + organizationScript + options
	}
	if stack.Name == deadletters.DefaultName {
		return text // the scripts' default
	}
	return text + " --stack-name " + stack.Name
}

// options are those of deploy.sh that set a parameter of the template. A test holds them to deploy.sh.
var options = []struct{ name, parameter string }{
	{"--mode", "Mode"},
	{"--prefix", "BaselinePrefix"},
	{"--grace", "GraceMinutes"},
	{"--sweep", "SweepSchedule"},
	{"--only-tagged", "OnlyGroupsTagged"},
	{"--permissions-boundary", "PermissionsBoundaryArn"},
	{"--email", "AlertEmail"},
	{"--mail-wait", "MailWaitSeconds"},
	{"--contention", "ContentionReverts"},
	{"--chat", "Chat"},
	{"--events", "Events"},
	{"--central-topic", "CentralAlertTopicArn"},
	{"--organization", "OrganizationId"},
	{"--canary", "Canary"},
	{"--log-level", "LogLevel"},
	{"--log-days", "LogRetentionDays"},
}

// rebuild is the way to have again what somebody deleted by hand. CloudFormation takes it for
// being there, so that an update does not make it. A new stack knows no value of the old one,
// and its mode would be enforce, so the command says them all.
func rebuild(stack deadletters.Stack) string {
	const why = "an update does not make again what was deleted by hand"
	if stack.OfStackSet() {
		return fmt.Sprintf("%s: take the account out of the stack set, then in again: %s --exclude ACCOUNT,... in the account of the stack set", why, organizationScript)
	}
	deploy := deployScript
	for _, o := range options {
		if value := stack.Parameters[o.parameter]; value != "" {
			deploy += " " + o.name + " " + quoted(value)
		}
	}
	if vpc := stack.Parameters["CanaryVpcId"]; vpc != "" {
		deploy += " --canary-vpc " + vpc
	}
	return fmt.Sprintf("%s. This does, but subscriptions that people added are lost: %s && %s", why, command(stack, "deploy/destroy.sh"), command(stack, deploy))
}

// quoted is a value as one word of a shell. The template's patterns permit no quote in a value.
func quoted(value string) string {
	if oneWord.MatchString(value) {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

var (
	oneWord = regexp.MustCompile(`^[A-Za-z0-9_./:@,=+-]+$`)
	script  = regexp.MustCompile(`\bdeploy/[a-z]+\.sh`)
	awsCLI  = regexp.MustCompile(`\baws [a-z0-9]+ [a-z-]+`)
)

// InRegion has each hint's commands work in a region that is not the one of the environment.
// The scripts take it from AWS_REGION.
func InRegion(checks []Check, region string) []Check {
	for i, c := range checks {
		if strings.Contains(c.Hint, "--region") { // the hint says which
			continue
		}
		hint := script.ReplaceAllString(c.Hint, "AWS_REGION="+region+" $0")
		checks[i].Hint = awsCLI.ReplaceAllString(hint, "$0 --region "+region)
	}
	return checks
}
