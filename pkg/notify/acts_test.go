package notify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// TestWhatAMailSaysOfARule says what people read of rules that stand in several alerts of a
// batch: who, what was done, and which rule.
func TestWhatAMailSaysOfARule(t *testing.T) {
	t.Parallel()
	later := func(p *people, alerts func() alert.Alert) alert.Alert {
		p.wait(20 * time.Second)
		return alerts()
	}
	restored := missing(web)
	restored.Action = alert.ActionRestored
	notRestored := missing(web)
	notRestored.Action = failed
	cases := map[string]struct {
		alerts func(p *people) []alert.Alert
		want   []string
		mails  int
	}{
		"a rule that is open again after a revoke is open": {func(p *people) []alert.Alert {
			return []alert.Alert{
				p.byEvent("sg-1", "e1", mallory, alert.Reverted, opened(ssh, "sgr-1", revoked)),
				later(p, func() alert.Alert {
					return p.byEvent("sg-1", "e2", mallory, alert.WouldRevert, opened(ssh, "sgr-2", none))
				}),
			}
		}, []string{mallory + ": none " + ssh}, 1},
		"a rule that was open and was revoked later is revoked": {func(p *people) []alert.Alert {
			return []alert.Alert{
				p.byEvent("sg-1", "e1", mallory, alert.WouldRevert, opened(ssh, "sgr-1", none)),
				later(p, func() alert.Alert {
					return p.byEvent("sg-1", "e2", mallory, alert.Reverted, opened(ssh, "sgr-2", revoked))
				}),
			}
		}, []string{mallory + ": revoked " + ssh}, 1},
		"a revoked rule id stays revoked whatever is read later": {func(p *people) []alert.Alert {
			return []alert.Alert{
				p.byEvent("sg-1", "e1", mallory, alert.Reverted, opened(ssh, "sgr-1", revoked)),
				later(p, func() alert.Alert { return p.bySweep("sg-1", alert.WouldRevert, finding(ssh, "sgr-1", none)) }),
			}
		}, []string{mallory + ": revoked " + ssh}, 1},
		"a rule that was put back after a failure is back": {func(p *people) []alert.Alert {
			return []alert.Alert{
				p.bySweep("sg-1", alert.Failed, notRestored),
				later(p, func() alert.Alert { return p.bySweep("sg-1", alert.Reverted, restored) }),
			}
		}, []string{"nobody: restored " + web}, 1},
		"a rule that could not be put back a second time is missing": {func(p *people) []alert.Alert {
			return []alert.Alert{
				p.bySweep("sg-1", alert.Reverted, restored),
				later(p, func() alert.Alert { return p.bySweep("sg-1", alert.Failed, notRestored) }),
			}
		}, []string{"nobody: failed " + web}, 1},
		"a sweep's revoke of another rule id is nobody's": {func(p *people) []alert.Alert {
			return []alert.Alert{
				p.byEvent("sg-1", "e1", mallory, alert.AlreadyGone, opened(ssh, "sgr-1", notLive)),
				p.bySweep("sg-1", alert.Reverted, finding(ssh, "sgr-9", revoked)),
			}
		}, []string{mallory + ": already-gone " + ssh, "nobody: revoked " + ssh}, 2},
		"a sweep's revoke of the same rule id is of who opened the rule": {func(p *people) []alert.Alert {
			return []alert.Alert{
				p.byEvent("sg-1", "e1", mallory, alert.AlreadyGone, opened(ssh, "sgr-1", notLive)),
				p.bySweep("sg-1", alert.Reverted, finding(ssh, "sgr-1", revoked)),
			}
		}, []string{mallory + ": revoked " + ssh}, 1},
		"a worse rule beside an event's is a mail of its own that names nobody": {func(p *people) []alert.Alert {
			return []alert.Alert{p.byEvent("sg-1", "e1", ci, alert.Reverted, opened(web, "sgr-1", revoked), finding(ssh, "sgr-2", revoked))}
		}, []string{ci + ": revoked " + web, "nobody: revoked " + ssh}, 2},
		"a harmless rule beside an event's stands in its mail and names nobody": {func(p *people) []alert.Alert {
			return []alert.Alert{p.byEvent("sg-1", "e1", ci, alert.Reverted, opened(ssh, "sgr-1", revoked), finding(web, "sgr-2", revoked))}
		}, []string{ci + ": revoked " + ssh, "nobody: revoked " + web}, 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeople(t)
			if got := p.mailsOf(c.alerts(p)...); got != c.mails {
				t.Errorf("%d mails, want %d", got, c.mails)
			}
			if diff := cmp.Diff(c.want, p.mailed()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAMailSaysForHowManyRulesItNamesSomebody(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	other := "ingress tcp 23 0.0.0.0/0"
	p.mailsOf(p.byEvent("sg-1", "e1", ci, alert.Reverted, finding(other, "sgr-2", revoked), opened(ssh, "sgr-1", revoked)))
	const who = "session run-7, for 1 of 2 rules. No event says who brought about the other one.\n"
	if len(p.mails) != 1 || !strings.Contains(p.mails[0].Body, who) || !strings.Contains(p.mails[0].Subject, "tcp 22 ") {
		t.Errorf("got %v", p.mails)
	}
}

func TestAMailSaysThatTheEventDidNotBringAboutTheRule(t *testing.T) {
	t.Parallel()
	const who = "not known from an event. The event in the details did not bring about the rule.\n"
	for name, c := range map[string]struct {
		finding alert.Finding
		want    bool
	}{"found beside": {finding(ssh, "sgr-1", revoked), true}, "opened": {opened(ssh, "sgr-1", revoked), false}} {
		p := newPeople(t)
		p.mailsOf(p.byEvent("sg-1", "e1", ci, alert.Reverted, opened(web, "sgr-2", revoked), c.finding))
		if got := strings.Contains(p.mails[0].Body, who); got != c.want {
			t.Errorf("%s: %v\n%s", name, got, p.mails[0].Body)
		}
	}
}

func TestAPendingRuleKeepsItsApprovalAfterARevokeInTheBatch(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	first := p.byEvent("sg-1", "e1", ci, alert.Reverted, opened(web, "sgr-1", revoked))
	p.wait(20 * time.Second)
	again := p.byEvent("sg-1", "e2", ci, alert.Pending, opened(web, "sgr-2", alert.ActionPending))
	again.Kind, again.PendingName = alert.PendingKind, "pending-e2"
	p.mailsOf(first, alert.New(again))
	if got := p.stories[0][0].Alerts[0]; len(p.mails) != 1 || got.PendingName != "pending-e2" || got.Outcome != alert.Pending {
		t.Errorf("%d mails, of %+v", len(p.mails), got)
	}
}

func TestAChangeExplainsOnlyTheMissingRulesThatItPermits(t *testing.T) {
	t.Parallel()
	for permitted, mails := range map[string]int{web: 1, web + " until 2026-12-01T00:00:00Z": 1, "ingress tcp 81 10.0.0.0/8": 2} {
		p := newPeople(t)
		change := p.ofDocument(alert.BaselineChanged, "/sg-baseline/groups/sg-1", "e1")
		change.PermitsMore = []string{permitted}
		if got := p.mailsOf(alert.New(change), p.bySweep("sg-1", alert.None, missing(web))); got != mails {
			t.Errorf("a change that permits %s: %d mails, want %d", permitted, got, mails)
		}
		want := map[int]bool{1: true, 2: false}[mails]
		if wereMailed := strings.Contains(p.mails[0].Body+p.mails[len(p.mails)-1].Body, "not live yet"); wereMailed != want {
			t.Errorf("a change that permits %s: mailed as not live yet: %v", permitted, wereMailed)
		}
	}
}
