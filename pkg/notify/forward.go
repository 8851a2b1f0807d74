package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// Publisher publishes an alert to a topic for machines.
type Publisher interface {
	Publish(ctx context.Context, m alert.Message) error
}

// Central is the alert topic of a central stack, whose notifier writes the mails.
type Central struct {
	Topic Publisher
	ARN   string
}

// NotForwarded is logged for an alert that the central topic did not take.
const NotForwarded = "an alert could not be forwarded to the central topic"

const (
	// forwardAtOnce is how many alerts are on their way to the central topic at a time. The
	// topic may be in a distant region: one after the other, a batch of 1,000 would take
	// minutes.
	forwardAtOnce = 8
	// longestForward is the most time that one alert gets, with the SDK's retries.
	longestForward = 20 * time.Second
	// refusalsInRow is after how many failures one after the other the topic counts as
	// down. The rest of the batch is not tried: the queue delivers it again.
	refusalsInRow = 16
)

// forward sends alerts to the central topic, each as it came. It returns those that the
// topic took. The queue delivers the others again, and in the end keeps them among the
// dead letters. One that fails keeps none of the others.
func (b *batch) forward(ctx context.Context, alerts []received) []received {
	errs := make([]error, len(alerts))
	var down refusals
	var wait sync.WaitGroup
	slots := make(chan struct{}, forwardAtOnce)
	for i, a := range alerts {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			if errs[i] = errDown; !down.tooMany() {
				errs[i] = b.forwardOne(ctx, a)
				down.count(errs[i])
			}
		})
	}
	wait.Wait()
	return b.forwarded(ctx, alerts, errs)
}

// forwarded notes what became of each alert, and returns those without an error.
func (b *batch) forwarded(ctx context.Context, alerts []received, errs []error) (taken []received) {
	for i, a := range alerts {
		if errs[i] == nil {
			taken = append(taken, a)
			continue
		}
		b.Log.ErrorContext(ctx, NotForwarded, "alert", a.ID, "reason", errs[i].Error())
		for _, id := range a.messages {
			b.failed[id] = true
		}
	}
	b.report.Forwarded, b.report.NotForwarded = len(taken), len(alerts)-len(taken)
	return taken
}

var errDown = errors.New("not tried: the central topic took none of the alerts before this one")

// forwardOne does not forward what could come back for ever: alerts that came from the
// central topic, and alerts that another stack has forwarded here.
func (b *batch) forwardOne(ctx context.Context, a received) error {
	if a.came.topicARN == b.Central.ARN || a.elsewhere {
		return fmt.Errorf("forward the alert %s of account %s, region %s, from %s to %s: a stack that forwards alerts must not be a central one: correct CentralAlertTopicArn",
			a.ID, a.Account, a.Region, a.came.topicARN, b.Central.ARN)
	}
	limit := longestForward
	if deadline, limited := ctx.Deadline(); limited {
		if limit = min(limit, time.Until(deadline)-timeToSave); limit < timeToStart-timeToSave {
			return fmt.Errorf("forward the alert %s to %s: %w", a.ID, b.Central.ARN, errNoTime)
		}
	}
	m, err := a.message()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := b.Central.Topic.Publish(ctx, m); err != nil {
		return fmt.Errorf("forward the alert %s: %w", a.ID, err)
	}
	return nil
}

// message is the alert as it came. An attribute that is missing follows from the alert:
// without the attribute "kind", the filter of the central stack's queue drops the message.
func (r received) message() (alert.Message, error) {
	body, err := json.Marshal(map[string]string{"default": r.came.text})
	if err != nil {
		return alert.Message{}, fmt.Errorf("encode the message of the alert %s: %w", r.ID, err)
	}
	attributes := alert.Attributes(r.Alert)
	maps.Copy(attributes, r.came.attributes)
	return alert.Message{Body: string(body), Attributes: attributes}, nil
}

// asSent marks stories as sent: the central stack sends their mails.
func asSent(stories []story) []story {
	for i := range stories {
		stories[i].sent = true
	}
	return stories
}

// refusals counts failures one after the other.
type refusals struct {
	mu sync.Mutex
	n  int
}

func (r *refusals) count(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n++; err == nil {
		r.n = 0
	}
}

func (r *refusals) tooMany() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n >= refusalsInRow
}
