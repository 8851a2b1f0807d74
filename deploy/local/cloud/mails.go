package cloud

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/proxy"
)

// Mail is one message as people get it by e-mail.
type Mail struct {
	Time          time.Time
	Subject, Body string
	Alarm         bool // it went to the alarm topic and not to the mail topic
}

// Card is one message to the chat topic: JSON.
type Card struct {
	Time time.Time
	JSON string
}

// audience is who listens to a topic.
type audience int

const (
	machines audience = iota
	mailed
	alarmed
	chatting
)

// address makes known whom the topics in a function's environment are for.
func (c *Cloud) address(variables map[string]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.audience == nil {
		c.audience = map[string]audience{}
	}
	for variable, who := range map[string]audience{"MAIL_TOPIC_ARN": mailed, "ALARM_TOPIC_ARN": alarmed, "CHAT_TOPIC_ARN": chatting} {
		if topic := variables[variable]; topic != "" {
			c.audience[topic] = who
		}
	}
}

// forPeople keeps a message that is for people, and says whether it is.
func (c *Cloud) forPeople(p proxy.Publication) bool {
	c.mu.Lock()
	who := c.audience[p.TopicARN]
	c.mu.Unlock()
	switch who {
	case machines:
		return false
	case chatting:
		c.cards.add(Card{p.Time, p.Part("https")})
	default:
		m := Mail{Time: p.Time, Subject: p.Subject, Body: p.Part("email"), Alarm: who == alarmed}
		c.mails.add(m)
		if c.options.Mailed != nil {
			c.options.Mailed(m)
		}
	}
	return true
}

// Mails are all mails that SNS has taken so far, in their order.
func (c *Cloud) Mails() []Mail {
	list, _ := c.mails.all()
	return list
}

// Cards are all messages to the chat topic so far, in their order.
func (c *Cloud) Cards() []Card {
	list, _ := c.cards.all()
	return list
}

// WaitMail returns the first mail that fits, and waits for it until ctx ends.
func (c *Cloud) WaitMail(ctx context.Context, fits func(Mail) bool) (Mail, error) {
	found, err := c.mails.wait(ctx, fits)
	if err != nil {
		return Mail{}, fmt.Errorf("wait for a mail: %w", err)
	}
	return found, nil
}

// WaitMails returns once everything that happened so far has been told to people: WaitIdle, and then no message is left
// in the queues of the event source mappings. Mails wait as long as the template says.
func (c *Cloud) WaitMails(ctx context.Context) error {
	if err := c.WaitIdle(ctx); err != nil {
		return err
	}
	for {
		idle, err := c.mappingsIdle(ctx)
		if idle || err != nil {
			return errors.Join(err, c.failures())
		}
		select {
		case <-time.After(lookTime):
		case <-ctx.Done():
			return fmt.Errorf("wait until all mails are sent: %w", ctx.Err())
		}
	}
}
