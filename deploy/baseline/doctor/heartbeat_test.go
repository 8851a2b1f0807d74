package doctor

import (
	"context"
	"testing"
	"time"

	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
)

// watch plays CloudWatch: values by the name of the metric and the minutes before now.
type watch struct {
	metrics map[string]map[int]float64
	err     error
}

func (w watch) GetMetricData(_ context.Context, in *cloudwatch.GetMetricDataInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error) {
	out := &cloudwatch.GetMetricDataOutput{}
	for _, q := range in.MetricDataQueries {
		r := types.MetricDataResult{Id: q.Id}
		for minute := range 180 { // the latest first
			if value, is := w.metrics[*q.MetricStat.Metric.MetricName][minute]; is && !now.Add(-time.Duration(minute)*time.Minute).Before(*in.StartTime) {
				r.Timestamps, r.Values = append(r.Timestamps, now.Add(-time.Duration(minute)*time.Minute)), append(r.Values, value)
			}
		}
		out.MetricDataResults = append(out.MetricDataResults, r)
	}
	return out, w.err
}

type values = map[string]map[int]float64

func TestSweep(t *testing.T) {
	t.Parallel()
	const look = "look in its log: aws logs tail sweeper-log --since 3h --region us-east-1"
	for name, c := range map[string]struct {
		client watch
		age    time.Duration // of the stack
		want   Check
	}{
		"ten minutes ago":                                {watch{metrics: values{"Invocations": {10: 1, 25: 1}, "Errors": {10: 0, 25: 0}}}, time.Hour, Check{"sweep", OK, "the last sweep succeeded at 02:50 UTC", ""}},
		"without figures of errors":                      {watch{metrics: values{"Invocations": {10: 1}}}, time.Hour, Check{"sweep", OK, "the last sweep succeeded at 02:50 UTC", ""}},
		"one failed, and the one before is young enough": {watch{metrics: values{"Invocations": {10: 1, 25: 1}, "Errors": {10: 1}}}, time.Hour, Check{"sweep", OK, "the last sweep succeeded at 02:35 UTC", ""}},
		"two of a minute, of which one failed":           {watch{metrics: values{"Invocations": {10: 2}, "Errors": {10: 1}}}, time.Hour, Check{"sweep", OK, "the last sweep succeeded at 02:50 UTC", ""}},
		"the last three failed": {
			watch{metrics: values{"Invocations": {5: 1, 20: 1, 35: 1, 50: 1}, "Errors": {5: 1, 20: 1, 35: 1}}},
			time.Hour,
			Check{"sweep", Fail, "the last sweep that succeeded was 50m ago, and one should succeed each 15m; 3 sweeps failed meanwhile", look},
		},
		"none":                     {watch{}, time.Hour, Check{"sweep", Fail, "no sweep has succeeded for 3h", look}},
		"none yet, in a new stack": {watch{}, 10 * time.Minute, Check{"sweep", Warn, "the stack is new and the first sweep has not been yet: one comes each 15m", "run this again then"}},
		"no permission":            {watch{err: denied}, time.Hour, unknown("sweep", "cloudwatch:GetMetricData", denied)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stack := aStack()
			stack.Created = now.Add(-c.age)
			expect(t, Sweep(t.Context(), c.client, stack, "us-east-1", now), c.want)
		})
	}
}

