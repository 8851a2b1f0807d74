package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sgwarden/sgwarden/deploy/local/runtime"
)

// OnFailure is what becomes of an event on which a function fails. See
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html.
type OnFailure struct {
	Retries     int    // after the first attempt; Lambda's default is 2
	Destination string // ARN of the SQS queue that gets the event with its error, "" for none
	DeadLetters string // ARN of the SQS queue that gets the bare event, "" for none
}

// deliver invokes the target as Lambda does asynchronously: again after a failure, and at last into a queue.
func (b *Bus) deliver(ctx context.Context, event json.RawMessage, rule rule, to target) (Delivery, error) {
	delivery := Delivery{Event: event, Rule: rule.name, Function: to.function}
	var err error
	if registered, known := b.registered(to.function); known {
		err = b.invoke(ctx, registered, &delivery)
	} else {
		err = b.undeliverable(ctx, rule, to, &delivery)
	}
	if err != nil {
		return delivery, fmt.Errorf("deliver an event to %s: %w", to.function, err)
	}
	if b.config.Delivered != nil {
		b.config.Delivered(delivery)
	}
	return delivery, nil
}

// InvokeLater takes an asynchronous invocation, with its retries and what becomes of a failure, and returns at once.
// accepted is false where no such function is registered.
func (b *Bus) InvokeLater(functionARN string, payload json.RawMessage) (accepted bool) {
	if _, known := b.registered(functionARN); !known {
		return false
	}
	b.start(func() error {
		_, err := b.deliver(b.ctx, payload, rule{}, target{function: functionARN})
		return err
	})
	return true
}

func (b *Bus) invoke(ctx context.Context, r registration, d *Delivery) error {
	for d.Attempts = 1; ; d.Attempts++ {
		var err error
		if d.Result, err = r.function.Invoke(ctx, d.Event); errors.Is(err, runtime.ErrClosed) {
			successor, known := b.registered(d.Function)
			if !known || successor.function == r.function {
				return err
			}
			r = successor // deployed since
			d.Attempts--
			continue
		}
		if err != nil {
			return err
		}
		if d.Result.Error == nil {
			return nil
		}
		if d.Attempts > r.failure.Retries {
			return b.giveUp(ctx, r.failure, d)
		}
		select {
		case <-time.After(b.retryDelay(d.Attempts)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (b *Bus) registered(functionARN string) (r registration, known bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, known = b.functions[functionARN]
	return r, known
}

func (b *Bus) retryDelay(attempt int) time.Duration {
	delays := b.config.RetryDelays
	if len(delays) == 0 {
		return 0
	}
	return delays[min(attempt, len(delays))-1]
}

func (b *Bus) giveUp(ctx context.Context, failure OnFailure, d *Delivery) error {
	var errs []error
	if failure.Destination != "" {
		body, err := json.Marshal(failureRecord(d, time.Now()))
		if err != nil {
			return fmt.Errorf("describe the failure: %w", err)
		}
		d.Queue = failure.Destination
		errs = append(errs, b.send(ctx, failure.Destination, string(body), nil))
	}
	if failure.DeadLetters != "" {
		d.Queue = failure.DeadLetters
		errs = append(errs, b.send(ctx, failure.DeadLetters, string(d.Event), map[string]types.MessageAttributeValue{
			"RequestID":    stringValue(d.Result.RequestID),
			"ErrorCode":    {DataType: aws.String("Number"), StringValue: aws.String("200")},
			"ErrorMessage": stringValue(d.Result.Error.Message),
		}))
	}
	return errors.Join(errs...)
}

// record is what a destination gets:
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-async-destinations
type record struct {
	Version        string         `json:"version"`
	Timestamp      string         `json:"timestamp"`
	RequestContext map[string]any `json:"requestContext"`
	Request        any            `json:"requestPayload"`
	Response       map[string]any `json:"responseContext"`
	Answer         any            `json:"responsePayload"`
}

func failureRecord(d *Delivery, now time.Time) record {
	return record{
		Version:   "1.0",
		Timestamp: now.UTC().Format("2006-01-02T15:04:05.000Z"),
		RequestContext: map[string]any{
			"requestId": d.Result.RequestID, "functionArn": d.Function + ":$LATEST",
			"condition": "RetriesExhausted", "approximateInvokeCount": d.Attempts,
		},
		Request:  d.Event,
		Response: map[string]any{"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
		Answer:   payloadOf(d.Result),
	}
}

func payloadOf(result runtime.Result) any {
	if json.Valid(result.Payload) {
		return json.RawMessage(result.Payload)
	}
	return string(result.Payload)
}

// undeliverable is for a target that EventBridge cannot invoke: the rule's own dead-letter queue gets the event. See
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html.
func (b *Bus) undeliverable(ctx context.Context, rule rule, to target, d *Delivery) error {
	if to.deadLetters == "" {
		return errors.New("there is no such function")
	}
	d.Queue = to.deadLetters
	return b.send(ctx, to.deadLetters, string(d.Event), map[string]types.MessageAttributeValue{
		"RULE_ARN":      stringValue(rule.arn),
		"TARGET_ARN":    stringValue(to.function),
		"ERROR_CODE":    stringValue("NO_RESOURCE"),
		"ERROR_MESSAGE": stringValue("Function not found: " + to.function),
	})
}

func (b *Bus) send(ctx context.Context, queueARN, body string, attributes map[string]types.MessageAttributeValue) error {
	name := queueARN[strings.LastIndex(queueARN, ":")+1:]
	queue, err := b.queues.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(name)})
	if err != nil {
		return fmt.Errorf("find dead-letter queue %s: %w", name, err)
	}
	if _, err := b.queues.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: queue.QueueUrl, MessageBody: aws.String(body), MessageAttributes: attributes,
	}); err != nil {
		return fmt.Errorf("send to dead-letter queue %s: %w", name, err)
	}
	return nil
}

func stringValue(value string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(strings.ToValidUTF8(value, "?"))}
}
