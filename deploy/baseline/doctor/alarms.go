package doctor

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// Alarming is CloudWatch.
type Alarming interface {
	cloudwatch.DescribeAlarmsAPIClient
}

// Alarms checks which alarms of the stack are on, are deleted, or notify nobody.
func Alarms(ctx context.Context, client Alarming, stack deadletters.Stack, resources []Resource, region string, now time.Time) []Check {
	const name = "alarms"
	alarms, err := alarmsOf(ctx, client, stack)
	if err != nil {
		return []Check{unknown(name, "cloudwatch:DescribeAlarms", err)}
	}
	if len(alarms) == 0 {
		return []Check{{name, Fail, "no alarm of the stack is there, so nobody hears when a part of sgwarden fails", rebuild(stack)}}
	}
	var problems []Check
	for _, a := range alarms {
		problems = append(problems, alarm(a, region, now)...)
	}
	for _, r := range ofType(resources, "AWS::CloudWatch::Alarm") {
		if !slices.ContainsFunc(alarms, func(a types.MetricAlarm) bool { return aws.ToString(a.AlarmName) == r.Name }) {
			problems = append(problems, Check{"alarm " + r.Logical, Fail, fmt.Sprintf("the alarm %s is gone, or does not publish to the alarm topic", r.Name), rebuild(stack)})
		}
	}
	return orPassed(problems, passed(name, "%s: none is on", words.Count(len(alarms), "alarm")))
}

// alarmsOf returns the alarms that publish to the stack's alarm topic. CloudFormation begins
// their names with the stack's.
func alarmsOf(ctx context.Context, client Alarming, stack deadletters.Stack) ([]types.MetricAlarm, error) {
	var all []types.MetricAlarm
	pages := cloudwatch.NewDescribeAlarmsPaginator(client, &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String(stack.Name + "-")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("describe the alarms of stack %s: %w", stack.Name, err)
		}
		for _, a := range page.MetricAlarms {
			if slices.Contains(a.AlarmActions, stack.Outputs["AlarmTopicArn"]) {
				all = append(all, a)
			}
		}
	}
	return all, nil
}

// runbook finds the part of the runbook that an alarm's description names.
var runbook = regexp.MustCompile(`deploy/RUNBOOK\.md#[a-z0-9-]+`)

// alarm returns what is wrong with an alarm, or what it reports.
func alarm(a types.MetricAlarm, region string, now time.Time) (problems []Check) {
	name := aws.ToString(a.AlarmName)
	if a.StateValue == types.StateValueAlarm {
		since := ""
		if at := aws.ToTime(a.StateUpdatedTimestamp); !at.IsZero() {
			since = " since " + words.Clock(at, now)
		}
		hint := runbook.FindString(aws.ToString(a.AlarmDescription))
		if hint == "" {
			hint = "deploy/RUNBOOK.md"
		}
		problems = append(problems, Check{"alarm " + name, Fail, fmt.Sprintf("is on%s", since), hint})
	}
	if a.ActionsEnabled != nil && !*a.ActionsEnabled {
		problems = append(problems, Check{
			"alarm " + name, Warn, "tells nobody: its actions are disabled",
			fmt.Sprintf("aws cloudwatch enable-alarm-actions --alarm-names %s --region %s", name, region),
		})
	}
	return problems
}
