package mail

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

var hostile = []string{
	"x\nHandled:        Yes. All is well.", "a\r\n\r\nWho did it: nobody", "\u202egnp.exe", "`id`", "$(reboot)", "'\"<script>alert(1)</script>", "\x00\x1b[31m",
	"<!channel> <@U123> @here @channel", "[click](https://evil.example)", "<https://evil.example|console>", "*bold* _it_ ~no~ ```code```",
	strings.Repeat("ä", 127) + "x", strings.Repeat("\n", 255), strings.Repeat("&", 255), "\xff\xfe", "   Handled: Yes.", "\u2028What to do now: nothing", "Handled:",
}

// poisoned is a story with a text in every field that an attacker could choose.
func poisoned(text string) Story {
	f := finding(ssh, alert.ActionFailed)
	f.Description, f.Error, f.RuleID, f.Reason = text, text, text, text
	noAlert := alert.Finding{Rule: text, Verdict: alert.Violation, Action: alert.ActionNone, Description: text, Reason: text}
	peer := finding(alb, alert.ActionRevoked)
	peer.Description = text
	a := drift(alert.Partial, f, noAlert, peer)
	a.GroupName, a.GroupID, a.VpcID, a.Account, a.Region = text, text, text, text, text
	a.Peers = map[string]string{"sg-0bbbbbbbbbbbbbbb2": text}
	a.Actor = &alert.Actor{Type: text, ARN: "arn:aws:sts::1:assumed-role/" + text + "/" + text, SourceIP: text, UserAgent: text, InvokedBy: text, SourceIdentity: text}
	a.Event = alert.Event{ID: text, Name: text}
	a.Baseline.Parameter = "/sg-baseline/groups/" + text
	a.Reason, a.PermitsMore, a.PermitsLess = text, []string{text}, []string{text}
	a.Closed = []alert.Closed{{How: text, Rule: text, Verdict: alert.Verdict(text), Since: at}, {How: text}}
	a.MadeAt = at
	s := storyOf(a)
	s.Alerts[0].Actions = append(s.Alerts[0].Actions, alert.Command{Label: text, Command: "aws ec2 " + text})
	return s
}

// poisonedStories have the text in each kind of alert, and as a kind.
func poisonedStories(text string) []Story {
	s := poisoned(text)
	all := []Story{s}
	for _, kind := range []alert.Kind{alert.Kind(text), alert.BaselineChanged, alert.ApprovalChanged, alert.BaselineError, alert.Paused, alert.PendingKind, alert.ExceptionExpired} {
		a := s.Alerts[0]
		a.Kind, a.Outcome, a.Findings = kind, alert.None, nil
		all = append(all, Story{Alerts: []alert.Alert{a}}, Story{Alerts: []alert.Alert{s.Alerts[0], a}})
		a.Closed, a.GroupID, a.GroupName, a.Actor = nil, "", "", &alert.Actor{ARN: text}
		all = append(all, Story{Alerts: []alert.Alert{a}})
	}
	return all
}

func contention(text string) Contention {
	return Contention{Account: text, Region: text, GroupID: text, GroupName: text, Reverts: 6, Within: 30 * time.Minute, Principals: []string{text, "arn:aws:iam::1:user/" + text}, Rules: []string{text}}
}

// checkMail checks what holds for every mail.
func checkMail(t *testing.T, m Mail) {
	t.Helper()
	checkSubject(t, m.Subject)
	if len(m.Body) > maxBody {
		t.Errorf("the body has %d bytes", len(m.Body))
	}
	for _, c := range m.Body {
		if c != '\n' && !unicode.IsPrint(c) {
			t.Fatalf("the body has %q", c)
		}
	}
	lines := strings.Split(m.Body, "\n")
	for i, label := range labels {
		if len(lines) < 5 || !strings.HasPrefix(lines[i], label) || len(strings.TrimSpace(strings.TrimPrefix(lines[i], label))) == 0 {
			t.Fatalf("line %d is not %q and a text:\n%s", i+1, label, m.Body)
		}
	}
	if lines[4] != "" {
		t.Errorf("the fifth line is %q", lines[4])
	}
	for i, l := range lines[4:] {
		if isForged(l) {
			t.Errorf("line %d is forged: %q", i+5, l)
		}
	}
}

func checkAll(t *testing.T, text string) {
	t.Helper()
	stories := poisonedStories(text)
	for _, s := range stories {
		m := Render(s)
		checkMail(t, m)
		if again := Render(s); again != m {
			t.Error("the same story gives two mails")
		}
		checkCard(t, Card(s))
	}
	digest := Digest(stories)
	checkMail(t, digest)
	if again := Digest(stories); again != digest {
		t.Error("the same stories give two digests")
	}
	checkCard(t, DigestCard(stories))
	checkMail(t, RenderContention(contention(text)))
}

func TestHostileNamesForgeNothing(t *testing.T) {
	t.Parallel()
	for i, text := range hostile {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			checkAll(t, text)
		})
	}
}

// The twin of the tests above: the checks do find a forged line.
func TestAForgedLineIsFound(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"Handled: Yes.": true, "  handled: Yes.": true, "What to do now: nothing": true, "WHO DID IT:": true, "> Handled: Yes.": false, "Security group Handled:": false,
	} {
		if got := isForged(line); got != want {
			t.Errorf("%q: got %v", line, got)
		}
	}
}

func FuzzMails(f *testing.F) {
	for _, text := range hostile {
		f.Add(text, uint(len(text)))
	}
	f.Fuzz(func(t *testing.T, text string, which uint) {
		stories := poisonedStories(text)
		s := stories[which%uint(len(stories))]
		m := Render(s)
		checkMail(t, m)
		if Render(s) != m {
			t.Error("the same story gives two mails")
		}
		checkMail(t, Digest([]Story{s}))
		checkMail(t, RenderContention(contention(text)))
		checkCard(t, Card(s))
	})
}

func TestAStoryOfAlmostNothingIsAMail(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]Story{
		"no alert": {}, "an empty alert": {Alerts: []alert.Alert{{}}},
		"an actor without anything": storyOf(withActor(drift(alert.Reverted, finding(ssh, alert.ActionRevoked)), alert.Actor{})),
		"an empty closing":          storyOf(alert.Alert{Outcome: alert.None, Closed: []alert.Closed{{}}}),
		"an empty finding":          {Alerts: []alert.Alert{{Findings: []alert.Finding{{}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkMail(t, Render(s))
			checkCard(t, Card(s))
		})
	}
	checkMail(t, Digest(nil))
	checkCard(t, DigestCard(nil))
	checkMail(t, RenderContention(Contention{}))
}
