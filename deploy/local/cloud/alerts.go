package cloud

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/proxy"
)

// Alert is one message as it was published to SNS.
type Alert struct {
	Time       time.Time
	MessageID  string
	TopicARN   string
	Subject    string
	JSON       string // the default part, for machines
	Email      string // the part for people
	Attributes map[string]string
}

// Notification is a message as a subscriber got it, an SQS queue without raw delivery:
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
type Notification struct {
	MessageID         string `json:"MessageId"`
	TopicARN          string `json:"TopicArn"`
	Subject           string
	Message           string
	MessageAttributes map[string]struct{ Type, Value string }
}

func (c *Cloud) published(p proxy.Publication) {
	c.wake()
	if c.forPeople(p) {
		return
	}
	a := Alert{
		Time: p.Time, MessageID: p.MessageID, TopicARN: p.TopicARN, Subject: p.Subject,
		JSON: p.Part("default"), Email: p.Part("email"), Attributes: p.Attributes,
	}
	c.alerts.add(a)
	if c.options.Alerted != nil {
		c.options.Alerted(a)
	}
}

// Alerts are all messages that SNS has taken so far, but for those to people, in their order.
func (c *Cloud) Alerts() []Alert {
	list, _ := c.alerts.all()
	return list
}

// WaitAlert returns the first alert that fits, and waits for it until ctx ends.
func (c *Cloud) WaitAlert(ctx context.Context, fits func(Alert) bool) (Alert, error) {
	found, err := c.alerts.wait(ctx, fits)
	if err != nil {
		return Alert{}, fmt.Errorf("wait for an alert: %w", err)
	}
	return found, nil
}

// listen subscribes a queue to an alert topic, once.
func (c *Cloud) listen(ctx context.Context, topicARN string) error {
	if _, listening := c.topics[topicARN]; listening {
		return nil
	}
	direct := awsconfig.New(c.moto.URL, awsconfig.Keys)
	name := "local-alerts-" + topicARN[strings.LastIndex(topicARN, ":")+1:]
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

// Notifications takes what has arrived at the queues that are subscribed to the functions' alert topics since the last
// call: what a subscriber really gets.
func (c *Cloud) Notifications(ctx context.Context) ([]Notification, error) {
	c.reloading.Lock()
	defer c.reloading.Unlock()
	queues := sqs.NewFromConfig(awsconfig.New(c.moto.URL, awsconfig.Keys))
	var list []Notification
	for _, queueURL := range c.topics {
		for {
			got, err := queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &queueURL, MaxNumberOfMessages: 10})
			if err != nil {
				return list, fmt.Errorf("receive alerts: %w", err)
			}
			if len(got.Messages) == 0 {
				break
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
		}
	}
	return list, nil
}
