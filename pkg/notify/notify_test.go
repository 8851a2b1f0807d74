package notify_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/notify"
)

const notLive, revoked, none, failed = alert.ActionAlreadyGone, alert.ActionRevoked, alert.ActionNone, alert.ActionFailed

// TestHowManyMailsABatchMakes has a twin for each case: what else it takes for one more
// mail.
func TestHowManyMailsABatchMakes(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		alerts func(p *people) []alert.Alert
		want   int
	}{
		"one act in one group is one mail": {func(p *people) []alert.Alert {
			return []alert.Alert{p.byEvent("sg-1", "e1", mallory, alert.Reverted, opened(ssh, "sgr-1", revoked))}
		}, 1},
		"the events of one session are one mail": {func(p *people) []alert.Alert {
			return []alert.Alert{
				p.byEvent("sg-1", "e1", mallory, alert.Reverted, opened(ssh, "sgr-1", revoked)),
				p.byEvent("sg-2", "e2", mallory, alert.Reverted, opened(ssh, "sgr-2", revoked)),
			}
		}, 1},
		"the events of two sessions are two mails": {func(p *people) []alert.Alert {
			return []alert.Alert{
				p.byEvent("sg-1", "e1", mallory, alert.Reverted, opened(ssh, "sgr-1", revoked)),
				p.byEvent("sg-2", "e2", ci, alert.Reverted, opened(ssh, "sgr-2", revoked)),
			}
		}, 2},
		"rules and documents of one session are two mails": {func(p *people) []alert.Alert {
			return []alert.Alert{
				p.byEvent("sg-1", "e1", ci, alert.Reverted, opened(ssh, "sgr-1", revoked)),
				p.ofDocument(alert.BaselineChanged, "/sg-baseline/groups/sg-2", "e2"),
			}
		}, 2},
		"revoked and not live of one rule are one mail": {func(p *people) []alert.Alert {
			return []alert.Alert{
				p.bySweep("sg-1", alert.Reverted, finding(ssh, "sgr-1", revoked)),
				p.byEvent("sg-1", "e1", mallory, alert.AlreadyGone, opened(ssh, "sgr-1", notLive)),
			}
		}, 1},
		"a rule that two people opened is a mail for each": {func(p *people) []alert.Alert {
			return []alert.Alert{
				p.byEvent("sg-1", "e1", mallory, alert.Reverted, opened(ssh, "sgr-1", revoked)),
				p.byEvent("sg-1", "e2", ci, alert.Reverted, opened(ssh, "sgr-2", revoked)),
			}
		}, 2},
		"all that no event explains is one mail": {func(p *people) []alert.Alert {
			return []alert.Alert{
				p.bySweep("sg-1", alert.Reverted, finding(ssh, "sgr-1", revoked)),
				p.bySweep("sg-2", alert.Reverted, finding(ssh, "sgr-2", revoked)),
			}
		}, 1},
		"a rule that is missing after its approval belongs to the approval": {func(p *people) []alert.Alert {
			return []alert.Alert{
				p.ofDocument(alert.BaselineChanged, "/sg-baseline/groups/sg-1", "e1"),
				p.bySweep("sg-1", alert.None, missing(web)),
			}
		}, 1},
		"a rule that is missing in another group does not": {func(p *people) []alert.Alert {
			return []alert.Alert{
				p.ofDocument(alert.BaselineChanged, "/sg-baseline/groups/sg-1", "e1"),
				p.bySweep("sg-2", alert.None, missing(web)),
			}
		}, 2},
		"a broken baseline is one mail": {func(p *people) []alert.Alert {
			changed := p.ofDocument(alert.BaselineChanged, "/sg-baseline/groups/sg-1", "e1")
			broken := changed
			broken.Kind, broken.Outcome, broken.Actor, broken.PermitsMore = alert.BaselineError, alert.Failed, nil, nil
			return []alert.Alert{changed, alert.New(broken)}
		}, 1},
		"a broken baseline that an event and a sweep find is one mail": {func(p *people) []alert.Alert {
			return []alert.Alert{p.broken("sg-1", "e1", 3), p.broken("sg-1", "", 3)}
		}, 1},
		"two broken baselines that events find are two mails": {func(p *people) []alert.Alert {
			second := p.broken("sg-2", "e2", 3)
			second.Actor.ARN = mallory
			return []alert.Alert{p.broken("sg-1", "e1", 3), second}
		}, 2},
		"the end of a sick canary is one": {func(p *people) []alert.Alert {
			a := p.closing("sg-c", "ingress tcp 9 192.0.2.1/32", p.now)
			a.Kind = alert.CanaryKind
			return []alert.Alert{alert.New(a)}
		}, 1},
		"a healthy canary is none": {func(p *people) []alert.Alert {
			a := p.byEvent("sg-c", "e1", ci, alert.Reverted, opened("ingress tcp 9 192.0.2.1/32", "sgr-c", revoked))
			a.Kind = alert.CanaryKind
			return []alert.Alert{alert.New(a)}
		}, 0},
		"a sick canary is one": {func(p *people) []alert.Alert {
			a := p.byEvent("sg-c", "e1", ci, alert.Failed, opened("ingress tcp 9 192.0.2.1/32", "sgr-c", failed))
			a.Kind = alert.CanaryKind
			return []alert.Alert{alert.New(a)}
		}, 1},
		"five acts are five mails":                    {func(p *people) []alert.Alert { return p.acts(5) }, 5},
		"six acts are four mails and a digest":        {func(p *people) []alert.Alert { return p.acts(6) }, 5},
		"ninety acts are four mails and a digest too": {func(p *people) []alert.Alert { return p.acts(90) }, 5},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeople(t)
			alerts := c.alerts(p)
			if got := p.mailsOf(alerts...); got != c.want || len(p.cards) != c.want {
				t.Errorf("%d mails and %d cards, want %d: %v", got, len(p.cards), c.want, p.mails)
			}
			if got := p.mailsOf(alerts...); got != 0 {
				t.Errorf("delivered again: %d mails", got)
			}
			p.checkPace(2 * time.Second)
			if n := strings.Count(p.log.String(), `"msg":"alert"`); n != 2*len(alerts) {
				t.Errorf("%d alerts are logged, want %d", n, 2*len(alerts))
			}
		})
	}
}

