package cloud

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
)

// Notification is a message as a subscriber got it, an SQS queue without raw delivery:
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
type Notification struct {
	MessageID         string `json:"MessageId"`
	TopicARN          string `json:"TopicArn"`
	Subject           string
	Message           string
	MessageAttributes map[string]struct{ Type, Value string }
}

// listen subscribes a queue to an alert topic, once.
func (c *Cloud) listen(ctx context.Context, topicARN string) error {
	if _, listening := c.topics[topicARN]; listening {
		return nil
	}
	direct := awsconfig.New(c.moto.URL, awsconfig.Keys)
	name := "local-alerts-" + last(topicARN)
	name = name[:min(len(name), 80)]
	queue, err := sqs.NewFromConfig(direct).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
	if err != nil {
		return fmt.Errorf("create a queue for alerts: %w", err)
	}
	if _, err := sns.NewFromConfig(direct).Subscribe(ctx, &sns.SubscribeInput{
		TopicArn: &topicARN, Protocol: aws.String("sqs"), Endpoint: aws.String("arn:aws:sqs:" + awsconfig.Region + ":" + Account + ":" + name),
	}); err != nil {
		return fmt.Errorf("subscribe to alerts: %w", err)
	}
	c.topics[topicARN] = aws.ToString(queue.QueueUrl)
	return nil
}

// Notifications returns what has arrived since the last call at the queues that are subscribed to the functions' alert
// topics: what a subscriber really gets.
func (c *Cloud) Notifications(ctx context.Context) (list []Notification, err error) {
	c.reloading.Lock()
	defer c.reloading.Unlock()
	for _, queueURL := range c.topics {
		for before := -1; before < len(list); {
			before = len(list)
			if list, err = c.receive(ctx, queueURL, list); err != nil {
				return list, err
			}
		}
	}
	return list, nil
}

// receive adds the next messages of a queue to a list.
func (c *Cloud) receive(ctx context.Context, queueURL string, list []Notification) ([]Notification, error) {
	queues := sqs.NewFromConfig(awsconfig.New(c.moto.URL, awsconfig.Keys))
	got, err := queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &queueURL, MaxNumberOfMessages: 10})
	if err != nil {
		return list, fmt.Errorf("receive alerts: %w", err)
	}
	for _, message := range got.Messages {
		var n Notification
		if err := json.Unmarshal([]byte(aws.ToString(message.Body)), &n); err != nil {
			return list, fmt.Errorf("read an alert: %w", err)
		}
		list = append(list, n)
		if _, err := queues.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &queueURL, ReceiptHandle: message.ReceiptHandle}); err != nil {
			return list, fmt.Errorf("delete an alert: %w", err)
		}
	}
	return list, nil
}
