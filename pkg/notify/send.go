package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/pkg/mail"
)

const (
	// pace is the least time between two mails. Lambda runs two notifiers at most, so
	// that people get no more than a mail a second.
	pace = 2 * time.Second
	// timeToStart is how much time has to be left to begin a mail. timeToSave of it stays
	// to remember what was sent, however long the topic takes.
	timeToStart = 15 * time.Second
	timeToSave  = 10 * time.Second
	longestMail = 20 * time.Second
	// timeForCards is for all cards of a batch. They come last: the mails have said it all.
	timeForCards = 5 * time.Second
)

var errNoTime = errors.New("there is no time left")

// send keeps the pace, and leaves time to remember what was sent.
func (b *batch) send(ctx context.Context, to Mailer, m mail.Mail) error {
	if len(b.sent) > 0 {
		if wait := pace - b.Now().Sub(b.sent[len(b.sent)-1]); wait > 0 {
			b.Pause(ctx, min(wait, pace)) // a clock may have been set back
		}
	}
	limit := longestMail
	deadline, limited := ctx.Deadline()
	if ctx.Err() != nil || limited && time.Until(deadline) < timeToStart {
		return fmt.Errorf("send the mail %q: %w", m.Subject, errNoTime)
	}
	if limited {
		limit = min(limit, time.Until(deadline)-timeToSave)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := to.Send(ctx, m)
	b.sent = append(b.sent, b.Now()) // one that failed may have arrived
	if err != nil {
		return fmt.Errorf("send the mail %q: %w", m.Subject, err)
	}
	return nil
}

// post posts the cards of the mails that were sent.
func (b *batch) post(ctx context.Context) {
	if b.Chat == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeForCards)
	defer cancel()
	for _, card := range b.cards {
		if err := b.Chat.Post(ctx, card); err != nil {
			b.Log.ErrorContext(ctx, "a card could not be posted", "bytes", len(card), "reason", err.Error())
		}
	}
}
