// Package notify turns alerts into mails. It merges the alerts of a batch into as few
// mails as make sense, leaves out what people know already, and never drops an alert of
// which it could not notify people.
package notify

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/pkg/mail"
	"github.com/sgwarden/sgwarden/pkg/notified"
)

// Mailer sends a mail to people.
type Mailer interface {
	Send(ctx context.Context, m mail.Mail) error
}

// Chat posts a card into a chat.
type Chat interface {
	Post(ctx context.Context, card []byte) error
}

// MemoryStore holds what people were notified of.
type MemoryStore interface {
	// Load returns a memory that can be used even where there is an error: what could not
	// be read counts as news.
	Load(ctx context.Context) (*notified.Memory, error)
	Save(ctx context.Context, b *notified.Memory) error
}

// Message is one message of the queue.
type Message struct{ ID, Body string }

// Report says what became of a batch.
type Report struct {
	Failed       []string // ids of the messages that the queue has to deliver again
	Alerts       int      // different alerts
	MailsSent    int
	MailsLost    int // could not be sent
	Contention   int // groups about which two tools contend; the mail about it is sent to Alarms
	Forwarded    int // alerts that the central topic took
	NotForwarded int // alerts that the central topic did not take
	// MemoryFailed says that the memory could not be read or written as a whole, so that
	// people will be notified twice of something.
	MemoryFailed bool
}

// Notifier sends mails, or forwards alerts to a notifier that does. Chat, Alarms and
// Central are nil where there are none. OwnRoles and Home may be empty. All other fields
// must be set.
type Notifier struct {
	Mails  Mailer
	Chat   Chat
	Alarms Mailer
	Memory MemoryStore
	// Write writes one mail of one or more stories. It is Write outside of tests.
	Write    func(stories []mail.Story) mail.Mail
	Log      *slog.Logger
	Now      func() time.Time
	Pause    func(ctx context.Context, d time.Duration)
	OwnRoles []string // ARNs of sgwarden's own IAM roles
	// Central gets the alerts of a notifier that forwards them. It writes no mails then.
	Central *Central
	// Home is the account and region of the notifier. Alerts from elsewhere have entries of
	// their own in the memory. Where Home is empty, no alert is from elsewhere.
	Home Origin
	// Reverts is how many reverts of a group within half an hour are no contention yet.
	Reverts int

	mu   sync.Mutex
	sent []time.Time // when the last mails were sent, the oldest first
}

// Notify sends the mails that a batch of alerts makes, or forwards the alerts. It first
// sends them and then remembers them: a notifier that is stopped in between notifies
// people twice, and never leaves anything out.
func (n *Notifier) Notify(ctx context.Context, messages []Message) Report {
	n.mu.Lock() // one batch at a time, so that the pace is kept
	defer n.mu.Unlock()
	b := &batch{Notifier: n, failed: map[string]bool{}, now: n.Now()}
	b.read(ctx, messages)
	b.load(ctx)
	undelivered := b.undelivered()
	var stories []story
	if b.Central != nil {
		undelivered = b.forward(ctx, undelivered)
		stories = asSent(b.stories(merge(undelivered)))
	} else {
		stories = b.stories(merge(undelivered))
		b.publish(ctx, stories)
	}
	b.remember(undelivered, stories)
	b.checkContention(ctx, undelivered)
	b.save(ctx)
	b.post(ctx)
	return b.finish(messages)
}
