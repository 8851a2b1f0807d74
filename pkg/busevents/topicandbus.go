package busevents

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// Publisher is the alert topic.
type Publisher interface {
	Publish(ctx context.Context, m alert.Message) error
}

// Putter is the event bus.
type Putter interface {
	Put(ctx context.Context, m alert.Message) error
}

// TopicAndBus publishes to a topic, and at the same time puts an event. Only the topic's
// error counts: people hear of an alert whatever becomes of its event.
type TopicAndBus struct {
	Topic Publisher
	Bus   Putter
	Log   *slog.Logger
}

// NotPut is the line of an event that could not be put.
const NotPut = "the alert's event is not on the event bus"

// putTime is all that publishing waits for the bus.
const putTime = 3 * time.Second

// Publish returns once both are done. An alert that is published once more, since
// the topic failed, puts its event once more: the alert's id is the same.
func (b TopicAndBus) Publish(ctx context.Context, m alert.Message) error {
	var both sync.WaitGroup
	both.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, putTime)
		defer cancel()
		if err := b.Bus.Put(ctx, m); err != nil {
			b.Log.WarnContext(ctx, NotPut, "group", m.Attributes["groupId"], "kind", m.Attributes["kind"], "reason", err.Error())
		}
	})
	err := b.Topic.Publish(ctx, m)
	both.Wait()
	return err
}
