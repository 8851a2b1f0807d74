package deploy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/sweep"
)

// counted are the lines that mean trouble, by the metric filter that counts them: who logs the line, its message, and for
// how many seconds its alarm stays on. The alarm on short sweeps stays on until the next sweep, an hour later at most.
var counted = map[string]struct{ function, message, stays string }{
	"LostEventsFilter":  {"RemediatorFunction", "no group can be found", "60"},
	"ShortSweepsFilter": {"SweeperFunction", "the sweep ran out of time", "3600"},
}

// linesAreCounted wants, for each line that means trouble, a filter on the function's log and an alarm on the first.
func linesAreCounted(t template) (problems []string) {
	filters := t.resources("AWS::Logs::MetricFilter")
	if diff := cmp.Diff(slices.Sorted(maps.Keys(counted)), slices.Sorted(maps.Keys(filters))); diff != "" {
		problems = append(problems, "metric filters (-want +got):\n"+diff)
	}
	for name, want := range counted {
		filter := filters[name]
		group := target(get(filter, "Properties", "LogGroupName"))
		if logged := target(get(t.resources("AWS::Lambda::Function")[want.function], "Properties", "LoggingConfig", "LogGroup")); group != logged {
			problems = append(problems, fmt.Sprintf("%s: log group %s is not that of %s, %s", name, group, want.function, logged))
		}
		if got := get(filter, "Properties", "FilterPattern"); got != fmt.Sprintf("{ $.msg = %q }", want.message) {
			problems = append(problems, fmt.Sprintf("%s: %v does not match message %q", name, got, want.message))
		}
		for _, metric := range list(get(filter, "Properties", "MetricTransformations")) {
			if get(metric, "MetricValue") != "1" || !strings.Contains(target(get(metric, "MetricNamespace")), "${AWS::StackName}") {
				problems = append(problems, name+": does not count the events of this stack")
			}
			if !countHasAlarm(t, metric, want.stays) {
				problems = append(problems, fmt.Sprintf("%s: no alarm goes off when %v > 0", name, get(metric, "MetricName")))
			}
		}
	}
	return problems
}

func countHasAlarm(t template, metric any, stays string) bool {
	for _, alarm := range t.resources("AWS::CloudWatch::Alarm") {
		properties := get(alarm, "Properties")
		if get(properties, "MetricName") == get(metric, "MetricName") && target(get(properties, "Namespace")) == target(get(metric, "MetricNamespace")) &&
			get(properties, "Dimensions") == nil && get(properties, "Statistic") == "Sum" && get(properties, "Period") == stays && goesOffAtOnce(properties) {
			return true
		}
	}
	return false
}

func TestTheMetricFilterMatchesTheLineThatAShortSweepLogs(t *testing.T) {
	t.Parallel()
	filter := parse(t, read(t, "template.yaml")).resources("AWS::Logs::MetricFilter")["ShortSweepsFilter"]
	want := fmt.Sprintf("{ $.msg = %q }", sweep.OutOfTime)
	if got := get(filter, "Properties", "FilterPattern"); got != want {
		t.Errorf("the filter is %v, the line %v", got, want)
	}
}

func TestTheMetricFilterMatchesTheLineThatTheRemediatorLogs(t *testing.T) {
	t.Parallel()
	filter := parse(t, read(t, "template.yaml")).resources("AWS::Logs::MetricFilter")["LostEventsFilter"]
	for sample, lost := range map[string]bool{
		"authorize-ingress-omitted-parameters": true,
		"delete-group-by-name":                 true,
		"authorize-ingress-failed":             false,
		"foreign-run-instances":                false,
	} {
		var lines bytes.Buffer
		remediator := remediate.Remediator{Log: slog.New(slog.NewJSONHandler(&lines, nil))}
		if _, err := remediator.Handle(t.Context(), events.MustRead(sample)); err != nil {
			t.Fatalf("%s: %v", sample, err)
		}
		var line struct{ Msg string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%s: the log is not one line of JSON: %v: %s", sample, err, &lines)
		}
		want := fmt.Sprintf("{ $.msg = %q }", line.Msg)
		if got := get(filter, "Properties", "FilterPattern"); (got == want) != lost {
			t.Errorf("%s: the line has msg %q, the filter is %v; counted %t, want %t", sample, line.Msg, got, got == want, lost)
		}
	}
}
