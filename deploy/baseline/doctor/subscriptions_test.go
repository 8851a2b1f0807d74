package doctor

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
)

// topics plays SNS: words such as "ana@example.com confirmed", by the last part of the topic's ARN.
type topics map[string][]string

func (f topics) ListSubscriptionsByTopic(_ context.Context, in *sns.ListSubscriptionsByTopicInput, _ ...func(*sns.Options)) (*sns.ListSubscriptionsByTopicOutput, error) {
	subscriptions, is := f[(*in.TopicArn)[strings.LastIndex(*in.TopicArn, ":")+1:]]
	if !is {
		return nil, denied
	}
	out := &sns.ListSubscriptionsByTopicOutput{}
	for _, text := range subscriptions {
		endpoint, state, _ := strings.Cut(text, " ")
		arn := "PendingConfirmation"
		if state == "confirmed" {
			arn = "arn:aws:sns:us-east-1:1:x:1"
		}
		out.Subscriptions = append(out.Subscriptions, types.Subscription{Endpoint: aws.String(endpoint), SubscriptionArn: &arn})
	}
	return out, nil
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	const subscribe = "aws sns subscribe --topic-arn arn:aws:sns:us-east-1:111122223333:mails --protocol email --notification-endpoint ADDRESS --region us-east-1"
	queue, ana := []string{"arn:aws:sqs:us-east-1:1:alert-queue confirmed"}, []string{"ana@example.com confirmed"}
	for name, c := range map[string]struct {
		topics  topics
		central string
		want    []Check
	}{
		"everybody hears":  {topics{"alerts": queue, "mails": ana, "alarms": ana}, "", []Check{{"subscriptions", OK, "the notifier hears alerts; mails and alarms have subscribers, and each subscription is confirmed", ""}}},
		"nobody for mails": {topics{"alerts": queue, "mails": {}, "alarms": ana}, "", []Check{{"mail topic", Fail, "nobody is subscribed", subscribe}}},
		"nobody confirmed": {topics{"alerts": queue, "mails": {"bo@example.com"}, "alarms": ana}, "", []Check{{
			"mail topic", Fail, "nobody gets anything: 1 subscription not confirmed (bo@example.com)", "follow the link in the mail of SNS; or have SNS send another: " + subscribe,
		}}},
		"one of two confirmed": {topics{"alerts": queue, "mails": {"bo@example.com", "ana@example.com confirmed"}, "alarms": ana}, "", []Check{{
			"mail topic", Warn, "1 subscription not confirmed (bo@example.com), 1 confirmed", "follow the link in the mail of SNS; or have SNS send another: " + subscribe,
		}}},
		"the notifier does not hear": {topics{"alerts": {}, "mails": ana, "alarms": ana}, "", []Check{{"alert topic", Fail, "the notifier's queue is not subscribed, so no alert becomes a mail", rebuild(aStack())}}},
		"no permission":              {topics{"alerts": queue, "mails": ana}, "", []Check{unknown("alarm topic", "sns:ListSubscriptionsByTopic", denied)}},
		"forwarded, so nobody needs to be subscribed to mails": {topics{"alerts": queue, "mails": {}, "alarms": ana}, "arn:central", []Check{
			{"forwarding", OK, "alerts are forwarded to arn:central, whose subscriptions can't be seen from here", "run this in the central account and region too"},
			{"subscriptions", OK, "the notifier hears alerts; alarms have subscribers, and each subscription is confirmed", ""},
		}},
		"forwarded, and nobody for alarms": {topics{"alerts": queue, "alarms": {}}, "arn:central", []Check{
			{"forwarding", OK, "alerts are forwarded to arn:central, whose subscriptions can't be seen from here", "run this in the central account and region too"},
			{"alarm topic", Warn, "nobody is subscribed", strings.Replace(subscribe, ":mails", ":alarms", 1)},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stack := aStack()
			stack.Parameters["CentralAlertTopicArn"] = c.central
			expect(t, Subscriptions(t.Context(), c.topics, stack, "us-east-1"), c.want...)
		})
	}
}
