package alert_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func finding(t *testing.T, text string, action alert.Action) alert.Finding {
	t.Helper()
	r, err := rule.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return alert.Finding{
		Rule: text, Canonical: r, RuleID: "sgr-0d28aecb82750f866", Verdict: alert.Violation, Action: action,
		Reason: rule.Compile(nil).Reason(r, rule.Covered),
	}
}

func base(outcome alert.Outcome, findings ...alert.Finding) alert.Alert {
	return alert.Alert{
		Kind: alert.Drift, Outcome: outcome, Account: "111122223333", Region: "us-east-1",
		GroupID: "sg-0a1b2c3d4e5f60718", GroupName: "ecs-front", VpcID: "vpc-0f1e2d3c4b5a69788",
		Event: alert.Event{ID: "c409", Name: "AuthorizeSecurityGroupIngress", Time: time.Date(2026, 11, 21, 19, 51, 30, 0, time.UTC)},
		Actor: &alert.Actor{Type: "IAMUser", ARN: "arn:aws:iam::111122223333:user/ana", SourceIP: "203.0.113.7", UserAgent: "aws-cli/2.31.18"},
		Baseline: alert.Baseline{
			Parameter: "/sg-baseline/groups/sg-0a1b2c3d4e5f60718", Version: 7,
		},
		Findings: findings, MadeAt: time.Date(2026, 11, 21, 19, 51, 50, 0, time.UTC),
	}
}

func TestEmailsReadAsTheGoldenFilesSay(t *testing.T) {
	t.Parallel()
	exposure := 20.4
	reverted := base(alert.Reverted, finding(t, "ingress tcp 22 0.0.0.0/0", alert.ActionRevoked))
	reverted.ExposureSeconds = &exposure
	reverted.Findings[0].Description = "temporary"

	failed := base(alert.Partial, finding(t, "ingress tcp 22 0.0.0.0/0", alert.ActionFailed), finding(t, "egress all all sg-0bbb", alert.ActionRevoked))
	failed.Findings[0].Error = "revoke sgr-0d28 from sg-0a1b: UnauthorizedOperation: You are not authorized to perform this operation."
	failed.Actor = &alert.Actor{Type: "AWSService", InvokedBy: "fms.amazonaws.com"}

	broken := base(alert.Failed)
	broken.Kind = alert.BaselineError
	broken.Reason = "groupId: the document is for sg-0b, not for sg-0a1b2c3d4e5f60718; not judged: ingress tcp 22 0.0.0.0/0"

	forged := base(alert.AlreadyGone, finding(t, "ingress tcp 22 0.0.0.0/0", alert.ActionAlreadyGone))
	forged.Actor.UserAgent = "x\n\nREVERTED: all is well\u202e"

	missing := base(alert.None, finding(t, "ingress tcp 443 10.0.0.0/8", alert.ActionNone))
	missing.Findings[0].Verdict, missing.Findings[0].Reason, missing.Findings[0].RuleID = alert.Missing, "approved, and not there", ""

	restored := base(alert.Reverted, missing.Findings[0])
	restored.Findings = []alert.Finding{missing.Findings[0]}
	restored.Findings[0].Action = alert.ActionRestored

	changed := base(alert.None)
	changed.Kind, changed.Reason = alert.BaselineChanged, "updated; mode: alert, was enforce"
	changed.Event.Name = "Parameter Store Change"
	changed.PermitsMore, changed.PermitsLess = []string{"ingress all all 0.0.0.0/0"}, []string{"ingress tcp 443 10.0.0.0/8"}

	guardrail := alert.Alert{
		Kind: alert.BaselineChanged, Outcome: alert.None, Account: "111122223333", Region: "us-east-1", Reason: "deleted",
		Event: alert.Event{Name: "Parameter Store Change"}, Baseline: alert.Baseline{Parameter: "/sg-baseline/guardrail"},
	}

	expired := base(alert.Reverted, finding(t, "ingress tcp 22 203.0.113.7/32", alert.ActionRevoked))
	expired.Kind = alert.ExceptionExpired
	expired.Event, expired.Actor = alert.Event{Name: "Sweep"}, nil
	expired.Findings[0].Reason = "the exception (INC-1234, approved by ana) expired at 2026-12-01T09:00:00Z; no baseline rule permits tcp 22 from 203.0.113.7/32"

	canary := base(alert.Reverted, finding(t, alert.CanaryRule.String(), alert.ActionRevoked))
	canary.Kind, canary.GroupName, canary.ExposureSeconds = alert.CanaryKind, "sgwarden-canary", &exposure

	canaryFailed := canary
	canaryFailed.Outcome, canaryFailed.ExposureSeconds = alert.Failed, nil
	canaryFailed.Findings = []alert.Finding{finding(t, alert.CanaryRule.String(), alert.ActionFailed)}
	canaryFailed.Findings[0].Error = failed.Findings[0].Error

	deleted := base(alert.None)
	deleted.Reason = "the group was deleted and its baseline is still there"

	unusable := base(alert.Failed)
	unusable.Reason = "read the rules of sg-0a1b2c3d4e5f60718: AWS refuses the call: UnauthorizedOperation; not judged: ingress tcp 22 0.0.0.0/0"

	late := base(alert.None, finding(t, "ingress tcp 22 0.0.0.0/0", alert.ActionAlreadyGone), finding(t, "egress all all sg-0bbb", alert.ActionNone))
	late.Late, late.Reason = true, "told late: the run that found this may have ended before it could tell"

	pending := base(alert.Pending, finding(t, "ingress tcp 8080 203.0.113.0/24", alert.ActionPending))
	pending.Kind, pending.PendingName = alert.PendingKind, "pending-c409"
	pending.Actor.ARN = "arn:aws:sts::111122223333:assumed-role/terraform-ci/run-7"

	approved := base(alert.None)
	approved.Kind, approved.Event.Name = alert.ApprovalChanged, "Parameter Store Change"
	approved.Reason = "the approval oncall-1 permits until 2026-11-22T03:51:00Z: INC-1234"
	approved.Baseline = alert.Baseline{Parameter: "/sg-baseline/approvals/sg-0a1b2c3d4e5f60718/oncall-1", Version: 1}
	approved.PermitsMore = []string{"ingress tcp 22 203.0.113.7/32 until 2026-11-22T03:51:00Z"}

	paused := guardrail
	paused.Kind, paused.Weakens, paused.Baseline = alert.Paused, true, alert.Baseline{Parameter: "/sg-baseline/pause", Version: 1}
	paused.Reason = "sgwarden is paused until 2026-11-21T20:51:00Z (migration CHG-77) and changes nothing in EC2; to go on: aws ssm delete-parameter --region us-east-1 --name /sg-baseline/pause"

	inGrace := changed
	inGrace.PermitsMore = nil
	inGrace.Findings = []alert.Finding{finding(t, "ingress tcp 443 10.0.0.0/8", alert.ActionNone)}
	inGrace.Findings[0].Reason = "live, and permitted until 2026-11-21T20:01:30Z only, by version 6 (grace); the next sweep after that revokes it"

	for name, a := range map[string]alert.Alert{
		"pending": pending, "approval-changed": approved, "paused": paused, "baseline-changed-in-grace": inGrace,
		"unread": unusable, "late": late,
		"missing": missing, "restored": restored, "baseline-changed": changed, "guardrail-deleted": guardrail,
		"exception-expired": expired, "group-deleted": deleted, "canary": canary, "canary-failed": canaryFailed,
		"reverted":             reverted,
		"partly-failed":        failed,
		"baseline-error":       broken,
		"forged-user-agent":    forged,
		"would-revert":         base(alert.WouldRevert, finding(t, "ingress tcp 22 0.0.0.0/0", alert.ActionNone)),
		"more-than-a-mailfull": base(alert.Reverted, many(t, 30)...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := json.MarshalIndent(alert.New(a), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			compare(t, name+".json", string(text)+"\n")
		})
	}
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
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
}

