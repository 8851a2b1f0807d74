package notify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/mail"
)

const (
	// mostSingle is how many stories of a batch get mails of their own, and how many of a
	// flood: the others share a digest.
	mostSingle    = 4
	mostInFlood   = 2
	flood         = 250 // alerts in a batch
	singlesPer    = time.Minute
	failuresInRow = 2 // after that the topic is down, not a mail bad
)

// publish sends stories, the worst first: some in mails of their own, the rest in a
// digest. A story that can't be written keeps none of the others from people.
func (b *batch) publish(ctx context.Context, stories []story) {
	singles := b.singles(len(stories))
	down := 0
	for i := 0; i < len(stories); {
		next := i + 1
		if i >= singles {
			next = len(stories)
		}
		part := pointers(stories[i:next])
		m, card, err := b.render(part)
		if err != nil {
			part = b.writable(ctx, part)
			m, card, err = b.render(part)
		}
		if i = next; len(part) == 0 {
			continue
		}
		if err == nil {
			if err = errNoTime; down < failuresInRow {
				err = b.send(ctx, b.Mails, m)
			}
			down = map[bool]int{true: 0, false: down + 1}[err == nil]
		}
		if err != nil {
			b.lose(ctx, part, err)
			continue
		}
		b.report.MailsSent++
		b.Log.InfoContext(ctx, "mail", "subject", m.Subject, "alerts", alertIDs(part))
		b.cards = append(b.cards, card)
		for _, s := range part {
			s.sent = true
		}
	}
}

func pointers(stories []story) []*story {
	all := make([]*story, len(stories))
	for i := range stories {
		all[i] = &stories[i]
	}
	return all
}

// writable leaves out the stories of a mail that can't be written, and says so.
func (b *batch) writable(ctx context.Context, stories []*story) []*story {
	return slices.DeleteFunc(stories, func(s *story) bool {
		_, _, err := b.render([]*story{s})
		if err != nil {
			b.lose(ctx, []*story{s}, err)
		}
		return err != nil
	})
}

func (b *batch) lose(ctx context.Context, stories []*story, reason error) {
	b.report.MailsLost++
	b.Log.ErrorContext(ctx, MailNotSent, "alerts", alertIDs(stories), "reason", reason.Error())
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

// render writes the mail. A story that breaks the writer must not keep the others of its
// batch from people.
func (b *batch) render(stories []*story) (m mail.Mail, card []byte, err error) {
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

func alertIDs(stories []*story) []string {
	var ids []string
	for _, s := range stories {
		ids = union(ids, s.alertIDs())
	}
	return ids
}
