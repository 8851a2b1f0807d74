package alert_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// hostile is what an attacker may write wherever AWS takes any text, and more than AWS
// takes.
const hostile = "--help 'q' \"$(touch pwned)\" `touch pwned`; touch pwned & !! * ? [a] ~ =ls {{x}} \u202e<b>\U0001F600\n\r\x1b[201~\x00 file:///etc/passwd"

// about makes an alert about a document.
func about(kind alert.Kind, name string, version int64) alert.Alert {
	a := base(alert.None)
	a.Kind, a.Baseline = kind, alert.Baseline{Parameter: "/sg-baseline/" + name, Version: version}
	return a
}

// everyKind has an alert of each kind and of each way that its actions differ.
func everyKind(t *testing.T) map[string]alert.Alert {
	t.Helper()
	const group = "sg-0a1b2c3d4e5f60718"
	with := func(a alert.Alert, change func(*alert.Alert)) alert.Alert {
		change(&a)
		return a
	}
	kind := func(k alert.Kind) func(*alert.Alert) { return func(a *alert.Alert) { a.Kind = k } }
	broken := func(a *alert.Alert) { a.Broken, a.Outcome = true, alert.Failed }
	missing := finding(t, "ingress tcp 443 10.0.0.0/8", alert.ActionNone)
	missing.Verdict, missing.RuleID = alert.Missing, ""
	reverted := base(alert.Reverted, finding(t, "ingress tcp 22 0.0.0.0/0", alert.ActionRevoked))
	failed := base(alert.Partial, finding(t, "ingress tcp 22 0.0.0.0/0", alert.ActionFailed), finding(t, "egress all all sg-0bbb", alert.ActionRevoked))
	pending := base(alert.Pending, finding(t, "ingress tcp 8080 203.0.113.0/24", alert.ActionPending))
	return map[string]alert.Alert{
		"reverted":               reverted,
		"partly-failed":          failed,
		"late":                   with(failed, func(a *alert.Alert) { a.Late = true }),
		"would-revert":           base(alert.WouldRevert, finding(t, "ingress tcp 22 0.0.0.0/0", alert.ActionNone)),
		"missing":                base(alert.None, missing),
		"missing-restore-off":    with(base(alert.None, missing), func(a *alert.Alert) { a.RestoreOff = true }),
		"closed":                 with(base(alert.None), func(a *alert.Alert) { a.Closed = []alert.Closed{{How: "permitted now", Rule: missing.Rule}} }),
		"guardrail":              with(reverted, func(a *alert.Alert) { a.Kind, a.Baseline.Parameter = alert.GuardrailKind, "/sg-baseline/guardrail" }),
		"exception-expired":      with(reverted, kind(alert.ExceptionExpired)),
		"pending":                with(pending, func(a *alert.Alert) { a.Kind, a.PendingName = alert.PendingKind, "pending-c409" }),
		"group-deleted":          with(base(alert.None), func(a *alert.Alert) { a.Reason = "the group was deleted and its baseline is still there" }),
		"canary":                 with(reverted, kind(alert.CanaryKind)),
		"canary-failed":          with(failed, kind(alert.CanaryKind)),
		"baseline-changed":       about(alert.BaselineChanged, "groups/"+group, 7),
		"baseline-created":       about(alert.BaselineChanged, "groups/"+group, 1),
		"baseline-deleted":       about(alert.BaselineChanged, "groups/"+group, 0),
		"guardrail-changed":      with(about(alert.BaselineChanged, "guardrail", 7), func(a *alert.Alert) { a.GroupID = "" }),
		"guardrail-deleted":      with(about(alert.BaselineChanged, "guardrail", 0), func(a *alert.Alert) { a.GroupID = "" }),
		"trust-created":          with(about(alert.BaselineChanged, "trust", 1), func(a *alert.Alert) { a.GroupID = "" }),
		"baseline-broken":        with(about(alert.BaselineError, "groups/"+group, 7), broken),
		"baseline-broken-first":  with(about(alert.BaselineError, "groups/"+group, 1), broken),
		"baseline-of-no-group":   with(about(alert.BaselineError, "groups/web", 0), func(a *alert.Alert) { broken(a); a.GroupID = "web" }),
		"baseline-unreadable":    with(about(alert.BaselineError, "groups/"+group, 7), func(a *alert.Alert) { a.Outcome = alert.Failed }),
		"approval-broken":        with(about(alert.BaselineError, "approvals/"+group+"/oncall-1", 1), broken),
		"approval-written":       with(about(alert.ApprovalChanged, "approvals/"+group+"/oncall-1", 1), func(a *alert.Alert) { a.PermitsMore = []string{"x"} }),
		"approval-changed":       about(alert.ApprovalChanged, "approvals/"+group+"/oncall-1", 2),
		"approval-withdrawn":     about(alert.ApprovalChanged, "approvals/"+group+"/oncall-1", 0),
		"paused":                 with(about(alert.Paused, "pause", 1), func(a *alert.Alert) { a.Weakens, a.GroupID = true, "" }),
		"pause-over":             with(about(alert.Paused, "pause", 0), func(a *alert.Alert) { a.GroupID = "" }),
		"pause-broken":           with(about(alert.Paused, "pause", 1), func(a *alert.Alert) { broken(a); a.GroupID = "" }),
		"rules-unreadable":       base(alert.Failed),
		"nothing-but-an-event":   {Kind: alert.BaselineError, Region: "us-east-1", Event: alert.Event{ID: "c409"}},
		"more-than-one-approval": base(alert.Reverted, many(t, 51)...),
	}
}

