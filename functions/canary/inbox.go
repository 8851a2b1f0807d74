package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// inbox is an SQS queue that is subscribed to the alert topic with raw message
// delivery, so that a message is the alert's JSON.
type inbox struct {
	client   *sqs.Client
	queueURL string
}

// Receive takes up to ten messages off the queue, which is the most that SQS
// gives at once. It deletes each before it is read: one that can't be read is an
// error once, not for ever.
func (q inbox) Receive(ctx context.Context, longest time.Duration) ([]alert.Alert, error) {
	got, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &q.queueURL, MaxNumberOfMessages: 10, WaitTimeSeconds: int32(longest / time.Second),
	})
	if err != nil {
		return nil, fmt.Errorf("receive alerts from %s: %w", q.queueURL, err)
	}
	alerts := make([]alert.Alert, len(got.Messages))
	for i, m := range got.Messages {
		if _, err := q.client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &q.queueURL, ReceiptHandle: m.ReceiptHandle}); err != nil {
			return nil, fmt.Errorf("delete alert %s from %s: %w", aws.ToString(m.MessageId), q.queueURL, err)
		}
		if err := json.Unmarshal([]byte(aws.ToString(m.Body)), &alerts[i]); err != nil {
			return nil, fmt.Errorf("read alert %s from %s: %w", aws.ToString(m.MessageId), q.queueURL, err)
		}
	}
	return alerts, nil
}