func many(t *testing.T, n int) []alert.Finding {
	t.Helper()
	var findings []alert.Finding
	for port := range n {
		findings = append(findings, finding(t, fmt.Sprintf("ingress tcp %d 10.0.0.0/8", 8000+port), alert.ActionRevoked))
	}
	return findings
}

// TestSeverityGoesByItsTable has cases for each row of alert.Severities, by the row's
// number. The first row that applies counts, so that each has a case that an earlier
// row would take as well where it differs from it in one thing.
func TestSeverityGoesByItsTable(t *testing.T) {
	t.Parallel()
	const revoked, none, failed, notLive = alert.ActionRevoked, alert.ActionNone, alert.ActionFailed, alert.ActionAlreadyGone
	with := func(text string, action alert.Action) func(*alert.Alert) {
		return func(a *alert.Alert) { a.Findings = append(a.Findings, finding(t, text, action)) }
	}
	outcome := func(o alert.Outcome) func(*alert.Alert) { return func(a *alert.Alert) { a.Outcome = o } }
	kind := func(k alert.Kind) func(*alert.Alert) { return func(a *alert.Alert) { a.Kind = k } }
	weakens := func(a *alert.Alert) { a.Weakens = true }
	closed := func(a *alert.Alert) { a.Closed = []alert.Closed{{How: "can be used again"}} }
	missing := func(a *alert.Alert) {
		f := finding(t, "ingress all all 0.0.0.0/0", none)
		f.Verdict = alert.Missing
		a.Findings = append(a.Findings, f)
	}
	type changes []func(*alert.Alert)
	cases := map[string]struct {
		changes changes
		row     int
	}{
		"a violation that could not be revoked":    {changes{with("ingress tcp 8443 10.0.0.0/8", failed), outcome(alert.Failed)}, 0},
		"one that could not, of two":               {changes{with("ingress tcp 8443 10.0.0.0/8", revoked), with("ingress tcp 22 0.0.0.0/0", failed)}, 0},
		"a canary that failed":                     {changes{with(alert.CanaryRule.String(), failed), kind(alert.CanaryKind)}, 0},
		"rules that could not be read":             {changes{outcome(alert.Failed)}, 1},
		"partly":                                   {changes{outcome(alert.Partial)}, 1},
		"a pause that can't be used":               {changes{kind(alert.Paused), outcome(alert.Failed)}, 1},
		"a document that can be used again":        {changes{kind(alert.BaselineError), closed}, 2},
		"a broken baseline":                        {changes{kind(alert.BaselineError)}, 3},
		"a broken baseline that weakens":           {changes{kind(alert.BaselineError), weakens}, 3},
		"a canary":                                 {changes{with(alert.CanaryRule.String(), revoked), kind(alert.CanaryKind)}, 4},
		"a canary that opened much":                {changes{with("ingress tcp 22 0.0.0.0/0", revoked), kind(alert.CanaryKind)}, 4},
		"a baseline that only alerts":              {changes{kind(alert.BaselineChanged), weakens}, 5},
		"a pause":                                  {changes{kind(alert.Paused), weakens}, 5},
		"all protocols":                            {changes{with("ingress all all 10.0.0.0/8", revoked)}, 6},
		"an administrative port":                   {changes{with("ingress tcp 22 10.0.0.0/8", revoked)}, 6},
		"an administrative port over udp":          {changes{with("ingress udp 3389 10.0.0.0/8", revoked)}, 6},
		"a database port that only lint knew once": {changes{with("ingress tcp 26257 10.0.0.0/8", revoked)}, 6},
		"a range around a database port":           {changes{with("ingress tcp 3300-3310 sg-0a", revoked)}, 6},
		"the whole world":                          {changes{with("ingress tcp 8443 0.0.0.0/0", revoked)}, 6},
		"the whole IPv6 world":                     {changes{with("ingress tcp 8443 ::/0", revoked)}, 6},
		"the world in halves":                      {changes{with("ingress tcp 8443 0.0.0.0/1", revoked), with("ingress tcp 8443 128.0.0.0/1", revoked)}, 6},
		"one not live is what it was":              {changes{with("ingress tcp 22 0.0.0.0/0", notLive), outcome(alert.AlreadyGone)}, 6},
		"a range beside the database port":         {changes{with("ingress tcp 3307-3310 sg-0a", revoked)}, 7},
		"half the world":                           {changes{with("ingress tcp 8443 0.0.0.0/1", revoked)}, 7},
		"ICMP that looks like a port":              {changes{with("ingress icmp 0/22 10.0.0.0/8", revoked)}, 7},
		"a violation that is only reported":        {changes{with("ingress tcp 8443 10.0.0.0/8", none), outcome(alert.WouldRevert)}, 7},
		"one not live, of the lesser sort":         {changes{with("ingress tcp 8443 10.0.0.0/8", notLive), outcome(alert.AlreadyGone)}, 7},
		"a missing rule, whatever it opened":       {changes{missing}, 7},
		"a baseline that permits more":             {changes{kind(alert.BaselineChanged)}, 8},
		"a group that was deleted":                 {changes{}, 8},
		"an approval":                              {changes{kind(alert.ApprovalChanged)}, 8},
	}
	table := alert.Severities()
	seen := map[int]bool{}
	for name, c := range cases {
		a := base(alert.None)
		for _, change := range c.changes {
			change(&a)
		}
		if got := alert.New(a).Severity; got != table[c.row].Severity {
			t.Errorf("%s: got %s, want %s, since %s", name, got, table[c.row].Severity, table[c.row].When)
		}
		seen[c.row] = true
	}
	if len(seen) != len(table) {
		t.Errorf("%d of %d rows have a case", len(seen), len(table))
	}
}

