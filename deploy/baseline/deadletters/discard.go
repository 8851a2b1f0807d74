package deadletters

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Recorder keeps lines in a log.
type Recorder interface {
	// Record returns nil once the line is kept in the log group.
	Record(ctx context.Context, group string, at time.Time, line string) error
}

// Why is who discards messages, when and why.
type Why struct {
	Who    string // an ARN
	Reason string
	At     time.Time
}

// Discarded is the line that is kept of a message that a person discards.
type Discarded struct {
	Time      time.Time `json:"time"`
	Level     string    `json:"level"`
	Msg       string    `json:"msg"`
	Who       string    `json:"who"`
	Reason    string    `json:"reason"`
	Queue     string    `json:"queue"`
	MessageID string    `json:"messageId"`
	EventID   string    `json:"eventId,omitempty"`
	Event     string    `json:"event,omitempty"` // what happened, in the words of the list
	Bytes     int       `json:"bytes"`           // of the body
	SHA256    string    `json:"sha256"`          // of the body, in hexadecimal
}

// DiscardedMsg is the msg of each such line.
const DiscardedMsg = "a person discards a dead letter"

// NewDiscarded returns the line of a message.
func NewDiscarded(m Message, why Why) Discarded {
	sum := sha256.Sum256([]byte(m.Body))
	d := Discarded{
		Time: why.At.UTC(), Level: "INFO", Msg: DiscardedMsg, Who: why.Who, Reason: why.Reason,
		Queue: m.Queue, MessageID: m.ID, EventID: plain(m.EventID, longest), Bytes: len(m.Body), SHA256: hex.EncodeToString(sum[:]),
	}
	if m.Understood {
		d.Event = plain(m.what(), longest)
	}
	return d
}

// Discard removes the chosen messages, and returns how many it removed. Each is recorded
// in the log group of the function concerned before it is removed. A message that can't
// be recorded stays.
func (d Desk) Discard(ctx context.Context, chosen []Contents, why Why) (removed int, err error) {
	var errs []error
	for _, c := range chosen {
		n, err := d.dealWith(ctx, c, d.record(c.Queue, why))
		removed += n
		errs = append(errs, err)
	}
	return removed, errors.Join(errs...)
}

// record writes the lines of messages, one by one.
func (d Desk) record(q Queue, why Why) dealing {
	return func(ctx context.Context, messages []Message) (recorded []string, err error) {
		var errs []error
		for _, m := range messages {
			if err := d.recordOne(ctx, q, m, why); err != nil {
				errs = append(errs, fmt.Errorf("message %s of queue %s stays, because it can't be logged that it is discarded: %w", m.ID, q.Name, err))
				continue
			}
			recorded = append(recorded, m.ID)
		}
		return recorded, errors.Join(errs...)
	}
}

func (d Desk) recordOne(ctx context.Context, q Queue, m Message, why Why) error {
	if q.LogGroup == "" {
		return errors.New("the stack has no output that names the function's log group: deploy it again with deploy/deploy.sh")
	}
	line, err := JSON(NewDiscarded(m, why), "")
	if err != nil {
		return err
	}
	return d.Log.Record(ctx, q.LogGroup, why.At, line)
}