func TestCanary(t *testing.T) {
	t.Parallel()
	const look = "look in its log: aws logs tail canary-log --since 3h --region us-east-1"
	for name, c := range map[string]struct {
		client watch
		off    bool
		age    time.Duration // of the stack
		want   Check
	}{
		"ten minutes ago":          {watch{metrics: values{"CanarySeconds": {10: 34}}}, false, time.Hour, Check{"canary", OK, "a rule was reverted and told in 34s at 02:50 UTC", ""}},
		"an hour ago":              {watch{metrics: values{"CanarySeconds": {60: 34}}}, false, 2 * time.Hour, Check{"canary", Fail, "the last canary that succeeded was 1h ago: changes may be neither reverted nor told", look}},
		"none":                     {watch{}, false, time.Hour, Check{"canary", Fail, "no canary has succeeded for 3h: changes may be neither reverted nor told", look}},
		"none yet, in a new stack": {watch{}, false, time.Minute, Check{"canary", Warn, "the stack is new and the first canary has not succeeded yet", "let one fly: aws lambda invoke --function-name sgwarden-canary --region us-east-1 /dev/stdout"}},
		"off":                      {watch{err: denied}, true, time.Hour, Check{"canary", OK, "off: nothing proves every 15 minutes that changes are reverted and told", "deploy/deploy.sh --canary on"}},
		"no permission":            {watch{err: denied}, false, time.Hour, unknown("canary", "cloudwatch:GetMetricData", denied)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stack := aStack()
			stack.Created = now.Add(-c.age)
			if !c.off {
				stack.Outputs["CanaryFunctionName"], stack.Outputs["CanaryLogGroupName"] = "sgwarden-canary", "canary-log"
			}
			expect(t, Canary(t.Context(), c.client, stack, "us-east-1", now), c.want)
		})
	}
}

func TestAlertQueue(t *testing.T) {
	t.Parallel()
	const young = "no alert has waited for more than 20m to become a mail"
	for name, c := range map[string]struct {
		client watch
		want   Check
	}{
		"nothing waits":            {watch{}, Check{"alert queue", OK, young, ""}},
		"an alert is young":        {watch{metrics: values{"ApproximateAgeOfOldestMessage": {1: 60}}}, Check{"alert queue", OK, young, ""}},
		"an alert is old":          {watch{metrics: values{"ApproximateAgeOfOldestMessage": {1: 1800}}}, Check{"alert queue", Fail, "an alert has waited for 30m to become a mail", "deploy/RUNBOOK.md#alertqueueagealarm"}},
		"an alert was old, before": {watch{metrics: values{"ApproximateAgeOfOldestMessage": {1: 0, 9: 1800}}}, Check{"alert queue", OK, young, ""}},
		"no permission":            {watch{err: denied}, unknown("alert queue", "cloudwatch:GetMetricData", denied)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, AlertQueue(t.Context(), c.client, aStack(), now), c.want)
		})
	}
}

func TestTheStackAndItsMode(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status, mode, tag string
		want              []Check
	}{
		"at rest, and enforcing": {"UPDATE_COMPLETE", "enforce", "", []Check{{"stack", OK, "its state is UPDATE_COMPLETE", ""}, {"mode", OK, "enforce: what is not approved is reverted", ""}}},
		"an update was undone, and only alerts": {"UPDATE_ROLLBACK_COMPLETE", "alert", "x", []Check{
			{"stack", Warn, "its state is UPDATE_ROLLBACK_COMPLETE: the last update failed, and the version before it runs", "deploy/deploy.sh --stack-name b"},
			{"mode", Warn, "alert: nothing is revoked, sgwarden only reports", "deploy/deploy.sh --mode enforce --stack-name b"},
		}},
		"enforcing in some groups": {"CREATE_COMPLETE", "enforce", "yes", []Check{
			{"stack", OK, "its state is CREATE_COMPLETE", ""},
			{"mode", OK, "enforce: what is not approved is reverted in groups with the tag sgwarden=yes, and only reported in others", ""},
		}},
		"being changed, to an unknown mode": {"UPDATE_IN_PROGRESS", "", "", []Check{
			{"stack", Warn, "its state is UPDATE_IN_PROGRESS: it is being changed", "run this again when the change is over"},
			{"mode", Fail, `the stack's parameter Mode is "": want enforce or alert`, "deploy/deploy.sh --mode enforce --stack-name b"},
		}},
		"broken": {"UPDATE_ROLLBACK_FAILED", "enforce", "", []Check{
			{"stack", Fail, "its state is UPDATE_ROLLBACK_FAILED", "aws cloudformation describe-stack-events --stack-name b --region us-east-1"},
			{"mode", OK, "enforce: what is not approved is reverted", ""},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stack := deadletters.Stack{Name: "b", Status: cfn.StackStatus(c.status), Parameters: map[string]string{"Mode": c.mode, "OnlyGroupsTagged": c.tag}}
			expect(t, append(Stack(stack, "us-east-1"), Mode(stack)...), c.want...)
		})
	}
}
