// Package notifying wires the notifier. The other functions do not link what writes mails.
package notifying

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/functions/wiring"
	"github.com/sgwarden/sgwarden/pkg/mail"
	"github.com/sgwarden/sgwarden/pkg/notify"
	"github.com/sgwarden/sgwarden/pkg/settings"
	"github.com/sgwarden/sgwarden/pkg/snstopic"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// Notifier is the notifier on AWS.
func Notifier(env settings.Notifier, config aws.Config, log *slog.Logger) *notify.Notifier {
	client := sns.NewFromConfig(config)
	n := &notify.Notifier{
		Mails:    mailTopic{snstopic.Topic{Client: client, ARN: env.MailTopicARN}},
		Memory:   ssmstore.Notified{Store: ssmstore.Store{Client: ssm.NewFromConfig(config), Prefix: env.BaselinePrefix}},
		Write:    notify.Write,
		Log:      log,
		Now:      time.Now,
		Pause:    wiring.Pause,
		OwnRoles: env.OwnRoles,
		Home:     home(env.MailTopicARN),
		Reverts:  env.Reverts,
	}
	if env.ChatTopicARN != "" {
		n.Chat = snstopic.Topic{Client: client, ARN: env.ChatTopicARN}
	}
	if env.CentralTopicARN != "" {
		n.Central = &notify.Central{Topic: central(env.CentralTopicARN, config), ARN: env.CentralTopicARN}
	}
	if env.AlarmTopicARN != "" {
		n.Alarms = mailTopic{snstopic.Topic{Client: client, ARN: env.AlarmTopicARN}}
	}
	return n
}

// home is the account and region of the mail topic, which is one of the notifier's own
// stack. It is empty for an ARN that can't be read; settings.ReadNotifier lets none pass.
func home(mailTopicARN string) notify.Origin {
	topic, err := arn.Parse(mailTopicARN)
	if err != nil {
		return notify.Origin{}
	}
	return notify.Origin{Account: topic.AccountID, Region: topic.Region}
}

// central is a topic that may be in another region: SNS takes a message only at the
// topic's own.
func central(topicARN string, config aws.Config) snstopic.Topic {
	client := sns.NewFromConfig(config, func(o *sns.Options) {
		if topic, err := arn.Parse(topicARN); err == nil {
			o.Region = topic.Region
		}
	})
	return snstopic.Topic{Client: client, ARN: topicARN}
}

// mailTopic sends mails through a topic. The adapter of SNS doesn't know what a mail is,
// so that the functions that write none don't link what does.
type mailTopic struct{ snstopic.Topic }

// Send sends a mail.
func (t mailTopic) Send(ctx context.Context, m mail.Mail) error {
	return t.Topic.Send(ctx, m.Subject, m.Body)
}
