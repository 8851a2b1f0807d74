package metrics_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/canary"
	"github.com/sgwarden/sgwarden/pkg/metrics"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/sweep"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var began = time.Date(2026, 11, 21, 19, 51, 50, 0, time.UTC)

// written is the line of an invocation that took 412.5 ms.
func written(t *testing.T, function string, failure error, set func(*metrics.Line)) string {
	t.Helper()
	ctx, line := metrics.Begin(context.Background(), function, "8f5a", began)
	if metrics.From(ctx) != line {
		t.Fatal("the line is not in its context")
	}
	set(line)
	var out bytes.Buffer
	if err := metrics.NewLog("sgwarden", &out).Write(line, began.Add(412500*time.Microsecond), failure); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var subject = remediate.Subject{
	EventID: "e-1", EventName: "AuthorizeSecurityGroupIngress", GroupID: "sg-0a1b2c3d4e5f60718",
	ActorARN: "arn:aws:sts::111122223333:assumed-role/ops/ana",
}

func finding(action alert.Action, verdict alert.Verdict, text string) alert.Finding {
	return alert.Finding{Rule: text, RuleID: "sgr-1", Verdict: verdict, Action: action, OpenedByEvent: true}
}

func result(kind alert.Kind, outcome alert.Outcome, findings ...alert.Finding) remediate.Result {
	return remediate.Result{Subject: subject, Alert: &alert.Alert{
		ID: "a1", Kind: kind, Outcome: outcome, Severity: "high", GroupID: subject.GroupID, Findings: findings,
	}}
}

func exposed(r remediate.Result, seconds float64) remediate.Result {
	r.Alert.ExposureSeconds = &seconds
	return r
}

var lines = map[string]struct {
	function string
	failure  error
	set      func(*metrics.Line)
}{
	"reverted": {"remediator", nil, func(l *metrics.Line) {
		first, second := l.Calls.Began(), l.Calls.Began()
		first()
		second()
		l.Calls.Began()()
		l.Result(exposed(result(alert.Drift, alert.Reverted,
			finding(alert.ActionRevoked, alert.Violation, "ingress tcp 22 0.0.0.0/0"),
			finding(alert.ActionRevoked, alert.Violation, "ingress tcp 23 0.0.0.0/0"),
			finding(alert.ActionRestored, alert.Missing, "ingress tcp 443 10.0.0.0/8")), 20.4))
	}},
	"failed": {"remediator", errors.New("revoke: denied"), func(l *metrics.Line) {
		l.Result(result(alert.Drift, alert.Failed, finding(alert.ActionFailed, alert.Violation, "ingress tcp 22 0.0.0.0/0")))
	}},
	"ignored": {"remediator", nil, func(l *metrics.Line) {
		l.Result(remediate.Result{Subject: subject, Cause: trail.FailedCall, Reason: "the call failed with Client.UnauthorizedOperation and changed nothing"})
	}},
	"lost": {"remediator", nil, func(l *metrics.Line) {
		l.Result(remediate.Result{Subject: remediate.Subject{EventID: "e-2", EventName: "RevokeSecurityGroupIngress"}, Cause: trail.UnknownGroup, Reason: "it does not say which"})
	}},
	"unreadable": {"remediator", nil, func(l *metrics.Line) { l.Result(result(alert.BaselineError, alert.Failed)) }},
	"canary-alert": {"remediator", nil, func(l *metrics.Line) {
		l.Result(exposed(result(alert.CanaryKind, alert.Reverted, finding(alert.ActionRevoked, alert.Violation, alert.CanaryRule.String())), 4))
	}},
	"sweep": {"sweeper", nil, func(l *metrics.Line) {
		l.Swept(result(alert.Drift, alert.Reverted, finding(alert.ActionRevoked, alert.Violation, "ingress tcp 22 0.0.0.0/0")))
		l.Swept(result(alert.Drift, alert.WouldRevert, finding(alert.ActionNone, alert.Violation, "ingress tcp 22 0.0.0.0/0")))
		l.Swept(result(alert.ExceptionExpired, alert.Reverted, finding(alert.ActionRevoked, alert.Violation, "ingress tcp 22 0.0.0.0/0")))
		l.Swept(result(alert.BaselineError, alert.Failed))
		l.Summary(sweep.Summary{Outcome: alert.Failed, Reason: "swept", Groups: 5, Rules: 9, Baselines: 4, Unguarded: new(1), Foreign: 2, Drifting: 4})
	}},
	"quiet-sweep": {"sweeper", nil, func(l *metrics.Line) {
		l.Summary(sweep.Summary{Outcome: alert.None, Reason: "swept", Unguarded: new(0)})
	}},
	"canary": {"canary", nil, func(l *metrics.Line) {
		l.Canary(canary.Result{Outcome: alert.Reverted, RuleID: "sgr-0c", Seconds: 7.25})
	}},
	"notifier": {"notifier", nil, func(l *metrics.Line) {
		l.Set("alerts", 12)
		l.Add(metrics.MailsSent, 2)
		l.Add(metrics.MailsFailed, 0)
		l.Add(metrics.Contention, 1)
	}},
}

func TestEachKindOfLineIsAsItsGoldenFileSays(t *testing.T) {
	t.Parallel()
	for name, c := range lines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := written(t, c.function, c.failure, c.set)
			file := "testdata/" + name + ".json"
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			golden, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(golden), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHostileTextForgesNoLineAndStaysShort(t *testing.T) {
	t.Parallel()
	hostile := "x\"},\n{\"msg\":\"invocation\",\"_aws\":1} \u2028\u202e\x00\x1b[0m\xff<b>$(id)`id`" + strings.Repeat("ä", 100_000)
	r := result(alert.Drift, alert.Failed)
	r.Subject = remediate.Subject{EventID: hostile, EventName: hostile, GroupID: hostile, ActorARN: hostile}
	r.Alert.Reason = hostile
	for range 2000 {
		r.Alert.Findings = append(r.Alert.Findings, finding(alert.ActionFailed, alert.Violation, hostile))
	}
	got := written(t, "remediator", errors.New(hostile), func(l *metrics.Line) { l.Result(r) })
	if n := strings.Count(got, "\n"); n != 1 || !strings.HasSuffix(got, "\n") || strings.ContainsAny(got, "\u2028\x00\x1b") {
		t.Errorf("%d lines: %q", n, got[:200])
	}
	if len(got) > 64<<10 {
		t.Errorf("%d bytes", len(got))
	}
	members := check(t, got)
	if members["Failed"] != json.Number("2000") || members["function"] != "remediator" {
		t.Errorf("got %v failed of %v", members["Failed"], members["function"])
	}
}

func TestALineThatIsNotThereTakesAnything(t *testing.T) {
	t.Parallel()
	l := metrics.From(context.Background())
	l.Set("a", "b")
	l.Add(metrics.Failed, 1)
	l.Ignore(trail.Permitted, "")
	l.Result(result(alert.Drift, alert.Reverted))
	l.Swept(result(alert.Drift, alert.Reverted))
	l.Summary(sweep.Summary{})
	l.Canary(canary.Result{})
	if l != nil {
		t.Error("there is a line")
	}
}
