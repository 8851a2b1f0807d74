package notify_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

func TestSeveralRemindersAreOneMail(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	alerts := func() []alert.Alert {
		broken := p.bySweep("sg-9", alert.Failed)
		broken.Kind, broken.Reason = alert.BaselineError, "not JSON"
		return []alert.Alert{
			p.bySweep("sg-1", alert.WouldRevert, finding(ssh, "sgr-1", none)), p.bySweep("sg-2", alert.WouldRevert, finding(ssh, "sgr-2", none)), alert.New(broken),
		}
	}
	if got := p.mailsOf(alerts()...); got != 2 {
		t.Fatalf("at first %d mails", got)
	}
	p.wait(24 * time.Hour)
	if got := p.mailsOf(alerts()...); got != 1 {
		t.Errorf("%d mails: %v", got, p.mails)
	}
}

// TestRemindersAreOneMailADay has a new drift with each sweep of the first day.
func TestRemindersAreOneMailADay(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	const day = 32 // sweeps
	perDay := map[int]int{}
	for sweep := range 4 * day {
		var alerts []alert.Alert
		for i := range min(sweep+1, day) {
			alerts = append(alerts, p.bySweep(fmt.Sprint("sg-", i), alert.WouldRevert, finding(ssh, fmt.Sprint("sgr-", i), none)))
		}
		p.restart()
		at := p.now
		perDay[sweep/day] += p.mailsOf(alerts...)
		p.now = at.Add(24 * time.Hour / day)
	}
	if perDay[0] != day || perDay[1] > 2 || perDay[2] > 2 || perDay[3] > 2 || perDay[1] == 0 {
		t.Errorf("mails by day: %v", perDay)
	}
}

func TestWhatWasMailedJustNowIsNotRemindedOf(t *testing.T) {
	t.Parallel()
	for ago, want := range map[time.Duration]int{30 * time.Minute: 1, 2 * time.Hour: 2} {
		p := newPeople(t)
		first := func() alert.Alert { return p.bySweep("sg-1", alert.WouldRevert, finding(ssh, "sgr-1", none)) }
		second := func() alert.Alert { return p.bySweep("sg-2", alert.WouldRevert, finding(ssh, "sgr-2", none)) }
		p.mailsOf(first())
		p.wait(24*time.Hour - ago)
		p.mailsOf(second())
		p.wait(ago)
		p.mailsOf(first(), second())
		if last := p.stories[len(p.stories)-1]; len(last) != 1 || len(last[0].Alerts) != want || len(last[0].Reminders) != want {
			t.Errorf("notified %v before: %d alerts are in the reminder, want %d", ago, len(last[0].Alerts), want)
		}
	}
}

// TestTwoProblemsOfAGroupAreEachMailedOnce has them come in turns.
func TestTwoProblemsOfAGroupAreEachMailedOnce(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	mails := 0
	for range 4 {
		mails += p.mailsOf(p.broken("sg-1", "", 3))
		p.wait(15 * time.Minute)
		refused := p.bySweep("sg-1", alert.Failed)
		refused.Reason = "EC2 refused"
		mails += p.mailsOf(alert.New(refused))
		p.wait(15 * time.Minute)
	}
	if mails != 2 {
		t.Errorf("%d mails", mails)
	}
}
