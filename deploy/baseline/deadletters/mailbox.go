package deadletters

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const (
	// pageSize is the most messages that one call of SQS takes or gives.
	pageSize = 10
	// longestHidden is the most seconds that SQS hides a message.
	longestHidden = 43_200
	// oldPages is how many pages with nothing new end the reading of a queue: SQS may
	// deliver a message twice.
	oldPages = 3
	// answerTime is how long an answer of SQS may take that must not be lost.
	answerTime = 30 * time.Second
)

// mailbox receives from one queue. It remembers what it holds, so that it can put that
// back.
type mailbox struct {
	client *sqs.Client
	queue  Queue
	hidden int32 // seconds for which a received message is hidden from others

	received map[string]string // the latest receipt handle of each message that was received, by its id
	seen     map[string]bool
	old      int // pages with nothing new, one after the other
}

func newMailbox(client *sqs.Client, q Queue, hidden int) *mailbox {
	return &mailbox{client: client, queue: q, hidden: int32(min(hidden, longestHidden)), received: map[string]string{}, seen: map[string]bool{}}
}

// receive returns the next messages, none where there are no more. SQS asks only some
// of its servers unless the call asks it to wait; then an empty answer means an empty queue.
//
// An interrupt does not end the call: messages whose answer is lost stay hidden.
func (b *mailbox) receive(ctx context.Context) ([]types.Message, error) {
	if b.old == oldPages || ctx.Err() != nil {
		return nil, b.interrupted(ctx)
	}
	lasting, cancel := lasting(ctx)
	defer cancel()
	answer, err := b.client.ReceiveMessage(lasting, &sqs.ReceiveMessageInput{
		QueueUrl: &b.queue.URL, MaxNumberOfMessages: pageSize, WaitTimeSeconds: 1, VisibilityTimeout: b.hidden,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		MessageAttributeNames:       []string{"All"},
	})
	if err != nil {
		return nil, fmt.Errorf("receive messages from queue %s: %w", b.queue.Name, err)
	}
	b.old++
	for _, m := range answer.Messages {
		id := aws.ToString(m.MessageId)
		if !b.seen[id] {
			b.seen[id], b.old = true, 0
		}
		b.received[id] = aws.ToString(m.ReceiptHandle)
	}
	return answer.Messages, b.interrupted(ctx)
}

func (b *mailbox) interrupted(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("read queue %s: interrupted: %w", b.queue.Name, err)
	}
	return nil
}

// putBack makes the received messages visible again. A message that SQS does not put back becomes visible
// by itself once it was hidden for long enough.
func (b *mailbox) putBack(ctx context.Context) error {
	ctx, cancel := lasting(ctx)
	defer cancel()
	var errs []error
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(b.received)), pageSize) {
		entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(ids))
		for i, id := range ids {
			entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{Id: &ids[i], ReceiptHandle: aws.String(b.received[id]), VisibilityTimeout: 0}
		}
		answer, err := b.client.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &b.queue.URL, Entries: entries})
		if err == nil {
			err = refusals(answer.Failed)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("put messages back into queue %s, where they are hidden for %d seconds at most: %w", b.queue.Name, b.hidden, err))
		}
	}
	clear(b.received)
	return errors.Join(errs...)
}

// remove deletes messages that were received, and returns the ids of the deleted ones.
func (b *mailbox) remove(ctx context.Context, ids []string) (removed []string, err error) {
	ctx, cancel := lasting(ctx)
	defer cancel()
	var errs []error
	for ids := range slices.Chunk(ids, pageSize) {
		entries := make([]types.DeleteMessageBatchRequestEntry, len(ids))
		for i, id := range ids {
			entries[i] = types.DeleteMessageBatchRequestEntry{Id: &ids[i], ReceiptHandle: aws.String(b.received[id])}
		}
		answer, err := b.client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &b.queue.URL, Entries: entries})
		if err != nil {
			errs = append(errs, fmt.Errorf("remove from queue %s the messages %s: %w", b.queue.Name, strings.Join(ids, " "), err))
			continue
		}
		for _, deleted := range answer.Successful {
			removed = append(removed, aws.ToString(deleted.Id))
			delete(b.received, aws.ToString(deleted.Id))
		}
		if err := refusals(answer.Failed); err != nil {
			errs = append(errs, fmt.Errorf("remove messages from queue %s, which will be shown again: %w", b.queue.Name, err))
		}
	}
	return removed, errors.Join(errs...)
}

// refusals returns one error for each message that SQS refused to do something with.
func refusals(failed []types.BatchResultErrorEntry) error {
	var errs []error
	for _, f := range failed {
		errs = append(errs, fmt.Errorf("message %s: %s: %s", aws.ToString(f.Id), aws.ToString(f.Code), aws.ToString(f.Message)))
	}
	return errors.Join(errs...)
}

// lasting returns a context that an interrupt does not end.
func lasting(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), answerTime)
}
