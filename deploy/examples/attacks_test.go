package examples_test

import (
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/local/reference"
	"github.com/sgwarden/sgwarden/pkg/alert"
)

// attack is a line of attacks.txt: a rule that somebody adds to a group, and whether it stays.
type attack struct {
	stays       bool
	group, rule string // groups are named in the rule
}

// readAttacks reads lines such as "reverted GROUP RULE # why".
func readAttacks(t *testing.T, name string) []attack {
	t.Helper()
	var all []attack
	for line := range strings.Lines(read(t, name)) {
		text, why, explained := strings.Cut(line, "#")
		words := strings.Fields(text)
		if len(words) == 0 {
			continue
		}
		if len(words) != 6 || words[0] != "stays" && words[0] != "reverted" || !explained || strings.TrimSpace(why) == "" {
			t.Fatalf("%s: want stays|reverted GROUP DIRECTION PROTOCOL PORTS PEER # why, not %q", name, line)
		}
		all = append(all, attack{words[0] == "stays", words[1], strings.Join(words[2:], " ")})
	}
	return all
}

// attack does what the file says: first what stays, so that it has to survive what becomes of the rest.
func (s *site) attack(t *testing.T, attacks []attack) {
	t.Helper()
	reverted := map[string]bool{}
	for _, a := range attacks {
		if a.stays {
			s.do(t, a)
			s.rules[a.group] = append(s.rules[a.group], s.rule(t, a.rule))
		}
	}
	for _, a := range attacks {
		if !a.stays {
			waitUntilStable(t) // else the event of the last revoke, sgwarden's own, may be what finds this one
			s.do(t, a)
			s.due = append(s.due, s.reverted(t, a))
			reverted[a.group] = true
		}
	}
	for name := range s.ids {
		if name != unguarded && !reverted[name] {
			t.Errorf("nothing that is to be reverted is tried on %s", name)
		}
	}
}

func (s *site) do(t *testing.T, a attack) {
	t.Helper()
	if s.ids[a.group] == "" {
		t.Fatalf("there is no group %s", a.group)
	}
	if err := reference.Authorize(t.Context(), intruder, s.ids[a.group], s.rule(t, a.rule)); err != nil {
		t.Fatal(err)
	}
}

// reverted is the alert that an intrusion, and nothing else, was reverted.
func (s *site) reverted(t *testing.T, a attack) string {
	t.Helper()
	event := "AuthorizeSecurityGroup" + map[string]string{"in": "Ingress", "eg": "Egress"}[a.rule[:2]]
	return s.alertText(alert.Alert{
		Kind: alert.Drift, Outcome: alert.Reverted, GroupID: s.ids[a.group],
		Actor: &alert.Actor{ARN: "user/mallory"}, Event: alert.Event{Name: event},
		Findings: []alert.Finding{{Verdict: alert.Violation, Action: alert.ActionRevoked, Rule: s.rule(t, a.rule)}},
	})
}
