// Command notifier is the Lambda function that merges alerts into mails for people. An
// SQS queue that is subscribed to the alert topic feeds it.
package main

import (
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/functions/wiring"
	"github.com/sgwarden/sgwarden/pkg/notify"
	"github.com/sgwarden/sgwarden/pkg/settings"
	"github.com/sgwarden/sgwarden/pkg/snstopic"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

func main() {
	env, err := settings.ReadNotifier(os.Getenv)
	if err != nil {
		wiring.Stop("notifier", err)
	}
	config := wiring.Counted(wiring.AWS("notifier"))
	wiring.Serve("notifier", env.Namespace, handler{wire(env, config)})
}

func wire(env settings.Notifier, config aws.Config) *notify.Notifier {
	client := sns.NewFromConfig(config)
	n := &notify.Notifier{
		Mails:    snstopic.Topic{Client: client, ARN: env.MailTopicARN},
		Memory:   ssmstore.Told{Store: ssmstore.Store{Client: ssm.NewFromConfig(config), Prefix: env.BaselinePrefix}},
		Write:    notify.Write,
		Log:      wiring.LoggerAt(env.LogLevel, os.Stdout),
		Now:      time.Now,
		Pause:    wiring.Pause,
		OwnRoles: env.OwnRoles,
		Reverts:  env.Reverts,
	}
	if env.ChatTopicARN != "" {
		n.Chat = snstopic.Topic{Client: client, ARN: env.ChatTopicARN}
	}
	if env.AlarmTopicARN != "" {
		n.Alarms = snstopic.Topic{Client: client, ARN: env.AlarmTopicARN}
	}
	return n
}
