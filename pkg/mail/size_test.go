package mail

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

func manyRules(n int, action alert.Action) alert.Alert {
	a := drift(alert.Reverted)
	for i := range n {
		f := finding(fmt.Sprintf("ingress tcp %d 198.51.100.0/24", 10_001+i), action)
		f.Description = strings.Repeat("d", 255)
		a.Findings = append(a.Findings, f)
	}
	a.Findings[n-1] = finding(ssh, action)
	return a
}

func TestAThousandRulesAreOneMailOfTheWorst25(t *testing.T) {
	t.Parallel()
	m := Render(storyOf(manyRules(1_000, alert.ActionRevoked)))
	checkMail(t, m)
	if got := strings.Count(m.Body, "\n  revoked "); got != 25 {
		t.Errorf("%d rules are listed", got)
	}
	for _, want := range []string{"The worst is tcp 22 open to 0.0.0.0/0", "revoked        " + ssh, "and 975 more rules. The JSON", "sgwarden revoked all 1000 rules"} {
		if !strings.Contains(m.Body, want) {
			t.Errorf("the mail does not say %q:\n%s", want, m.Body[:3_000])
		}
	}
	if !strings.Contains(m.Subject, "and 999 more") {
		t.Errorf("the subject is %s", m.Subject)
	}
	t.Logf("1,000 rules in one group: %d bytes", len(m.Body))
}

func TestNoCommandIsTruncated(t *testing.T) {
	t.Parallel()
	var alerts []alert.Alert
	for i := range 200 {
		a := other(manyRules(25, alert.ActionRevoked), i+1)
		alerts = append(alerts, a)
	}
	s := storyOf(alerts...)
	m := Render(s)
	checkMail(t, m)
	for _, want := range []string{"Left out, because the mail would be too long: ", "and 125 more groups", "service-60 (sg-00000000000000060, vpc-0f1e2d3c4b5a69788): 25 rules"} {
		if !strings.Contains(m.Body, want) {
			t.Errorf("the mail does not say %q", want)
		}
	}
	known := map[string]bool{}
	for _, a := range s.Alerts {
		for _, c := range a.Actions {
			known[c.Command] = true
		}
	}
	complete := 0
	for line := range strings.SplitSeq(m.Body, "\n") {
		if strings.HasPrefix(line, "aws ") {
			if complete++; !known[line] {
				t.Errorf("no command of an alert: %s", line)
			}
		}
	}
	if complete == 0 || complete == len(known) {
		t.Errorf("%d of %d commands are printed", complete, len(known))
	}
	t.Logf("200 groups of 25 rules: %d bytes, %d commands", len(m.Body), complete)
}

func TestCommandsStandAsTheyAre(t *testing.T) {
	t.Parallel()
	s := stories()["partly-reverted"]
	body := Render(s).Body
	if len(s.Alerts[0].Actions) == 0 {
		t.Fatal("the alert has no commands")
	}
	for _, c := range s.Alerts[0].Actions {
		if !strings.Contains(body, ":\n"+c.Command+"\n") {
			t.Errorf("the mail does not have the command %q as it is:\n%s", c.Command, body)
		}
	}
	for _, bad := range []string{"aws\x1b[0m", "aws \u202e", "aws 'a\nHandled: Yes.'", "aws " + strings.Repeat("x", 16_000)} {
		s.Alerts[0].Actions = []alert.Command{{Label: "do", Command: bad}}
		body := Render(s).Body
		if strings.Contains(body, bad) || !strings.Contains(body, "To do:\n  The command does not fit a mail.") {
			t.Errorf("%.20q is printed, or not spoken of", bad)
		}
	}
}

func TestNoRuleOfAGroupStandsTwice(t *testing.T) {
	t.Parallel()
	first := drift(alert.AlreadyGone, finding(ssh, alert.ActionAlreadyGone), finding(proxy, alert.ActionAlreadyGone))
	second := drift(alert.Reverted, finding(proxy, alert.ActionRevoked), finding(ssh, alert.ActionRevoked))
	elsewhere := other(drift(alert.Reverted, finding(ssh, alert.ActionRevoked)), 7)
	body := Render(storyOf(first, second, elsewhere)).Body
	rules, _, _ := strings.Cut(body, "\nDetails\n")
	for text, want := range map[string]int{"revoked        " + ssh: 2, "revoked        " + proxy: 1, "gone           ": 0} {
		if got := strings.Count(rules, text); got != want {
			t.Errorf("%q stands %d times, not %d:\n%s", text, got, want, rules)
		}
	}
	if !strings.Contains(body, "sgwarden revoked all 3 rules") {
		t.Errorf("the count is wrong:\n%s", body[:600])
	}
}

func TestADigestCountsWhatItDoesNotList(t *testing.T) {
	t.Parallel()
	var all []Story
	for i := range 200 {
		a := other(manyRules(10, alert.ActionRevoked), i+1)
		a.Event.ID = fmt.Sprintf("event-%d", i)
		all = append(all, storyOf(a))
	}
	failed := other(drift(alert.Failed, finding(ssh, alert.ActionFailed)), 999)
	all = append(all, storyOf(failed))
	m := Digest(all)
	checkMail(t, m)
	for _, want := range []string{"\n  1. NOT reverted: tcp 22 open to 0.0.0.0/0 on service-999\n", "\n100. ", "and 101 more acts.", "and 1976 more rules", "log group of the notifier and on the alert topic"} {
		if !strings.Contains(m.Body, want) {
			t.Errorf("the digest does not say %q", want)
		}
	}
	if !strings.HasPrefix(m.Subject, "[sgwarden] 201 acts, 1 NOT handled: NOT reverted tcp 22 ") {
		t.Errorf("the subject is %s", m.Subject)
	}
	t.Logf("201 acts, 2,001 rules: %d bytes", len(m.Body))
}
