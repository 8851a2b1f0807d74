package simulation

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/mail"
)

const (
	mailARN  = "arn:aws:sns:" + region + ":" + account + ":mails"
	alarmARN = "arn:aws:sns:" + region + ":" + account + ":alarms"
	// publishMail is the action of a mail to people, so that the weather can hit mails
	// alone.
	publishMail = "Publish mail"
)

// mailed is a mail that a notifier wrote.
type mailed struct {
	mail.Mail
	by      *invocation
	stories []mail.Story
	// alerts are the ids of the alerts in the mail, as the notifier logged once the
	// mail was sent.
	alerts []string
	sent   time.Time // when the topic took the mail first; zero for never
}

// takeMail is the topic's part: people get the mail, each time that it is published.
func (w *world) takeMail(c *call) {
	w.post.sentAt = append(w.post.sentAt, time.Now())
	w.tally.counts[countMails]++
	w.note(c.by, "  mail: %s", c.form.Get("Subject"))
	if c.form.Get("TopicArn") != mailARN {
		return
	}
	m := c.by.desk.find(func(m *mailed) bool { return m.Subject == c.form.Get("Subject") && m.Body == c.form.Get("Message") })
	switch {
	case m == nil:
		w.broken("mail", "%v published what it has not written: %s", c.by, c.form.Get("Subject"))
	case m.sent.IsZero():
		m.sent = time.Now()
		w.post.mails = append(w.post.mails, m)
	}
}

// find returns the last mail of the batch for which a condition holds, or nil.
func (d *desk) find(condition func(*mailed) bool) *mailed {
	for _, m := range slices.Backward(d.written) {
		if condition(m) {
			return m
		}
	}
	return nil
}

// deskLog reads in a notifier's log which alerts are in a mail.
type deskLog struct{ *desk }

func (d deskLog) Enabled(context.Context, slog.Level) bool { return true }

func (d deskLog) WithAttrs([]slog.Attr) slog.Handler { return d }

func (d deskLog) WithGroup(string) slog.Handler { return d }

func (d deskLog) Handle(_ context.Context, line slog.Record) error {
	if line.Message != "mail" {
		return nil
	}
	var subject string
	var alerts []string
	line.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "subject":
			subject = a.Value.String()
		case "alerts":
			alerts, _ = a.Value.Any().([]string)
		}
		return true
	})
	d.world.locked(func() {
		if m := d.find(func(m *mailed) bool { return m.Subject == subject && m.alerts == nil }); m != nil && !m.by.over {
			m.alerts = alerts
		}
	})
	return nil
}

const (
	paceWindow    = 10 * time.Second
	mostInAWindow = 10
)

// judgePace: people never get more than a mail a second. SNS deletes the subscription of
// an address that gets more than 10.
func (w *world) judgePace() {
	for n := mostInAWindow; n < len(w.post.sentAt); n++ {
		if gap := w.post.sentAt[n].Sub(w.post.sentAt[n-mostInAWindow]); gap < paceWindow {
			w.broken("pace", "%d mails came within %v", mostInAWindow+1, gap)
		}
	}
}