func TestEveryAlertEndsInAnAction(t *testing.T) {
	t.Parallel()
	for name, a := range everyKind(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := alert.New(a)
			var text strings.Builder
			for _, action := range a.Actions {
				fmt.Fprintf(&text, "%s:\n  %s\n", action.Label, action.Command)
			}
			for _, command := range alert.ForGood(a) {
				fmt.Fprintf(&text, "for good:\n  %s\n", command)
			}
			if len(a.Actions) == 0 {
				t.Error("there is no action")
			}
			compare(t, "actions/"+name+".golden", text.String())
		})
	}
}

// made hostile puts hostile text wherever an alert takes any.
func madeHostile(a alert.Alert) alert.Alert {
	a.GroupName, a.VpcID, a.Reason, a.Event.Name = hostile, hostile, a.Reason+hostile, hostile
	a.Event.ID += "$(touch pwned)"
	a.Peers = map[string]string{hostile: hostile}
	a.Actor = &alert.Actor{Type: hostile, ARN: hostile, SourceIP: hostile, UserAgent: hostile, InvokedBy: hostile, SourceIdentity: hostile}
	findings := make([]alert.Finding, len(a.Findings))
	copy(findings, a.Findings)
	for i := range findings {
		findings[i].Description, findings[i].Reason, findings[i].Error, findings[i].Owner = hostile, hostile, hostile, hostile
	}
	a.Findings = findings
	return a
}

// allCommands are all that an alert offers to paste.
func allCommands(a alert.Alert) []string {
	commands := alert.ForGood(a)
	for _, action := range a.Actions {
		commands = append(commands, action.Command)
	}
	for _, command := range []string{a.Approve, a.Undo} {
		if command != "" {
			commands = append(commands, command)
		}
	}
	return commands
}

func TestHostileNamesAreLettersInCommands(t *testing.T) {
	t.Parallel()
	for name, a := range everyKind(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, command := range allCommands(alert.New(madeHostile(a))) {
				for _, c := range command {
					if c < ' ' || c > '~' {
						t.Fatalf("%q in %s", c, command)
					}
				}
				if trap := outside(command); trap != "" {
					t.Errorf("%s stands without quotes in %s", trap, command)
				}
			}
		})
	}
}

