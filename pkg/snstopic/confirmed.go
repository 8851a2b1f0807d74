package snstopic

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// Unconfirmed is the line of a topic that nobody gets mails from: SNS has deleted the
// subscription, or nobody has confirmed it. An alarm may count these lines.
const Unconfirmed = "the mail topic has no confirmed subscription"

// Subscribers knows who has subscribed to a topic.
type Subscribers struct{ Client *sns.Client }

// Confirmed reports whether a topic has a confirmed subscription (SNS API reference,
// GetTopicAttributes: SubscriptionsConfirmed).
func (s Subscribers) Confirmed(ctx context.Context, topicARN string) (bool, error) {
	answer, err := s.Client.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &topicARN})
	if err != nil {
		return false, fmt.Errorf("read the attributes of the topic %s: %w", topicARN, err)
	}
	text := answer.Attributes["SubscriptionsConfirmed"]
	confirmed, err := strconv.Atoi(text)
	if err != nil {
		return false, fmt.Errorf("read the attributes of the topic %s: SubscriptionsConfirmed is %q: want a number", topicARN, text)
	}
	return confirmed > 0, nil
}