// acts are of as many sessions.
func (p *people) acts(n int) []alert.Alert {
	var alerts []alert.Alert
	for i := range n {
		alerts = append(alerts, p.byEvent(fmt.Sprint("sg-", i), fmt.Sprint("e", i), fmt.Sprint(mallory, i), alert.Reverted, opened(web, fmt.Sprint("sgr-", i), revoked)))
	}
	return alerts
}

func TestTheWorstComesFirst(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	bad := p.byEvent("sg-b", "eb", mallory+"b", alert.Failed, opened(ssh, "sgr-b", failed))
	p.get(append(p.acts(8), bad)...)
	if first := p.stories[0][0].Alerts[0]; first.GroupID != "sg-b" || len(p.mails) != 5 || len(p.stories[4]) != 5 {
		t.Errorf("first comes %s; %d mails", first.GroupID, len(p.mails))
	}
}

// TestWhatIsNewsLater publishes an alert, waits, and says how many mails come of what the
// next batch says.
func TestWhatIsNewsLater(t *testing.T) {
	t.Parallel()
	open := func(p *people) alert.Alert { return p.bySweep("sg-1", alert.WouldRevert, finding(ssh, "sgr-1", none)) }
	event := func(action alert.Action, outcome alert.Outcome) func(p *people) alert.Alert {
		return func(p *people) alert.Alert {
			return p.byEvent("sg-1", "e1", mallory, outcome, opened(ssh, "sgr-1", action))
		}
	}
	sweep := func(action alert.Action, outcome alert.Outcome, id string) func(p *people) alert.Alert {
		return func(p *people) alert.Alert { return p.bySweep("sg-1", outcome, finding(ssh, id, action)) }
	}
	document := func(version int64, outcome alert.Outcome) func(p *people) alert.Alert {
		return func(p *people) alert.Alert {
			a := p.bySweep("sg-1", outcome)
			a.Kind, a.Reason, a.Baseline.Version = alert.BaselineError, "not JSON", version
			return alert.New(a)
		}
	}
	start := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	closed := func(since time.Time) func(p *people) alert.Alert {
		return func(p *people) alert.Alert {
			a := p.bySweep("sg-1", alert.None)
			a.Closed = []alert.Closed{{How: "not live any more", Rule: ssh, Verdict: alert.Violation, Since: since}}
			return alert.New(a)
		}
	}
	cases := map[string]struct {
		first func(p *people) alert.Alert
		wait  time.Duration
		then  func(p *people) alert.Alert
		want  int
	}{
		"a drift that stays is no news":            {open, time.Hour, open, 0},
		"it is after a day":                        {open, 24 * time.Hour, open, 1},
		"it is when the revoke fails":              {open, time.Hour, sweep(failed, alert.Failed, "sgr-1"), 1},
		"it is when the mode changes":              {open, time.Hour, sweep(none, alert.None, "sgr-1"), 1},
		"it is when it is another rule":            {open, time.Hour, sweep(none, alert.WouldRevert, "sgr-2"), 1},
		"it is when an event says who":             {open, time.Hour, event(none, alert.WouldRevert), 1},
		"it is when it was revoked":                {open, time.Hour, sweep(revoked, alert.Reverted, "sgr-1"), 1},
		"it is when it is over":                    {open, time.Hour, closed(start), 1},
		"not live after revoked is no news":        {event(revoked, alert.Reverted), time.Hour, sweep(notLive, alert.AlreadyGone, "sgr-1"), 0},
		"nor is it without a rule id":              {event(revoked, alert.Reverted), time.Hour, sweep(notLive, alert.AlreadyGone, ""), 0},
		"not live is news when it is another rule": {event(revoked, alert.Reverted), time.Hour, sweep(notLive, alert.AlreadyGone, "sgr-2"), 1},
		"not live is news a day later":             {event(revoked, alert.Reverted), 24 * time.Hour, sweep(notLive, alert.AlreadyGone, "sgr-1"), 1},
		"revoked after not live is no news":        {event(notLive, alert.AlreadyGone), time.Minute, sweep(revoked, alert.Reverted, "sgr-1"), 0},
		"revoked after not live is news when the rule may have been modified again": {event(notLive, alert.AlreadyGone), 2 * time.Hour, sweep(revoked, alert.Reverted, "sgr-1"), 1},
		"revoked after not live is news when another event opened the rule": {event(notLive, alert.AlreadyGone), time.Minute, func(p *people) alert.Alert {
			return p.byEvent("sg-1", "e2", mallory, alert.Reverted, opened(ssh, "sgr-1", revoked))
		}, 1},
		"not live is no news when the same event was reported as revoked": {event(revoked, alert.Reverted), 3 * time.Hour, event(notLive, alert.AlreadyGone), 0},
		"not live without a rule id is news when an event names it": {event(revoked, alert.Reverted), 10 * time.Minute, func(p *people) alert.Alert {
			a := p.byEvent("sg-1", "e2", "", alert.AlreadyGone, finding(ssh, "", notLive))
			a.Actor = nil
			return alert.New(a)
		}, 1},
		"revoked by nobody, and then an event's":                {sweep(revoked, alert.Reverted, "sgr-1"), time.Minute, event(notLive, alert.AlreadyGone), 1},
		"a broken document is no news":                          {document(3, alert.Failed), 15 * time.Minute, document(3, alert.Failed), 0},
		"another version of it is":                              {document(3, alert.Failed), 15 * time.Minute, document(4, alert.Failed), 1},
		"an event on a group with a broken document is no news": {document(3, alert.Failed), 15 * time.Minute, func(p *people) alert.Alert { return p.broken("sg-1", "e1", 3) }, 0},
		"a group that can't be judged by another reason is news": {document(3, alert.Failed), 15 * time.Minute, func(p *people) alert.Alert {
			a := p.bySweep("sg-1", alert.Failed)
			a.Reason = "EC2 refused"
			return alert.New(a)
		}, 1},
		"a broken document is after a day":           {document(3, alert.Failed), 24 * time.Hour, document(3, alert.Failed), 1},
		"what was reported as revoked is not closed": {func(p *people) alert.Alert { p.get(open(p)); return sweep(revoked, alert.Reverted, "sgr-1")(p) }, time.Minute, closed(start), 0},
		"a closing of what was closed and opened again is none": {func(p *people) alert.Alert {
			p.get(open(p))
			p.wait(time.Hour)
			return p.byEvent("sg-1", "e2", mallory, alert.WouldRevert, opened(ssh, "sgr-2", none))
		}, time.Minute, closed(start), 0},
		"a closing of what another event opened again is none": {func(p *people) alert.Alert {
			p.get(open(p))
			return p.byEvent("sg-1", "e2", mallory, alert.WouldRevert, opened(ssh, "sgr-1", none))
		}, time.Minute, closed(start), 0},
		"a closing of what another sweep found again is one": {func(p *people) alert.Alert {
			p.get(open(p))
			p.wait(time.Hour)
			return p.bySweep("sg-1", alert.Failed, finding(ssh, "sgr-1", failed))
		}, time.Minute, closed(start), 1},
		"a closing that was made before the reminder is none": {func(p *people) alert.Alert {
			p.get(open(p))
			p.wait(24 * time.Hour)
			return open(p)
		}, time.Minute, func(p *people) alert.Alert {
			p.wait(-2 * time.Minute)
			defer p.wait(2 * time.Minute)
			return closed(start)(p)
		}, 0},
		"what was closed is not closed again":      {func(p *people) alert.Alert { p.get(open(p)); return closed(start)(p) }, 15 * time.Minute, closed(start), 0},
		"what was closed and opened again is news": {func(p *people) alert.Alert { p.get(open(p)); return closed(start)(p) }, 15 * time.Minute, open, 1},
		"a sweep that restores the same rule is news": {func(p *people) alert.Alert {
			f := missing(web)
			f.Action = alert.ActionRestored
			return p.bySweep("sg-1", alert.Reverted, f)
		}, time.Hour, func(p *people) alert.Alert {
			f := missing(web)
			f.Action = alert.ActionRestored
			return p.bySweep("sg-1", alert.Reverted, f)
		}, 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeople(t)
			if got := p.mailsOf(c.first(p)); got != 1 {
				t.Fatalf("at first %d mails", got)
			}
			p.wait(c.wait)
			p.restart()
			if got := p.mailsOf(c.then(p)); got != c.want {
				t.Errorf("%d mails, want %d: %v", got, c.want, p.mails)
			}
		})
	}
}