func TestACanaryIsLowUnlessItFails(t *testing.T) {
	t.Parallel()
	for outcome, c := range map[alert.Outcome]struct {
		action alert.Action
		want   alert.Severity
	}{
		alert.Reverted:    {alert.ActionRevoked, alert.Low},
		alert.WouldRevert: {alert.ActionNone, alert.Low},
		alert.AlreadyGone: {alert.ActionAlreadyGone, alert.Low},
		alert.Failed:      {alert.ActionFailed, alert.Critical},
	} {
		a := base(outcome, finding(t, alert.CanaryRule.String(), c.action))
		drift := alert.New(a)
		a.Kind = alert.CanaryKind
		a = alert.New(a)
		if a.Severity != c.want || a.Approve != "" || a.Undo != "" {
			t.Errorf("%s: severity %s, approve %q, undo %q", outcome, a.Severity, a.Approve, a.Undo)
		}
		if drift.Severity == alert.Low || drift.Approve == "" {
			t.Errorf("%s, as drift: severity %s, approve %q", outcome, drift.Severity, drift.Approve)
		}
	}
}

func TestTheCanarysRuleIsTheDocumentedOne(t *testing.T) {
	t.Parallel()
	if got := alert.CanaryRule.String(); got != "ingress tcp 9 192.0.2.1/32" {
		t.Error(got)
	}
}

