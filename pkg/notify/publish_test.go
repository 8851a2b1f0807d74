package notify_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/mail"
)

func TestItStopsInTime(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(10*time.Second))
	defer cancel()
	report := p.notifier.Notify(ctx, p.batch(p.acts(2)...))
	if len(report.Failed) != 2 || len(p.mails) != 0 {
		t.Errorf("got %+v and %d mails", report, len(p.mails))
	}
}

// hanging is a topic that never answers.
type hanging struct{}

func (hanging) Send(ctx context.Context, _ mail.Mail) error { return hang(ctx) }

func (hanging) Post(ctx context.Context, _ []byte) error { return hang(ctx) }

func hang(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestATopicThatHangsLeavesTimeToRemember(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		time, left time.Duration
		hangs      func(p *people)
		failed     int
	}{
		"the mail topic, with little time": {16 * time.Second, 10 * time.Second, func(p *people) { p.notifier.Mails = hanging{} }, 1},
		"the mail topic, with much time":   {2 * time.Minute, 100 * time.Second, func(p *people) { p.notifier.Mails = hanging{} }, 1},
		"the chat":                         {16 * time.Second, 16 * time.Second, func(p *people) { p.notifier.Chat = hanging{} }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPeople(t)
				c.hangs(p)
				ctx, cancel := context.WithTimeout(t.Context(), c.time)
				defer cancel()
				started := time.Now()
				var left time.Duration
				p.onSave = func() { left = c.time - time.Since(started) }
				report := p.notifier.Notify(ctx, p.batch(p.acts(1)...))
				if left != c.left || len(report.Failed) != c.failed || report.MemoryFailed {
					t.Errorf("%v left to remember, want %v; %+v", left, c.left, report)
				}
				if c.time-time.Since(started) < c.left-5*time.Second {
					t.Errorf("it ended after %v", time.Since(started))
				}
			})
		})
	}
}

func TestAStoryThatCannotBeWrittenFailsAlone(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	write := p.notifier.Write
	p.notifier.Write = func(stories []mail.Story) mail.Mail {
		if stories[0].Alerts[0].GroupID == "sg-1" {
			panic("a poisoned name")
		}
		return write(stories)
	}
	report := p.get(p.acts(3)...)
	if diff := cmp.Diff([]string{"m2"}, report.Failed); diff != "" || len(p.mails) != 2 || !strings.Contains(p.log.String(), "a poisoned name") {
		t.Errorf("%s%d mails", diff, len(p.mails))
	}
}

// TestStoriesThatCannotBeWrittenBlockNoOther has two of them first, and one in the
// digest.
func TestStoriesThatCannotBeWrittenBlockNoOther(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	write := p.notifier.Write
	poisoned := func(s mail.Story) bool { return strings.HasPrefix(s.Alerts[0].GroupID, "sg-b") }
	p.notifier.Write = func(stories []mail.Story) mail.Mail {
		if slices.ContainsFunc(stories, poisoned) {
			panic("a poisoned name")
		}
		return write(stories)
	}
	var alerts []alert.Alert
	for i := range 2 {
		alerts = append(alerts, p.byEvent(fmt.Sprint("sg-b", i), fmt.Sprint("x", i), fmt.Sprint(mallory, "b", i), alert.Failed, opened(ssh, "sgr-b", failed)))
	}
	alerts = append(append(alerts, p.acts(9)...), p.byEvent("sg-b9", "x9", mallory+"b9", alert.AlreadyGone, opened(web, "sgr-b", notLive)))
	report := p.get(alerts...)
	if diff := cmp.Diff([]string{"m1", "m2", "m12"}, report.Failed); diff != "" {
		t.Error(diff)
	}
	// A story of a digest that could not be written is written alone to see which one it was.
	if wereMailed := len(slices.Compact(p.mailed())); wereMailed != 9 || len(p.mails) != 3 || report.MailsLost != 3 {
		t.Errorf("%d rules were mailed, %d mails, %+v", wereMailed, len(p.mails), report)
	}
}
