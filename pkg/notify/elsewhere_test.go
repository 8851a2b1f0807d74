package notify_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/notified"
	"github.com/sgwarden/sgwarden/pkg/notify"
)

const staging = "444455556666"

// central makes the notifier of people that of a central stack.
func central(t *testing.T) *people {
	t.Helper()
	p := newPeople(t)
	p.notifier.Home = notify.Origin{Account: account, Region: "us-east-1"}
	return p
}

// from is an alert as another account and region made it.
func from(account, region string, a alert.Alert) alert.Alert {
	a.Account, a.Region = account, region
	return alert.New(a)
}

// brokenGuardrail is the alert of a document that is for all groups, so it names no group.
func (p *people) brokenGuardrail() alert.Alert {
	a := p.broken("", "", 3)
	a.Baseline.Parameter = "/sg-baseline/guardrail"
	return alert.New(a)
}

func TestTheSameDocumentOfTwoAccountsOrRegionsIsMailedForEach(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		account, region string
		mails           int
	}{
		"the same account and region": {account, "us-east-1", 0},
		"another region":              {account, "eu-west-1", 1},
		"another account":             {staging, "us-east-1", 1},
		"both are another":            {staging, "eu-west-1", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := central(t)
			if n := p.mailsOf(p.brokenGuardrail()); n != 1 {
				t.Fatalf("%d mails of the first", n)
			}
			p.wait(time.Minute)
			if n := p.mailsOf(from(c.account, c.region, p.brokenGuardrail())); n != c.mails {
				t.Errorf("%d mails, not %d", n, c.mails)
			}
			p.wait(time.Minute)
			if n := p.mailsOf(from(c.account, c.region, p.brokenGuardrail())); n != 0 { // a sweep finds it again
				t.Errorf("%d mails of what is known", n)
			}
		})
	}
}

// TestTheSweepHereKnowsNothingOfElsewhere, or it would take the groups there for deleted.
func TestTheSweepHereKnowsNothingOfElsewhere(t *testing.T) {
	t.Parallel()
	p := central(t)
	p.get(p.bySweep("sg-1", alert.WouldRevert, finding(ssh, "sgr-1", alert.ActionNone)),
		from(staging, "us-east-1", p.bySweep("sg-2", alert.WouldRevert, finding(ssh, "sgr-2", alert.ActionNone))),
		from(account, "eu-west-1", p.bySweep("sg-3", alert.WouldRevert, finding(ssh, "sgr-3", alert.ActionNone))))
	memory, err := notified.Read(p.values)
	if err != nil {
		t.Fatal(err)
	}
	open := memory.Open()
	if len(open) != 1 || open[0].GroupID != "sg-1" {
		t.Errorf("a sweep knows %+v", open)
	}
}

// TestWhatIsOverElsewhereIsMailedOnce: the sweep there knows the memory there, whose entry
// began before the one of this memory.
func TestWhatIsOverElsewhereIsMailedOnce(t *testing.T) {
	t.Parallel()
	p := central(t)
	began := p.now.Add(-40 * time.Second)
	p.mailsOf(from(staging, "eu-west-1", p.bySweep("sg-1", alert.WouldRevert, finding(ssh, "sgr-1", alert.ActionNone))))
	p.wait(15 * time.Minute)
	over := from(staging, "eu-west-1", p.closing("sg-1", ssh, began))
	for i, want := range []int{1, 0} {
		if n := p.mailsOf(over); n != want {
			t.Errorf("delivery %d: %d mails, not %d", i+1, n, want)
		}
	}
	p.wait(15 * time.Minute)
	if n := p.mailsOf(from(staging, "eu-west-1", p.bySweep("sg-1", alert.WouldRevert, finding(ssh, "sgr-1", alert.ActionNone)))); n != 1 {
		t.Errorf("%d mails of what is open again", n)
	}
}

func TestAReplayFromElsewhereIsKnown(t *testing.T) {
	t.Parallel()
	p := central(t)
	a := from(staging, "eu-west-1", p.byEvent("sg-1", "e1", mallory, alert.Reverted, opened(ssh, "sgr-1", alert.ActionRevoked)))
	for i, want := range []int{1, 0} {
		if n := p.mailsOf(a); n != want {
			t.Errorf("delivery %d: %d mails, not %d", i+1, n, want)
		}
		p.wait(12 * time.Minute)
	}
}

