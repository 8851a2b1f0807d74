package deadletters

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Invoker is Lambda.
type Invoker interface {
	Invoke(context.Context, *lambda.InvokeInput, ...func(*lambda.Options)) (*lambda.InvokeOutput, error)
}

// Desk works on dead-letter queues.
type Desk struct {
	Queues    *sqs.Client
	Functions Invoker  // replays
	Log       Recorder // called with each message before it is discarded
}

// Contents is what a queue holds, or a choice of that, in the order of time.
type Contents struct {
	Queue    Queue
	Messages []Message
	InFlight int // messages that were hidden when the reading began
}

// List returns what is in queues, and puts all of it back. Where some queues can't be
// read, List returns the contents of the others and the error.
func (d Desk) List(ctx context.Context, queues []Queue) ([]Contents, error) {
	all, errs := make([]Contents, len(queues)), make([]error, len(queues))
	var reading sync.WaitGroup
	for i, q := range queues { // side by side, as SQS takes a second to say that a queue is empty
		reading.Go(func() { all[i], errs[i] = d.list(ctx, q) })
	}
	reading.Wait()
	var read []Contents
	for i := range all {
		if all[i].Queue.Name != "" {
			read = append(read, all[i])
		}
	}
	return read, errors.Join(errs...)
}

// list returns no Contents where the queue can't be read.
func (d Desk) list(ctx context.Context, q Queue) (c Contents, err error) {
	visible, inFlight, err := d.Waiting(ctx, q)
	if err != nil {
		return Contents{}, err
	}
	box := newMailbox(d.Queues, q, 60+visible)
	defer func() { err = errors.Join(err, box.putBack(ctx)) }()
	found := map[string]Message{}
	for {
		page, err := box.receive(ctx)
		if err != nil {
			return Contents{}, err
		}
		if len(page) == 0 {
			break
		}
		for _, m := range page {
			found[aws.ToString(m.MessageId)] = Describe(q, m)
		}
	}
	c = Contents{Queue: q, InFlight: inFlight}
	for _, m := range found {
		c.Messages = append(c.Messages, m)
	}
	inOrder(c.Messages)
	return c, nil
}

// Waiting returns how many messages a queue has, and how many more nobody can receive now.
func (d Desk) Waiting(ctx context.Context, q Queue) (visible, inFlight int, err error) {
	kinds := []types.QueueAttributeName{
		types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
		types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
	}
	answer, err := d.Queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &q.URL, AttributeNames: kinds})
	if err != nil {
		return 0, 0, fmt.Errorf("count the messages of queue %s: %w", q.Name, err)
	}
	counts := make([]int, len(kinds))
	for i, kind := range kinds {
		if counts[i], err = strconv.Atoi(answer.Attributes[string(kind)]); err != nil {
			return 0, 0, fmt.Errorf("count the messages of queue %s: %s: %w", q.Name, kind, err)
		}
	}
	return counts[0], counts[1] + counts[2], nil
}

// Choose returns the messages that are wanted, without the queues that have none of
// them.
func Choose(all []Contents, wanted func(Message) bool) []Contents {
	var chosen []Contents
	for _, c := range all {
		c.Messages = slices.DeleteFunc(slices.Clone(c.Messages), func(m Message) bool { return !wanted(m) })
		if len(c.Messages) > 0 {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// Count returns how many messages there are, and how many more are in flight.
func Count(all []Contents) (messages, inFlight int) {
	for _, c := range all {
		messages, inFlight = messages+len(c.Messages), inFlight+c.InFlight
	}
	return messages, inFlight
}

// dealing deals with messages that were received, and returns the ids of those that may be
// removed.
type dealing func(context.Context, []Message) (done []string, err error)

// dealWith receives the chosen messages of a queue again, deals with them and removes
// them. It returns how many were deleted.
func (d Desk) dealWith(ctx context.Context, chosen Contents, deal dealing) (removed int, err error) {
	box := newMailbox(d.Queues, chosen.Queue, 120+len(chosen.Messages))
	left := map[string]bool{}
	for _, m := range chosen.Messages {
		left[m.ID] = true
	}
	var errs []error
	for len(left) > 0 {
		page, err := box.receive(ctx)
		if err != nil || len(page) == 0 {
			errs = append(errs, err)
			break
		}
		done, err := deal(ctx, taken(chosen.Queue, page, left))
		errs = append(errs, err)
		ids, err := box.remove(ctx, done)
		errs = append(errs, err)
		removed += len(ids)
	}
	errs = append(errs, box.putBack(ctx))
	if len(left) > 0 {
		errs = append(errs, fmt.Errorf("queue %s: these messages were gone, or in flight, when it was their turn: %s", chosen.Queue.Name, listed(left)))
	}
	return removed, errors.Join(errs...)
}

// taken returns the messages of a page that are left, each once, and takes them off.
func taken(q Queue, page []types.Message, left map[string]bool) []Message {
	var messages []Message
	for _, m := range page {
		if id := aws.ToString(m.MessageId); left[id] {
			delete(left, id)
			messages = append(messages, Describe(q, m))
		}
	}
	return messages
}

// listed returns the ids that are in a set.
func listed(ids map[string]bool) string {
	var all []string
	for id := range ids {
		all = append(all, id)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}
