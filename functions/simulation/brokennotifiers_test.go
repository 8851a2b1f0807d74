package simulation

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/mail"
	memory "github.com/sgwarden/sgwarden/pkg/notified"
	"github.com/sgwarden/sgwarden/pkg/notify"
)

// remembersFirst has the notifier write its memory before it sends the mails.
func remembersFirst(n *notify.Notifier) {
	p := &postpones{Mailer: n.Mails, MemoryStore: n.Memory}
	n.Mails, n.Memory = p, p
}

type postpones struct {
	notify.Mailer
	notify.MemoryStore
	mails []mail.Mail
}

func (p *postpones) Send(_ context.Context, m mail.Mail) error {
	p.mails = append(p.mails, m)
	return nil
}

func (p *postpones) Save(ctx context.Context, b *memory.Memory) error {
	errs := []error{p.MemoryStore.Save(ctx, b)}
	for _, m := range p.mails {
		errs = append(errs, p.Mailer.Send(ctx, m))
	}
	p.mails = nil
	return errors.Join(errs...)
}

// swallowsFailures calls a mail sent that SNS did not take.
type swallowsFailures struct{ notify.Mailer }

func (s swallowsFailures) Send(ctx context.Context, m mail.Mail) error {
	_ = s.Mailer.Send(ctx, m)
	return nil
}

// onlyOnce sends no mail whose subject was sent before.
type onlyOnce struct {
	notify.Mailer
	sent []string
}

func (o *onlyOnce) Send(ctx context.Context, m mail.Mail) error {
	if slices.Contains(o.sent, m.Subject) {
		return nil
	}
	if err := o.Mailer.Send(ctx, m); err != nil {
		return err
	}
	o.sent = append(o.sent, m.Subject)
	return nil
}

// deletesMessagesWithoutAlert has the notifier's answer leave out messages that are no alert.
func deletesMessagesWithoutAlert(batch []notify.Message, failed []string) []string {
	return slices.DeleteFunc(failed, func(id string) bool {
		n := slices.IndexFunc(batch, func(m notify.Message) bool { return m.ID == id })
		var envelope struct{ Message string }
		var alert struct{ ID string }
		return n >= 0 && (json.Unmarshal([]byte(batch[n].Body), &envelope) != nil || json.Unmarshal([]byte(envelope.Message), &alert) != nil || alert.ID == "")
	})
}
