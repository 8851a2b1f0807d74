package doctor

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/metrics"
)

const (
	// lookBack is how far back a success is looked for. The longest SweepSchedule is an hour.
	lookBack = 3 * time.Hour
	// metricDelay is how late a metric may be. AWS names no bound; Lambda sends its metrics
	// each minute (Lambda Developer Guide, "Using CloudWatch metrics with Lambda").
	metricDelay = 5 * time.Minute
	// canaryEvery is the template's schedule of the canary.
	canaryEvery = 15 * time.Minute
)

// Sweep checks when the last sweep succeeded. Lambda counts the invocations and the errors of
// a function, both dated at the begin of the invocation, so the success is the last minute
// with more invocations than errors.
func Sweep(ctx context.Context, client Metrics, stack deadletters.Stack, region string, now time.Time) []Check {
	const name = "sweep"
	function := stack.Outputs["SweeperFunctionName"]
	of := func(what string) metric {
		return metric{namespace: "AWS/Lambda", name: what, dimension: "FunctionName", value: function, stat: "Sum"}
	}
	series, err := read(ctx, client, now.Add(-lookBack), now, of("Invocations"), of("Errors"))
	if err != nil {
		return []Check{unknown(name, "cloudwatch:GetMetricData", err)}
	}
	every := interval(stack.Parameters["SweepSchedule"])
	last := lastSuccess(series[0], series[1])
	if last.IsZero() && now.Sub(stack.Created) < every+metricDelay {
		return []Check{{name, Warn, fmt.Sprintf("the stack is new and the first sweep has not been yet: one comes each %s", words.Length(every)), "run this again then"}}
	}
	look := fmt.Sprintf("look in its log: aws logs tail %s --since 3h --region %s", stack.Outputs["SweeperLogGroupName"], region)
	failed := ""
	if n := int(series[1].sum()); n > 0 {
		failed = fmt.Sprintf("; %s failed meanwhile", words.Count(n, "sweep"))
	}
	switch age := now.Sub(last); {
	case last.IsZero():
		return []Check{{name, Fail, fmt.Sprintf("no sweep has succeeded for %s%s", words.Length(lookBack), failed), look}}
	case age > 2*every+metricDelay:
		return []Check{{name, Fail, fmt.Sprintf("the last sweep that succeeded was %s ago, and one should succeed each %s%s", words.Length(age.Round(time.Minute)), words.Length(every), failed), look}}
	default:
		return []Check{passed(name, "the last sweep succeeded at %s", words.Clock(last, now))}
	}
}

// lastSuccess returns the last minute with more invocations than errors; the zero time where
// there is none.
func lastSuccess(invocations, failures points) time.Time {
	failed := map[int64]float64{}
	for _, p := range failures {
		failed[p.at.Unix()] = p.value
	}
	for _, p := range invocations {
		if p.value > failed[p.at.Unix()] {
			return p.at
		}
	}
	return time.Time{}
}

// interval is the time between two sweeps. A schedule that can't be read counts as the
// longest.
func interval(schedule string) time.Duration {
	count, unit, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(schedule, "rate("), ")"), " ")
	n, err := strconv.Atoi(count)
	if err != nil || !strings.HasPrefix(unit, "minute") {
		return time.Hour
	}
	return time.Duration(n) * time.Minute
}

// Canary checks when the last canary succeeded: only then does the canary publish how long it
// took.
func Canary(ctx context.Context, client Metrics, stack deadletters.Stack, region string, now time.Time) []Check {
	const name = "canary"
	function := stack.Outputs["CanaryFunctionName"]
	if function == "" {
		c := passed(name, "off: nothing proves every 15 minutes that changes are reverted and told")
		if !stack.OfStackSet() { // whose stacks can't have a canary
			c.Hint = command(stack, "deploy/deploy.sh --canary on")
		}
		return []Check{c}
	}
	series, err := read(ctx, client, now.Add(-lookBack), now,
		metric{namespace: "sgwarden/" + stack.Name, name: string(metrics.CanarySeconds), dimension: "function", value: function, stat: "Maximum"})
	if err != nil {
		return []Check{unknown(name, "cloudwatch:GetMetricData", err)}
	}
	last, is := series[0].latest()
	age := now.Sub(last.at)
	look := fmt.Sprintf("look in its log: aws logs tail %s --since 3h --region %s", stack.Outputs["CanaryLogGroupName"], region)
	switch {
	case !is && now.Sub(stack.Created) < canaryEvery+metricDelay:
		return []Check{{name, Warn, "the stack is new and the first canary has not succeeded yet", fmt.Sprintf("let one fly: aws lambda invoke --function-name %s --region %s /dev/stdout", function, region)}}
	case !is:
		return []Check{{name, Fail, fmt.Sprintf("no canary has succeeded for %s: changes may be neither reverted nor told", words.Length(lookBack)), look}}
	case age > 2*canaryEvery+metricDelay:
		return []Check{{name, Fail, fmt.Sprintf("the last canary that succeeded was %s ago: changes may be neither reverted nor told", words.Length(age.Round(time.Minute))), look}}
	}
	return []Check{passed(name, "a rule was reverted and told in %s at %s", words.Length(time.Duration(last.value*float64(time.Second))), words.Clock(last.at, now))}
}