func TestWhatCouldNotBeMailedIsDeliveredAgain(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	p.down = true
	messages := append(p.batch(p.acts(7)...), notify.Message{ID: "poison", Body: "{"})
	report := p.notifier.Notify(t.Context(), messages)
	want := []string{"m1", "m2", "m3", "m4", "m5", "m6", "m7", "poison"}
	if diff := cmp.Diff(want, report.Failed); diff != "" || report.MailsLost != 5 {
		t.Error(diff, report)
	}
	if n := strings.Count(p.log.String(), notify.MailNotSent); n != 5 {
		t.Errorf("%d mails are logged as lost", n)
	}
	p.down = false
	p.wait(2 * time.Minute)
	report = p.notifier.Notify(t.Context(), messages)
	if diff := cmp.Diff([]string{"poison"}, report.Failed); diff != "" || len(p.mails) != 5 {
		t.Errorf("%s: %d mails", diff, len(p.mails))
	}
}

func TestWithoutItsMemoryTheNotifierSendsMailsAllTheSame(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	a := p.bySweep("sg-1", alert.WouldRevert, finding(ssh, "sgr-1", none))
	p.noMemory = true
	for range 2 {
		if report := p.get(a); !report.MemoryFailed || len(report.Failed) != 0 {
			t.Errorf("got %+v", report)
		}
		p.wait(time.Minute)
	}
	p.noMemory = false
	p.mailsOf(a)
	p.mailsOf(a)
	if len(p.mails) != 3 {
		t.Errorf("%d mails, want 2 without the memory and 1 with it", len(p.mails))
	}
}

