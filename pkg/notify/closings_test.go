package notify_test

import (
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// closing is the alert of a sweep that finds that a rule is over of which people were notified at a time.
func (p *people) closing(groupID, text string, since time.Time) alert.Alert {
	a := p.bySweep(groupID, alert.None)
	a.Closed = []alert.Closed{{How: "not live any more", Rule: text, Verdict: alert.Violation, Since: since}}
	return alert.New(a)
}

func TestWhatIsOpenedAgainInTheBatchOfItsClosingStaysKnown(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	since := p.now
	p.mailsOf(p.bySweep("sg-1", alert.WouldRevert, finding(ssh, "sgr-1", none)))
	p.wait(time.Hour)
	over := p.closing("sg-1", ssh, since)
	p.wait(5 * time.Second)
	if n := p.mailsOf(over, p.byEvent("sg-1", "e2", mallory, alert.WouldRevert, opened(ssh, "sgr-2", none))); n != 2 {
		t.Errorf("%d mails of the closing and the event", n)
	}
	p.wait(15 * time.Minute)
	if n := p.mailsOf(p.bySweep("sg-1", alert.WouldRevert, finding(ssh, "sgr-2", none))); n != 0 {
		t.Errorf("%d mails of the next sweep", n)
	}
}

func TestAClosingThatCameTooSoonIsMailedByTheNextSweep(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	since := p.now
	early := p.closing("sg-1", ssh, since)
	p.wait(time.Minute)
	since = p.now
	p.mailsOf(p.bySweep("sg-1", alert.WouldRevert, finding(ssh, "sgr-1", none)))
	if n := p.mailsOf(early); n != 0 {
		t.Errorf("%d mails of a closing that was made before", n)
	}
	for i, want := range []int{1, 0} {
		p.wait(15 * time.Minute)
		if n := p.mailsOf(p.closing("sg-1", ssh, since)); n != want {
			t.Errorf("%d mails of sweep %d, want %d", n, i, want)
		}
	}
}

func TestAProblemThatAnEventFindsAgainAfterItsClosingIsNews(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ closed, again, want int }{
		"a second attempt while the problem stays":     {0, 1, 0},
		"a second attempt after the problem was over":  {1, 1, 1},
		"a second delivery after the problem was over": {1, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeople(t)
			attempt := func() alert.Alert { return p.broken("sg-1", "event-1", 3) }
			first, since := attempt(), p.now
			p.mailsOf(first)
			p.wait(time.Minute)
			if c.closed > 0 {
				over := p.bySweep("sg-1", alert.None)
				over.Kind, over.Baseline.Parameter = first.Kind, first.Baseline.Parameter
				over.Closed = []alert.Closed{{How: "can be used again", Since: since}}
				if n := p.mailsOf(alert.New(over)); n != 1 {
					t.Fatalf("%d mails of the closing", n)
				}
			}
			p.wait(time.Minute)
			next := first
			if c.again > 0 {
				next = attempt()
			}
			if next.ID != first.ID {
				t.Fatal("the second attempt's alert has another id")
			}
			if n := p.mailsOf(next); n != c.want {
				t.Errorf("%d mails, want %d", n, c.want)
			}
		})
	}
}

func TestAFailureIsMailedThoughItsBatchHasALesserProblem(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	lesser := func() alert.Alert {
		a := p.bySweep("sg-1", alert.None)
		a.Reason = "the group was deleted and its baseline is still there"
		return alert.New(a)
	}
	p.mailsOf(lesser())
	p.wait(time.Minute)
	first := lesser()
	if n := p.mailsOf(first); n != 0 {
		t.Fatalf("%d mails of what people know", n)
	}
	p.wait(time.Minute)
	first = lesser()
	p.wait(time.Second)
	failure := p.bySweep("sg-1", alert.Failed)
	failure.Reason = "the rules can't be read"
	if n := p.mailsOf(first, alert.New(failure)); n != 1 {
		t.Errorf("%d mails, want one of the failure", n)
	}
}
