package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/mail"
)

const (
	// pace is the least time between two mails. Lambda runs two notifiers at most, so
	// that people get no more than a mail a second.
	pace = 2 * time.Second
	// mostSingle is how many stories of a batch get mails of their own, and how many of a
	// flood: the others share a digest.
	mostSingle      = 4
	mostInFlood     = 2
	flood           = 250 // alerts in a batch
	singlesPer      = time.Minute
	failuresInRow   = 2 // after that the topic is down, not a mail bad
	timeToFinish    = 15 * time.Second
	longestMailTime = 20 * time.Second
)

var errNoTime = errors.New("there is no time left")

// publish sends stories, the worst first: some in mails of their own, the rest in a
// digest.
func (b *batch) publish(ctx context.Context, stories []story) {
	singles := b.singles(len(stories))
	down := 0
	for i := 0; i < len(stories); {
		next := i + 1
		if i >= singles {
			next = len(stories)
		}
		part := stories[i:next]
		err := errNoTime
		if down < failuresInRow {
			err = b.tell(ctx, part)
		}
		if err != nil {
			down++
			b.report.MailsLost++
			b.Log.ErrorContext(ctx, Lost, "alerts", alertIDs(part), "reason", err.Error())
		} else {
			down = 0
			for j := range part {
				part[j].sent = true
			}
		}
		i = next
	}
}

// singles is how many stories get mails of their own. A notifier that has just sent
// many mails sends a digest, so that a flood over several batches makes few mails.
func (b *batch) singles(stories int) int {
	most := mostSingle
	if b.report.Alerts > flood {
		most = mostInFlood
	}
	b.sent = slices.DeleteFunc(b.sent, func(at time.Time) bool { return b.now.Sub(at) > singlesPer })
	most = max(0, most-len(b.sent))
	if stories <= most+1 {
		return stories
	}
	return most
}

// tell sends one mail, and its card.
func (b *batch) tell(ctx context.Context, stories []story) error {
	m, card, err := b.render(stories)
	if err != nil {
		return err
	}
	if err := b.send(ctx, b.Mails, m); err != nil {
		return err
	}
	b.report.MailsSent++
	b.Log.InfoContext(ctx, "mail", "subject", m.Subject, "alerts", alertIDs(stories))
	if b.Chat != nil {
		if err := b.Chat.Post(ctx, card); err != nil { // the mail has told it
			b.Log.ErrorContext(ctx, "a card could not be posted", "subject", m.Subject, "reason", err.Error())
		}
	}
	return nil
}

// render writes the mail. A story that breaks the writer must not keep the others of its
// batch from people.
func (b *batch) render(stories []story) (m mail.Mail, card []byte, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("write the mail of the alerts %v: %v", alertIDs(stories), problem)
		}
	}()
	all := make([]mail.Story, len(stories))
	for i, s := range stories {
		all[i] = s.mail()
	}
	if b.Chat != nil {
		card = cardOf(all)
	}
	return b.Write(all), card, nil
}

// Write writes one story as a mail, and several as a digest.
func Write(stories []mail.Story) mail.Mail {
	if len(stories) == 1 {
		return mail.Render(stories[0])
	}
	return mail.Digest(stories)
}

func cardOf(stories []mail.Story) []byte {
	if len(stories) == 1 {
		return mail.Card(stories[0])
	}
	return mail.DigestCard(stories)
}

// send keeps the pace, and leaves time to remember what was sent.
func (b *batch) send(ctx context.Context, to Mailer, m mail.Mail) error {
	if len(b.sent) > 0 {
		if wait := pace - b.Now().Sub(b.sent[len(b.sent)-1]); wait > 0 {
			b.Pause(ctx, min(wait, pace)) // a clock may have been set back
		}
	}
	if deadline, limited := ctx.Deadline(); ctx.Err() != nil || limited && time.Until(deadline) < timeToFinish {
		return fmt.Errorf("send the mail %q: %w", m.Subject, errNoTime)
	}
	ctx, cancel := context.WithTimeout(ctx, longestMailTime)
	defer cancel()
	err := to.Send(ctx, m)
	b.sent = append(b.sent, b.Now()) // one that failed may have arrived
	if err != nil {
		return fmt.Errorf("send the mail %q: %w", m.Subject, err)
	}
	return nil
}

func alertIDs(stories []story) []string {
	var ids []string
	for _, s := range stories {
		ids = union(ids, s.alertIDs())
	}
	return ids
}