func TestItNeverNamesSgwardenItself(t *testing.T) {
	t.Parallel()
	const role, session = "arn:aws:iam::111122223333:role/sg/remediator", "arn:aws:sts::111122223333:assumed-role/remediator/x"
	for _, own := range []bool{true, false} {
		p := newPeople(t)
		if own {
			p.own = []string{role}
			p.restart()
		}
		p.mailsOf(p.byEvent("sg-1", "e1", session, alert.AlreadyGone, opened(ssh, "sgr-1", notLive)))
		want := map[bool]string{true: "nobody", false: session}[own] + ": already-gone " + ssh
		if diff := cmp.Diff([]string{want}, p.mailed()); diff != "" {
			t.Errorf("own %v: %s", own, diff)
		}
	}
}

func TestTheTrueActorIsNamedForARuleThatARunForAnotherEventRevoked(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	p.mailsOf(
		p.byEvent("sg-1", "e1", ci, alert.Reverted, opened(web, "sgr-1", revoked), finding(ssh, "sgr-2", revoked)),
		p.byEvent("sg-1", "e2", mallory, alert.AlreadyGone, opened(ssh, "sgr-2", notLive)),
	)
	want := []string{mallory + ": revoked " + ssh, ci + ": revoked " + web}
	if diff := cmp.Diff(want, p.mailed()); diff != "" || len(p.mails) != 2 {
		t.Errorf("%s%d mails", diff, len(p.mails))
	}
}
