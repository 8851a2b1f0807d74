package integration

import (
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// TestThePrintedCommandsOfAPrefixListDoWhatTheySay: the list has no document, so that
// sgwarden leaves it alone. Somebody changes the list after the alert was made: a command
// that named the version of then would be refused.
func TestThePrintedCommandsOfAPrefixListDoWhatTheySay(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		finding alert.Finding
		outcome alert.Outcome
		label   string
		live    []string
		want    []string // beside 30.0.0.0/24, which somebody adds meanwhile
	}{
		"close": {
			alert.Finding{Rule: "entry 0.0.0.0/0", Verdict: alert.Violation, Action: alert.ActionFailed},
			alert.Failed, "close",
			[]string{"10.0.0.0/8", "0.0.0.0/0"},
			[]string{"10.0.0.0/8"},
		},
		"put back": {
			alert.Finding{Rule: "entry 20.0.0.0/24", Description: `it's "$HOME"`, Verdict: alert.Violation, Action: alert.ActionRevoked},
			alert.Reverted, "put back",
			[]string{"10.0.0.0/8"},
			[]string{"10.0.0.0/8", "20.0.0.0/24"},
		},
		"put back what is missing": {
			alert.Finding{Rule: "entry 10.0.0.0/8", Verdict: alert.Missing, Action: alert.ActionNone},
			alert.None, "put back what is missing",
			[]string{"40.0.0.0/24"},
			[]string{"10.0.0.0/8", "40.0.0.0/24"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := createList(t, c.live...)
			a := alert.New(alert.Alert{
				Kind: alert.PrefixListKind, Outcome: c.outcome, Account: "123456789012", Region: "us-east-1", PrefixListID: l.id,
				Baseline: alert.Baseline{Parameter: l.parameter(), Version: 1}, Findings: []alert.Finding{c.finding},
			})
			l.add(t, "30.0.0.0/24")
			pasted := false
			for _, action := range a.Actions {
				switch {
				case strings.HasPrefix(action.Label, "look at the entries"):
					if out := paste(t, action.Command); !strings.Contains(out, c.live[0]) {
						t.Errorf("%s: %s", action.Command, out)
					}
				case strings.HasPrefix(action.Label, c.label):
					paste(t, action.Command)
					pasted = true
				}
			}
			if !pasted {
				t.Fatalf("no command is called %q: %+v", c.label, a.Actions)
			}
			l.has(t, append(c.want, "30.0.0.0/24")...)
		})
	}
}
