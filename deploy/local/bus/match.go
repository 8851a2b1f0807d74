package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// batchSize is the most events of one PutEvents and messages of one ReceiveMessage.
const batchSize = 10

func (b *Bus) run() {
	for {
		select {
		case <-b.ctx.Done():
			return
		case first := <-b.entries:
			batch := []entry{first}
			for len(batch) < batchSize && len(b.entries) > 0 {
				batch = append(batch, <-b.entries)
			}
			if err := b.dispatch(b.ctx, batch); err != nil {
				b.fail(err)
			}
			for _, e := range batch {
				e.done()
			}
		}
	}
}

// dispatch has moto match the events and starts their deliveries.
func (b *Bus) dispatch(ctx context.Context, batch []entry) error {
	b.syncing.Lock() // no rule is exchanged between the matching and the receiving
	defer b.syncing.Unlock()
	b.mu.Lock()
	rules := slices.Clone(b.rules)
	b.mu.Unlock()
	if len(rules) == 0 {
		return nil
	}
	byID, err := b.putEvents(ctx, batch)
	for _, rule := range rules {
		matched, receiveErr := b.receive(ctx, rule)
		err = errors.Join(err, receiveErr)
		for _, id := range matched {
			event, ok := byID[id]
			if !ok {
				continue // put on the mirroring bus by somebody else
			}
			for _, to := range rule.targets {
				done := b.pending.begin()
				b.loops.Go(func() {
					defer done()
					if _, err := b.deliver(ctx, event, rule, to); err != nil {
						b.fail(err)
					}
				})
			}
		}
	}
	return err
}

// putEvents puts the batch on the mirroring bus and returns the events by the ids that they got there. Its error does
// not mean that none was put.
func (b *Bus) putEvents(ctx context.Context, batch []entry) (map[string]json.RawMessage, error) {
	input := &eventbridge.PutEventsInput{}
	var put []json.RawMessage
	var errs []error
	for _, e := range batch {
		request, err := putRequest(b.mirrorBus, e.event)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		input.Entries = append(input.Entries, request)
		put = append(put, e.event)
	}
	if len(put) == 0 {
		return nil, errors.Join(errs...)
	}
	output, err := b.events.PutEvents(ctx, input)
	if err != nil {
		return nil, errors.Join(append(errs, fmt.Errorf("match %d events: %w", len(put), err))...)
	}
	byID := map[string]json.RawMessage{}
	for i, result := range output.Entries {
		if result.EventId == nil {
			errs = append(errs, fmt.Errorf("match an event: %s: %s", aws.ToString(result.ErrorCode), aws.ToString(result.ErrorMessage)))
			continue
		}
		byID[*result.EventId] = put[i]
	}
	return byID, errors.Join(errs...)
}

func putRequest(bus string, event json.RawMessage) (types.PutEventsRequestEntry, error) {
	var envelope struct {
		Source     string          `json:"source"`
		DetailType string          `json:"detail-type"`
		Time       time.Time       `json:"time"`
		Resources  []string        `json:"resources"`
		Detail     json.RawMessage `json:"detail"`
	}
	if err := json.Unmarshal(event, &envelope); err != nil {
		return types.PutEventsRequestEntry{}, fmt.Errorf("match an event: read its envelope: %w", err)
	}
	return types.PutEventsRequestEntry{
		EventBusName: aws.String(bus),
		Source:       &envelope.Source,
		DetailType:   &envelope.DetailType,
		Detail:       aws.String(string(envelope.Detail)),
		Resources:    envelope.Resources,
		Time:         &envelope.Time,
	}, nil
}

// receive takes from the rule's queue the ids of the events that it matched. moto delivers before PutEvents answers, so
// what is not there now will not come.
func (b *Bus) receive(ctx context.Context, rule mirrored) ([]string, error) {
	var ids []string
	for {
		got, err := b.queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: aws.String(rule.queueURL), MaxNumberOfMessages: batchSize, VisibilityTimeout: 600,
		})
		if err != nil {
			return ids, fmt.Errorf("receive what rule %s matched: %w", rule.name, err)
		}
		if len(got.Messages) == 0 {
			return ids, nil
		}
		remove := &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(rule.queueURL)}
		for i, message := range got.Messages {
			var matched struct {
				ID string `json:"id"`
			}
			if err := json.Unmarshal([]byte(aws.ToString(message.Body)), &matched); err != nil {
				return ids, fmt.Errorf("read what rule %s matched: %w", rule.name, err)
			}
			ids = append(ids, matched.ID)
			remove.Entries = append(remove.Entries, sqstypes.DeleteMessageBatchRequestEntry{
				Id: aws.String(strconv.Itoa(i)), ReceiptHandle: message.ReceiptHandle,
			})
		}
		done := b.pending.begin()
		b.loops.Go(func() { // beside the functions; until then nobody sees the messages again
			defer done()
			if _, err := b.queues.DeleteMessageBatch(ctx, remove); err != nil {
				b.fail(fmt.Errorf("delete what rule %s matched: %w", rule.name, err))
			}
		})
		if len(got.Messages) < batchSize {
			return ids, nil
		}
	}
}
