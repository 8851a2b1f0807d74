package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
)

// setting is a variable of functions whose value is a parameter of the stack. Where the
// parameter is empty, the functions have no such variable.
type setting struct {
	variable, parameter string
	functions           []string
}

var settings = []setting{
	{"BASELINE_PREFIX", "BaselinePrefix", []string{"Remediator", "Sweeper", "Notifier"}},
	{"CENTRAL_ALERT_TOPIC_ARN", "CentralAlertTopicArn", []string{"Notifier"}},
	{"GRACE_MINUTES", "GraceMinutes", []string{"Remediator", "Sweeper"}},
	{"MODE", "Mode", []string{"Remediator", "Sweeper"}},
	{"ONLY_GROUPS_TAGGED", "OnlyGroupsTagged", []string{"Remediator", "Sweeper"}},
}

// edited says where a function has another value than the stack gave it: somebody edited the
// function, and the function does not do what the check "mode" says. Nothing is reported of a
// parameter that the stack does not have, as one of an older version.
func edited(stack deadletters.Stack, word string, c *types.FunctionConfiguration, region string) []Check {
	if c.Environment == nil || c.Environment.Error != nil { // Lambda could not decrypt it
		return nil
	}
	var texts []string
	for _, s := range settings {
		want, is := stack.Parameters[s.parameter]
		got := c.Environment.Variables[s.variable]
		if is && got != want && slices.Contains(s.functions, word) {
			texts = append(texts, fmt.Sprintf("%s is %q, and the stack's %s is %q", s.variable, got, s.parameter, want))
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return []Check{{
		"function " + word, Fail, fmt.Sprintf("somebody edited the variables of %s: %s", stack.Outputs[word+"FunctionName"], strings.Join(texts, "; ")),
		fmt.Sprintf("set them back: aws lambda update-function-configuration --function-name %s --environment ... --region %s (an update of the stack leaves them, as nothing changes in the template); changed at %s",
			stack.Outputs[word+"FunctionName"], region, aws.ToString(c.LastModified)),
	}}
}
