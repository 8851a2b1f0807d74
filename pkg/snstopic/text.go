package snstopic

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// Send publishes a mail. All subscribers get the same text.
func (t Topic) Send(ctx context.Context, subject, body string) error {
	return t.publishText(ctx, &sns.PublishInput{TopicArn: &t.ARN, Subject: &subject, Message: &body})
}

// Post publishes a card for a chat, which is JSON and has no subject.
func (t Topic) Post(ctx context.Context, card []byte) error {
	text := string(card)
	return t.publishText(ctx, &sns.PublishInput{TopicArn: &t.ARN, Message: &text})
}

func (t Topic) publishText(ctx context.Context, input *sns.PublishInput) error {
	if _, err := t.Client.Publish(ctx, input); err != nil {
		return fmt.Errorf("publish to %s: %w", t.ARN, err)
	}
	return nil
}