// outside returns a character without quotes that bash or zsh takes for more than a
// letter, and that no command of sgwarden's has use for: a pattern, the history, a path
// of a command (=ls), a home directory, a job.
func outside(command string) string {
	// The few that are meant: see restorePrevious.
	command = strings.NewReplacer("case $v in '{'*) ", "", "; *) echo ", "; echo ").Replace(command)
	var quote rune
	previous := ' '
	for i, c := range command {
		switch {
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case quote == '"' && previous == '\\':
		case quote != 0 && c == quote:
			quote = 0
		case quote == '\'':
		case quote == '"' && (c == '`' || c == '!' || c == '$' && !strings.HasPrefix(command[i:], "$v\"") && !strings.HasPrefix(command[i:], "$k\"") && !strings.HasPrefix(command[i:], `$u\"`)):
			return string(c)
		case quote == 0 && strings.ContainsRune("*?[]!~^#`<", c), quote == 0 && previous == ' ' && c == '=':
			return string(c)
		}
		previous = c
	}
	if quote != 0 {
		return "an open quote"
	}
	return ""
}

func TestATrapIsSeenOutsideQuotesOnly(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{
		`aws --query 'a[?b==` + "`1`" + `]'`: "", `aws --query a[0]`: "[", `aws "!x"`: "!", `aws '!x'`: "", `aws =ls`: "=", `aws --a=b`: "",
		`aws "$(x)"`: "$", `aws 'it'\''s'`: "an open quote", `aws "`: "an open quote",
	} {
		if got := outside(command); got != want {
			t.Errorf("%s: got %q, want %q", command, got, want)
		}
	}
}

// TestCommandsAreThoseOfTheAWSCLI has bash read every command, with programs
// instead of those that it names, which print their words.
func TestCommandsAreThoseOfTheAWSCLI(t *testing.T) {
	t.Parallel()
	const programs = `set -u; PATH=; aws() { printf '%s %s %s\n' aws "$1" "$2" >&2; printf '{'; }; date() { printf 2026; }; `
	for name, a := range everyKind(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, action := range alert.New(madeHostile(a)).Actions {
				run := exec.Command("bash", "-c", programs+action.Command)
				run.Dir = t.TempDir()
				out, err := run.CombinedOutput()
				if err != nil || strings.Contains(string(out), "pwned") {
					t.Errorf("%s: %v: %s", action.Command, err, out)
				}
			}
		})
	}
}

func TestAnAlertOfAThousandFindingsIsSplitIntoAlertsWithActionsOfTheirOwn(t *testing.T) {
	t.Parallel()
	findings := many(t, 1000)
	for i := range findings {
		findings[i].Description = strings.Repeat("\u202e", 85) // 255 bytes
	}
	messages, err := alert.Messages(alert.New(base(alert.Reverted, findings...)))
	if err != nil {
		t.Fatal(err)
	}
	var rules, put []string
	for _, m := range messages {
		size := len(m.Body)
		for name, value := range m.Attributes {
			size += len(name) + len("String") + len(value)
		}
		if size > alert.MaxMessageBytes {
			t.Errorf("a message of %d bytes", size)
		}
		var body struct{ Default string }
		if err := json.Unmarshal([]byte(m.Body), &body); err != nil {
			t.Fatal(err)
		}
		part, err := alert.Decode([]byte(body.Default))
		if err != nil {
			t.Fatal(err)
		}
		if part.ID != alert.New(part).ID || len(part.Actions) == 0 {
			t.Errorf("a part with id %s and %d actions", part.ID, len(part.Actions))
		}
		for _, f := range part.Findings {
			rules = append(rules, f.Rule)
			if !strings.Contains(part.Approve, `"`+f.Rule+`"`) {
				put = append(put, f.Rule)
			}
		}
	}
	var want []string
	for _, f := range findings {
		want = append(want, f.Rule)
	}
	if diff := cmp.Diff(want, rules); diff != "" || len(put) > 0 || len(messages) < 2 {
		t.Errorf("%d messages; not in their part's commands: %v; %s", len(messages), put, diff)
	}
}
