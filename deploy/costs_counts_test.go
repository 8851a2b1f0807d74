package deploy_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/trail"
)

// TestTheCountsOfThePageOnCostsAreTheTemplates: a new alarm costs something, and the page has to say so.
func TestTheCountsOfThePageOnCostsAreTheTemplates(t *testing.T) {
	t.Parallel()
	parsed := parse(t, read(t, "template.yaml"))
	always, withCanary := 0, 0
	for _, alarm := range parsed.resources("AWS::CloudWatch::Alarm") {
		switch get(alarm, "Condition") {
		case nil:
			always++
		case "CanaryOn":
			withCanary++
		}
	}
	drawn := 0
	all, err := widgets(parsed)
	for _, w := range all {
		drawn += len(w.Properties.Metrics)
	}
	if err != nil || get(parsed.section("Parameters"), "SweepSchedule", "Default") != "rate(15 minutes)" {
		t.Errorf("the dashboard: %v; the page counts 2,880 sweeps, one each 15 minutes", err)
	}
	page := strings.Join(strings.Fields(read(t, "docs/costs.md")), " ")
	for _, text := range []string{
		fmt.Sprintf("the template has %d alarms, and %d more with the canary", always, withCanary),
		fmt.Sprintf("| CloudWatch, alarms | 0.10 | 1 | %d |", always), fmt.Sprintf("| CloudWatch, alarms | 0.10 | 1 | %d |", withCanary),
		fmt.Sprintf("| CloudWatch, dashboard | 3.00 | 1 | %d |", len(parsed.resources("AWS::CloudWatch::Dashboard"))),
		fmt.Sprintf("| KMS, key | 1.00 | 1 | %d |", len(parsed.resources("AWS::KMS::Key"))),
		fmt.Sprintf("The dashboard draws %d metrics.", drawn),
		fmt.Sprintf("`LogRetentionDays` is %s,", get(parsed.section("Parameters"), "LogRetentionDays", "Default")),
		fmt.Sprintf("collects for %s seconds", get(parsed.section("Parameters"), "MailWaitSeconds", "Default")),
	} {
		if !strings.Contains(page, text) {
			t.Errorf("docs/costs.md does not have %q", text)
		}
	}
	for name, function := range parsed.resources("AWS::Lambda::Function") {
		if size := get(function, "Properties", "MemorySize"); size != "128" {
			t.Errorf("%s has %v MB, and the page counts with 128", name, size)
		}
	}
}

var metricName = regexp.MustCompile(`(?m)^\t(\w+) +Name = "`)

// metricsOnThePage returns the table's row of each function.
func metricsOnThePage(t *testing.T) (rows map[string][]string) {
	t.Helper()
	rows = map[string][]string{}
	for _, table := range markdownTables(read(t, "docs/costs.md")) {
		if !slices.Contains(table.head, "custom metrics") {
			continue
		}
		for _, row := range table.rows {
			rows[row[0]] = row
		}
	}
	return rows
}

// TestTheNumberOfMetricsOnThePageOnCostsIsThatOfTheirNames: each name with each value of its dimensions is paid for.
func TestTheNumberOfMetricsOnThePageOnCostsIsThatOfTheirNames(t *testing.T) {
	t.Parallel()
	const byReason, all, canary = "remediator, by reason", "**all**", "canary, where it is on"
	rows, sum := metricsOnThePage(t), 0
	for name, row := range rows {
		count := len(strings.Split(row[1], ", "))
		switch name {
		case all:
			continue
		case byReason:
			count = len(trail.Causes())
		}
		if row[2] != fmt.Sprint(count) {
			t.Errorf("%s: %s metrics, and there are %d", name, row[2], count)
		}
		if name != canary {
			sum += count
		}
	}
	if rows[all][2] != fmt.Sprint(sum) {
		t.Errorf("%s metrics in all, and there are %d", rows[all][2], sum)
	}
	page := read(t, "docs/costs.md")
	for _, count := range []string{rows[all][2], rows[canary][2]} {
		if text := "| CloudWatch, custom metrics | 0.30 | 1 | " + count + " |"; !strings.Contains(page, text) {
			t.Errorf("docs/costs.md does not have %q", text)
		}
	}
}

func TestTheMetricsOnThePageOnCostsAreThoseThatAreWritten(t *testing.T) {
	t.Parallel()
	rows := metricsOnThePage(t)
	onPage := map[string]bool{}
	for _, row := range rows {
		for name := range strings.SplitSeq(row[1], ", ") {
			onPage[name] = true
		}
	}
	defined := metricName.FindAllStringSubmatch(read(t, "../pkg/metrics/metrics.go"), -1)
	if len(defined) == 0 {
		t.Error("no metric is found in pkg/metrics")
	}
	for _, found := range defined {
		if !onPage[found[1]] {
			t.Errorf("the metric %s is not on the page", found[1])
		}
	}
	var filtered []string
	for _, filter := range parse(t, read(t, "template.yaml")).resources("AWS::Logs::MetricFilter") {
		for _, made := range list(get(filter, "Properties", "MetricTransformations")) {
			filtered = append(filtered, target(get(made, "MetricName")))
		}
	}
	slices.Sort(filtered)
	if diff := cmp.Diff(strings.Join(filtered, ", "), rows["metric filters"][1]); diff != "" {
		t.Errorf("metrics of the template's filters (-) and of the page (+): %s", diff)
	}
}