// TestActsOfTwoAccountsOrRegionsAreNeverOneMail of a few acts: a role of an organisation's pipeline
// may have one name and session in all accounts.
func TestActsOfTwoAccountsOrRegionsAreNeverOneMail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		account, region string
		mails           int
	}{"the same place": {account, "us-east-1", 1}, "another region": {account, "eu-west-1", 2}, "another account": {staging, "us-east-1", 2}} {
		p := central(t)
		act := func(group, event string) alert.Alert {
			return p.byEvent(group, event, ci, alert.Reverted, opened(ssh, "sgr-"+group, alert.ActionRevoked))
		}
		if n := p.mailsOf(act("sg-1", "e1"), from(c.account, c.region, act("sg-2", "e2"))); n != c.mails {
			t.Errorf("%s: %d mails, not %d", name, n, c.mails)
		}
	}
}

func TestWhatStaysIsRemindedOfByAccountAndRegion(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		region string
		mails  int
	}{"one region": {"us-east-1", 1}, "two regions": {"eu-west-1", 2}} {
		p := central(t)
		stays := func() []alert.Alert {
			return []alert.Alert{
				p.bySweep("sg-1", alert.WouldRevert, finding(ssh, "sgr-1", alert.ActionNone)),
				from(account, c.region, p.bySweep("sg-2", alert.WouldRevert, finding(ssh, "sgr-2", alert.ActionNone))),
			}
		}
		p.mailsOf(stays()...)
		p.wait(25 * time.Hour)
		if n := p.mailsOf(stays()...); n != c.mails {
			t.Errorf("%s: %d reminders, not %d", name, n, c.mails)
		}
	}
}

func TestAMailSaysWhoseCredentialsItsCommandsNeed(t *testing.T) {
	t.Parallel()
	for where, c := range map[string]struct {
		account string
		want    bool
	}{"here": {account, false}, "elsewhere": {staging, true}} {
		p := central(t)
		p.mailsOf(from(c.account, "us-east-1", p.byEvent("sg-1", "e1", mallory, alert.Reverted, opened(ssh, "sgr-1", alert.ActionRevoked))))
		if says := strings.Contains(p.mails[0].Body, "Use credentials of the account "+c.account+"."); says != c.want {
			t.Errorf("%s: %t, not %t:\n%s", where, says, c.want, p.mails[0].Body)
		}
		if !strings.Contains(p.mails[0].Subject, c.account+" us-east-1") {
			t.Errorf("%s: the subject is %q", where, p.mails[0].Subject)
		}
	}
}

func TestADigestSaysWhereEachActWas(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		origins []notify.Origin
		subject string
		where   int
	}{
		"one account and region": {[]notify.Origin{{Account: account, Region: "us-east-1"}}, account + " us-east-1", 0},
		"two regions":            {[]notify.Origin{{Account: account, Region: "us-east-1"}, {Account: account, Region: "eu-west-1"}}, account + " 2 regions", 12},
		"two accounts":           {[]notify.Origin{{Account: account, Region: "us-east-1"}, {Account: staging, Region: "us-east-1"}}, "2 accounts", 12},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := central(t)
			p.mailsOf(p.acts(4)...) // the acts of the next minute make a digest
			var alerts []alert.Alert
			for i := range 12 {
				at := c.origins[i%len(c.origins)]
				alerts = append(alerts, from(at.Account, at.Region, p.byEvent(fmt.Sprint("sg-b", i), fmt.Sprint("eb", i), fmt.Sprint(mallory, i), alert.Reverted, opened(ssh, fmt.Sprint("sgr-b", i), alert.ActionRevoked))))
			}
			if n := p.mailsOf(alerts...); n != 1 {
				t.Fatalf("%d mails, not a digest", n)
			}
			last := p.mails[len(p.mails)-1]
			if !strings.Contains(last.Subject, c.subject) {
				t.Errorf("the subject is %q", last.Subject)
			}
			if diff := cmp.Diff(c.where, strings.Count(last.Body, "     Where: account ")); diff != "" {
				t.Errorf("acts with account and region: %s\n%s", diff, last.Body)
			}
		})
	}
}
