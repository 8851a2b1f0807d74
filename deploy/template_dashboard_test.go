package deploy_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shownMetrics are sgwarden's own metrics that the dashboard may show, by the functions that write them.
var shownMetrics = map[string][]string{
	"remediator": {"Reverted", "Failed", "ExposureSeconds", "HandlerMilliseconds", "LostEvents"},
	"sweeper":    {"Reverted", "Failed", "HandlerMilliseconds", "UnguardedGroups"},
	"notifier":   {"HandlerMilliseconds", "MailsSent", "MailsFailed", "Contention"},
	"canary":     {"CanarySeconds"},
}

// widget is what matters here of a dashboard's widget. Source: CloudWatch API Reference, "Dashboard body structure and
// syntax".
type widget struct {
	Type       string
	Properties struct {
		Markdown, Title, Region, Stat string
		Metrics                       [][]any
	}
}

func widgets(t template) (all []widget, err error) {
	text := target(get(t.resources("AWS::CloudWatch::Dashboard"), "Dashboard", "Properties", "DashboardBody"))
	var body struct{ Widgets []widget }
	err = json.Unmarshal([]byte(filled.Replace(text)), &body)
	return body.Widgets, err
}

// dashboardShowsMetrics: CloudWatch draws an empty graph for a metric that nobody writes, and says nothing.
func dashboardShowsMetrics(t template) (problems []string) {
	all, err := widgets(t)
	if err != nil || len(all) == 0 {
		return []string{fmt.Sprintf("%d widgets, %v", len(all), err)}
	}
	known := map[string]bool{}
	for function, metrics := range shownMetrics {
		for _, metric := range metrics {
			known["sgwarden/${AWS::StackName} "+metric+" function ${AWS::StackName}-"+function] = true
		}
		for _, metric := range []string{"Invocations", "Errors", "Throttles"} {
			known["AWS/Lambda "+metric+" FunctionName ${AWS::StackName}-"+function] = true
		}
	}
	for queue := range t.resources("AWS::SQS::Queue") {
		known["AWS/SQS ApproximateNumberOfMessagesVisible QueueName ${"+queue+".QueueName}"] = true
	}
	for _, w := range all {
		if w.Type == "metric" && (w.Properties.Region != "eu-central-1" || len(w.Properties.Metrics) == 0) {
			problems = append(problems, fmt.Sprintf("%s: region %q, %d metrics", w.Properties.Title, w.Properties.Region, len(w.Properties.Metrics)))
		}
		for _, metric := range w.Properties.Metrics {
			text := strings.Trim(fmt.Sprint(metric[:4]), "[]")
			if !known[text] {
				problems = append(problems, fmt.Sprintf("%s: nobody writes %s", w.Properties.Title, text))
			}
		}
	}
	return problems
}

func TestTheDashboardAnswersThreeQuestions(t *testing.T) {
	t.Parallel()
	parsed := parse(t, read(t, "template.yaml"))
	all, err := widgets(parsed)
	if err != nil {
		t.Fatal(err)
	}
	var questions []string
	stats := map[string]bool{}
	for _, w := range all {
		if w.Type == "text" {
			questions = append(questions, w.Properties.Markdown)
		}
		for _, metric := range w.Properties.Metrics {
			stats[fmt.Sprint(metric[1], " ", w.Properties.Stat, " ", metric[4:])] = true
		}
	}
	if diff := cmp.Diff([]string{"## Is it alive?", "## Does it work?", "## Is it healthy?"}, questions); diff != "" {
		t.Errorf("headings (-want +got):\n%s", diff)
	}
	for _, want := range []string{
		"ExposureSeconds Sum [map[label:p50 stat:p50]]", "ExposureSeconds Sum [map[label:p99 stat:p99]]",
		"Reverted Sum [map[label:reverted, remediator]]", "Failed Sum [map[label:failed, remediator]]",
	} {
		if !stats[want] {
			t.Errorf("no widget shows %s", want)
		}
	}
}

// alarmsNameTheRunbook: who gets an alarm by mail reads its description and nothing else.
func alarmsNameTheRunbook(t template) (problems []string) {
	for name, alarm := range t.resources("AWS::CloudWatch::Alarm") {
		description := target(get(alarm, "Properties", "AlarmDescription"))
		// The anchor of a heading is the heading in lower case, on GitHub and in most renderers of Markdown.
		if want := ". See deploy/RUNBOOK.md#" + strings.ToLower(name); !strings.HasSuffix(description, want) {
			problems = append(problems, fmt.Sprintf("%s: its description does not end in %q", name, want))
		}
		if len(description) > 1024 { // Source: CloudWatch API Reference, PutMetricAlarm
			problems = append(problems, fmt.Sprintf("%s: a description of %d bytes", name, len(description)))
		}
	}
	return problems
}
