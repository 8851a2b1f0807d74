package simulation

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/functions/wiring/notifying"
	"github.com/sgwarden/sgwarden/pkg/mail"
	"github.com/sgwarden/sgwarden/pkg/notify"
	"github.com/sgwarden/sgwarden/pkg/settings"
)

// notifierTime is the function's time-out, in the template.
const notifierTime = 120 * time.Second

// desk is a warm notifier, with what it has written.
type desk struct {
	world    *world
	poller   *poller
	notifier *notify.Notifier
	by       *invocation // the batch that it has now
	written  []*mailed   // of this batch
}

// newDesk starts a notifier, wired as in production.
func (w *world) newDesk(p *poller) *desk {
	d := &desk{world: w, poller: p}
	env := settings.Notifier{
		MailTopicARN: mailARN, AlarmTopicARN: alarmARN, BaselinePrefix: prefix, OwnRoles: w.settings.OwnRoles, Reverts: mostRevertsWithoutContention,
	}
	d.notifier = notifying.Notifier(env, w.config(), slog.New(deskLog{d}))
	d.notifier.Write = d.write
	if w.variant.notifies != nil {
		w.variant.notifies(d.notifier)
	}
	return d
}

// mostRevertsWithoutContention is the template's CONTENTION_REVERTS.
const mostRevertsWithoutContention = 5

// notify gives the messages of a poller to its notifier, unless that has a batch still.
func (w *world) notify(p *poller) {
	if p.busy || !p.due {
		return
	}
	batch := slices.DeleteFunc(p.waiting, func(l *letter) bool { return !l.deleted.IsZero() || l.dead })
	p.waiting, p.due = nil, false
	if len(batch) == 0 {
		return
	}
	if p.warm == nil {
		p.warm = w.newDesk(p)
	}
	p.busy = true
	i, ctx, unfinished := w.newNotification(p.warm, batch)
	w.note(i, "begins with %d messages", len(batch))
	go w.run(i, nil, func() error {
		messages := make([]notify.Message, len(batch))
		for n, l := range batch {
			messages[n] = l.message()
		}
		report := i.desk.notifier.Notify(ctx, messages)
		i.again = report.Failed
		if w.variant.deletes != nil {
			i.again = w.variant.deletes(messages, report.Failed)
		}
		return unfinished
	})
}

var errUndeleted = errors.New("killed before its messages were deleted")

// newNotification is an invocation for a batch. The error is not nil where the invocation
// dies when all is done but the answer.
func (w *world) newNotification(d *desk, batch []*letter) (*invocation, context.Context, error) {
	w.post.batches++
	w.tally.counts[countBatches]++
	i := &invocation{
		number: w.post.batches, delivery: &delivery{}, started: time.Now(), deadline: time.Now().Add(notifierTime),
		look: newLook(), locked: map[string]bool{}, desk: d, batch: batch,
	}
	d.by, d.written = i, nil
	for _, l := range batch {
		l.receives++
		l.looks = append(l.looks, i.started)
	}
	var unfinished error
	if t := w.dice.throw(i.started, "death of a notifier", i.number); !w.calm && t.chance(w.weather.kills) {
		if i.diesAt = 1 + t.IntN(7); i.diesAt == 7 {
			i.diesAt, unfinished = 0, errUndeleted
			w.tally.faults[killedUndeleted]++
		}
		i.diesBy = pick(t, []fault{killedBefore, killedAfter})
	}
	ctx, cancel := context.WithDeadline(withInvocation(i), i.deadline)
	i.cancel = cancel
	return i, ctx, unfinished
}

// notified is the end of a batch, as the event source mapping sees it. Of a function that
// failed, all messages come again.
func (w *world) notified(i *invocation) {
	p := i.desk.poller
	p.busy = false
	if i.err != nil {
		p.warm = nil
	}
	for _, l := range i.batch {
		switch again := slices.Contains(i.again, l.id()); {
		case i.err == nil && !again:
			if l.deleted.IsZero() {
				l.deleted = time.Now()
			}
		case !l.deleted.IsZero(): // by the other poller
		default:
			if i.err == nil && i.faults == 0 && l.alert != nil {
				w.broken("quiet", "AWS failed none of the calls of %v, and %s failed", i, l.id())
			}
			w.failed(l)
		}
	}
	w.notify(p)
}

// write writes a mail, and notes which stories make it.
func (d *desk) write(stories []mail.Story) mail.Mail {
	m := notify.Write(stories)
	d.world.locked(func() {
		d.written = append(d.written, &mailed{Mail: m, stories: stories, by: d.by})
	})
	return m
}
