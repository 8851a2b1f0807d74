package cloud

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/deploy/local/proxy"
)

// Alert is one message as it was published to a topic for machines.
type Alert struct {
	Time       time.Time
	MessageID  string
	TopicARN   string
	Subject    string
	JSON       string // the default part, for machines
	Email      string // the part for people
	Attributes map[string]string
}

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

// forPeople are the variables in a function's environment that name a topic for people. Any other topic is for machines.
var forPeople = []string{"MAIL_TOPIC_ARN", "ALARM_TOPIC_ARN", "CHAT_TOPIC_ARN"}

// address keeps whom the topics in a function's environment are for.
func (c *Cloud) address(variables map[string]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, variable := range forPeople {
		if topic := variables[variable]; topic != "" {
			c.audience[topic] = variable
		}
	}
}

// published keeps a message that SNS took.
func (c *Cloud) published(p proxy.Publication) {
	c.wake()
	c.mu.Lock()
	audience := c.audience[p.TopicARN]
	c.mu.Unlock()
	switch audience {
	case "":
		a := Alert{p.Time, p.MessageID, p.TopicARN, p.Subject, p.Part("default"), p.Part("email"), p.Attributes}
		c.alerts.add(a)
		if c.options.Alerted != nil {
			c.options.Alerted(a)
		}
	case "CHAT_TOPIC_ARN":
		c.cards.add(Card{p.Time, p.Part("https")})
	default:
		m := Mail{p.Time, p.Subject, p.Part("email"), audience == "ALARM_TOPIC_ARN"}
		c.mails.add(m)
		if c.options.Mailed != nil {
			c.options.Mailed(m)
		}
	}
}

// Alerts are all messages that SNS has taken so far, but for those to people, in their order.
func (c *Cloud) Alerts() []Alert { return c.alerts.soFar() }

// Mails are all mails that SNS has taken so far, in their order.
func (c *Cloud) Mails() []Mail { return c.mails.soFar() }

// Cards are all messages to the chat topic so far, in their order.
func (c *Cloud) Cards() []Card { return c.cards.soFar() }

// WaitAlert returns the first alert that fits, and waits for it until ctx ends.
func (c *Cloud) WaitAlert(ctx context.Context, fits func(Alert) bool) (Alert, error) {
	return c.alerts.wait(ctx, "an alert", fits)
}

// WaitMail returns the first mail that fits, and waits for it until ctx ends.
func (c *Cloud) WaitMail(ctx context.Context, fits func(Mail) bool) (Mail, error) {
	return c.mails.wait(ctx, "a mail", fits)
}

// WaitMails returns once people have got a mail about everything that happened so far: WaitIdle, and then no message is
// left in the queues of the event source mappings. Mails wait as long as the template says.
func (c *Cloud) WaitMails(ctx context.Context) error {
	if err := c.WaitIdle(ctx); err != nil {
		return err
	}
	for {
		idle, err := c.mappingsIdle(ctx)
		if idle || err != nil {
			return errors.Join(err, c.bus.Failures())
		}
		select {
		case <-time.After(lookTime):
		case <-ctx.Done():
			return fmt.Errorf("wait until all mails are sent: %w", ctx.Err())
		}
	}
}

// journal keeps what has come so far, in its order, for those who wait for something to come.
type journal[T any] struct {
	mu      sync.Mutex
	list    []T
	changed chan struct{} // closed when something comes; nil while nobody waits
}

func (j *journal[T]) add(one T) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list = append(j.list, one)
	if j.changed != nil {
		close(j.changed)
		j.changed = nil
	}
}

func (j *journal[T]) soFar() []T {
	list, _ := j.now()
	return list
}

func (j *journal[T]) now() (list []T, changed <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.changed == nil {
		j.changed = make(chan struct{})
	}
	return slices.Clone(j.list), j.changed
}

// wait returns the first that fits, and waits for it until ctx ends.
func (j *journal[T]) wait(ctx context.Context, what string, fits func(T) bool) (T, error) {
	for {
		list, changed := j.now()
		if i := slices.IndexFunc(list, fits); i >= 0 {
			return list[i], nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			var none T
			return none, fmt.Errorf("wait for %s: after %d others: %w", what, len(list), ctx.Err())
		}
	}
}
