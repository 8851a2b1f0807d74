// Package snstopic publishes alerts to an SNS topic.
package snstopic

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// Topic is where alerts are published.
type Topic struct {
	Client *sns.Client
	ARN    string
}

// Publish sends one message.
func (t Topic) Publish(ctx context.Context, m alert.Message) error {
	attributes := make(map[string]types.MessageAttributeValue, len(m.Attributes))
	for name, v := range m.Attributes {
		attributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(v)}
	}
	_, err := t.Client.Publish(ctx, &sns.PublishInput{
		TopicArn: &t.ARN, Message: &m.Body, MessageStructure: aws.String("json"), MessageAttributes: attributes,
	})
	if err != nil {
		return fmt.Errorf("publish to %s: %w", t.ARN, err)
	}
	return nil
}