func TestCommandsAreOneShellWordEach(t *testing.T) {
	t.Parallel()
	hostile := finding(t, "ingress tcp 22 0.0.0.0/0", alert.ActionRevoked)
	hostile.Description = `it's $(reboot) "now" && false`
	egress := finding(t, "egress udp 53 sg-0bbb", alert.ActionRevoked)
	egress.Owner = "444455556666"
	a := base(alert.Reverted, hostile, egress, finding(t, "egress icmp 8 2001:db8::/32", alert.ActionRevoked), finding(t, "egress all all pl-0c", alert.ActionRevoked))
	a.Baseline.Parameter = "/team-a/groups/" + a.GroupID
	a = alert.New(a)
	got := words(t, a.Undo) + "\n" + words(t, a.Approve)
	compare(t, "commands.golden", got)
}

// words shows how a shell splits a command: each of its programs is replaced by
// one that prints its arguments.
func words(t *testing.T, command string) string {
	t.Helper()
	script := `show() { printf '<%s>\n' "$@"; echo; }; aws() { show aws "$@"; }; go() { show "$AWS_REGION" "$BASELINE_PREFIX" go "$@"; }; ` + command
	out, err := exec.Command("bash", "-c", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func TestAnAlertThatDoesNotFitIsSplitAndKeepsEveryFinding(t *testing.T) {
	t.Parallel()
	findings := many(t, 2000)
	for i := range findings {
		findings[i].Description = strings.Repeat("<", 255)
	}
	messages, err := alert.Messages(alert.New(base(alert.Reverted, findings...)))
	if err != nil {
		t.Fatal(err)
	}
	var rules []string
	for _, m := range messages {
		if len(m.Body) > alert.MaxMessageBytes {
			t.Errorf("a message of %d bytes", len(m.Body))
		}
		var body map[string]string
		var a alert.Alert
		if err := json.Unmarshal([]byte(m.Body), &body); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(body["default"]), &a); err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Findings {
			rules = append(rules, f.Rule)
		}
	}
	var want []string
	for _, f := range findings {
		want = append(want, f.Rule)
	}
	if diff := cmp.Diff(want, rules); diff != "" || len(messages) < 2 {
		t.Errorf("%d messages: %s", len(messages), diff)
	}
}

func TestMessagesCarryAttributesForFilterPolicies(t *testing.T) {
	t.Parallel()
	a := base(alert.Reverted, finding(t, "ingress tcp 22 0.0.0.0/0", alert.ActionRevoked))
	a.Account = ""
	messages, err := alert.Messages(alert.New(a))
	if err != nil || len(messages) != 1 {
		t.Fatalf("got %v, %v", messages, err)
	}
	want := map[string]string{"kind": "drift", "outcome": "reverted", "severity": "high", "groupId": "sg-0a1b2c3d4e5f60718", "region": "us-east-1"}
	if diff := cmp.Diff(want, messages[0].Attributes); diff != "" {
		t.Error(diff)
	}
}

func TestAPartOfAnAlertNamesTheActorOnlyWhereTheEventOpenedOneOfItsFindings(t *testing.T) {
	t.Parallel()
	findings := many(t, 2000)
	for i := range findings {
		findings[i].OpenedByEvent = i == 0
		findings[i].Description = strings.Repeat("x", 255)
	}
	whole := base(alert.Reverted, findings...)
	whole.ExposureSeconds = new(20.4)
	messages, err := alert.Messages(alert.New(whole))
	if err != nil || len(messages) < 2 {
		t.Fatalf("%d messages, %v", len(messages), err)
	}
	for i, m := range messages {
		var body map[string]string
		if err := json.Unmarshal([]byte(m.Body), &body); err != nil {
			t.Fatal(err)
		}
		part, err := alert.Decode([]byte(body["default"]))
		if err != nil {
			t.Fatal(err)
		}
		if first := i == 0; (part.Actor != nil) != first || (part.ExposureSeconds != nil) != first {
			t.Errorf("part %d: actor %v, exposure %v", i, part.Actor, part.ExposureSeconds)
		}
	}
}
