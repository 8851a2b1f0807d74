package mapping

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/runtime"
)

// mostAtOnce is the most messages of one call of SQS.
const mostAtOnce = 10

// sizes are the attributes that say how many messages a queue has.
var sizes = []types.QueueAttributeName{
	types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
}

// message is one record of the event that the function gets:
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
type message struct {
	ID         string            `json:"messageId"`
	Handle     string            `json:"receiptHandle"`
	Body       string            `json:"body"`
	Attributes map[string]string `json:"attributes"`
	MD5        string            `json:"md5OfBody"`
	Source     string            `json:"eventSource"`
	QueueARN   string            `json:"eventSourceARN"`
	Region     string            `json:"awsRegion"`
}

func event(batch []message, queueARN string) ([]byte, error) {
	for i := range batch {
		batch[i].Source, batch[i].QueueARN, batch[i].Region = "aws:sqs", queueARN, awsconfig.Region
	}
	payload, err := json.Marshal(map[string]any{"Records": batch})
	if err != nil {
		return nil, fmt.Errorf("make the event of %d messages: %w", len(batch), err)
	}
	return payload, nil
}

// sort divides a batch into what the function dealt with and what failed. All failed where the function did, and where its answer is
// no answer to a batch or names a message that was not in it. Source: Lambda Developer Guide, "Implementing partial batch
// responses".
func sort(batch []message, result runtime.Result, partial bool) (done, failed []message) {
	if result.Error != nil {
		return nil, batch
	}
	if !partial {
		return batch, nil
	}
	var answer struct {
		Failures []struct {
			ID string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if len(result.Payload) > 0 && json.Unmarshal(result.Payload, &answer) != nil {
		return nil, batch
	}
	again := map[string]bool{}
	for _, f := range answer.Failures {
		again[f.ID] = true
	}
	for _, one := range batch {
		if again[one.ID] {
			failed = append(failed, one)
		} else {
			done = append(done, one)
		}
	}
	if len(failed) < len(again) {
		return nil, batch
	}
	return done, failed
}

// receive takes up to most messages. moto moves a message that was received as often as the queue's redrive policy
// permits to the dead-letter queue, and does not return it.
func (m *Mapping) receive(most int) (all []message, err error) {
	for len(all) < most {
		got, err := m.config.Queues.ReceiveMessage(m.ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &m.config.QueueURL, MaxNumberOfMessages: int32(min(mostAtOnce, most-len(all))),
			VisibilityTimeout:           int32(m.config.Hidden.Seconds()),
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		})
		if err != nil {
			return all, fmt.Errorf("receive from queue %s: %w", m.config.QueueARN, err)
		}
		for _, one := range got.Messages {
			all = append(all, message{
				ID: aws.ToString(one.MessageId), Handle: aws.ToString(one.ReceiptHandle), Body: aws.ToString(one.Body),
				Attributes: one.Attributes, MD5: aws.ToString(one.MD5OfBody),
			})
		}
		if len(got.Messages) == 0 {
			break
		}
	}
	return all, nil
}

func (m *Mapping) remove(messages []message) error {
	for i, one := range messages {
		if _, err := m.config.Queues.DeleteMessage(m.ctx, &sqs.DeleteMessageInput{QueueUrl: &m.config.QueueURL, ReceiptHandle: &one.Handle}); err != nil {
			return fmt.Errorf("delete message %d of %d from queue %s: %w", i+1, len(messages), m.config.QueueARN, err)
		}
	}
	return nil
}

func (m *Mapping) putBack(messages []message) error {
	for i, one := range messages {
		if _, err := m.config.Queues.ChangeMessageVisibility(m.ctx, &sqs.ChangeMessageVisibilityInput{
			QueueUrl: &m.config.QueueURL, ReceiptHandle: &one.Handle, VisibilityTimeout: 0,
		}); err != nil {
			return fmt.Errorf("put message %s, %d of %d, back into queue %s: %w", one.ID, i+1, len(messages), m.config.QueueARN, err)
		}
	}
	return nil
}
