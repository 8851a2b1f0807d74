package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// Topics is SNS.
type Topics interface {
	sns.ListSubscriptionsByTopicAPIClient
}

// Subscriptions checks who hears of alerts, mails and alarms. An alert that is forwarded to a
// central stack becomes a mail there, so only the alarms are for people here.
func Subscriptions(ctx context.Context, client Topics, stack deadletters.Stack, region string) []Check {
	problems := notifierHears(ctx, client, stack)
	central := stack.Parameters["CentralAlertTopicArn"]
	if central == "" {
		problems = append(problems, somebodyHears(ctx, client, "mail topic", stack.Outputs["MailTopicArn"], region, Fail)...)
		problems = append(problems, somebodyHears(ctx, client, "alarm topic", stack.Outputs["AlarmTopicArn"], region, Fail)...)
		return orPassed(problems, passed("subscriptions", "the notifier hears alerts; mails and alarms have subscribers, and each subscription is confirmed"))
	}
	problems = append(problems, somebodyHears(ctx, client, "alarm topic", stack.Outputs["AlarmTopicArn"], region, Warn)...)
	return append([]Check{{
		"forwarding", OK, fmt.Sprintf("alerts are forwarded to %s, whose subscriptions can't be seen from here", central),
		"run this in the central account and region too",
	}}, orPassed(problems, passed("subscriptions", "the notifier hears alerts; alarms have subscribers, and each subscription is confirmed"))...)
}

// notifierHears returns what keeps alerts from the notifier's queue.
func notifierHears(ctx context.Context, client Topics, stack deadletters.Stack) []Check {
	const name = "alert topic"
	all, err := subscriptionsOf(ctx, client, stack.Outputs["AlertTopicArn"])
	if err != nil {
		return []Check{unknown(name, "sns:ListSubscriptionsByTopic", err)}
	}
	url := stack.Outputs["AlertQueueUrl"]
	for _, s := range all {
		if strings.HasSuffix(aws.ToString(s.Endpoint), ":"+url[strings.LastIndex(url, "/")+1:]) {
			return nil
		}
	}
	return []Check{{name, Fail, "the notifier's queue is not subscribed, so no alert becomes a mail", rebuild(stack)}}
}

// somebodyHears returns what keeps a topic's messages from people. nobody is the status where
// there is no subscription at all.
func somebodyHears(ctx context.Context, client Topics, name, topic, region string, nobody Status) []Check {
	all, err := subscriptionsOf(ctx, client, topic)
	if err != nil {
		return []Check{unknown(name, "sns:ListSubscriptionsByTopic", err)}
	}
	subscribe := fmt.Sprintf("aws sns subscribe --topic-arn %s --protocol email --notification-endpoint ADDRESS --region %s", topic, region)
	confirmed, waiting := 0, []string{}
	for _, s := range all {
		if isConfirmed(s) {
			confirmed++
		} else {
			waiting = append(waiting, aws.ToString(s.Endpoint))
		}
	}
	switch {
	case len(all) == 0:
		return []Check{{name, nobody, "nobody is subscribed", subscribe}}
	case len(waiting) == 0:
		return nil
	case confirmed == 0:
		return []Check{{
			name, Fail, fmt.Sprintf("nobody gets anything: %s not confirmed (%s)", words.Count(len(waiting), "subscription"), strings.Join(waiting, ", ")),
			"follow the link in the mail of SNS; or have SNS send another: " + subscribe,
		}}
	}
	return []Check{{
		name, Warn, fmt.Sprintf("%s not confirmed (%s), %d confirmed", words.Count(len(waiting), "subscription"), strings.Join(waiting, ", "), confirmed),
		"follow the link in the mail of SNS; or have SNS send another: " + subscribe,
	}}
}

// isConfirmed reports whether SNS delivers to a subscription: its ARN is a word instead where
// it waits to be confirmed, or is deleted (SNS Developer Guide).
func isConfirmed(s types.Subscription) bool {
	return strings.HasPrefix(aws.ToString(s.SubscriptionArn), "arn:")
}

func subscriptionsOf(ctx context.Context, client Topics, topic string) ([]types.Subscription, error) {
	var all []types.Subscription
	pages := sns.NewListSubscriptionsByTopicPaginator(client, &sns.ListSubscriptionsByTopicInput{TopicArn: &topic})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the subscriptions of topic %s: %w", topic, err)
		}
		all = append(all, page.Subscriptions...)
	}
	return all, nil
}
