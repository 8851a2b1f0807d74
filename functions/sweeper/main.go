// Command sweeper is the Lambda function that, on a schedule, finds the drift
// that no event reported.
package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/sgwarden/sgwarden/functions/wiring"
	"github.com/sgwarden/sgwarden/pkg/metrics"
	"github.com/sgwarden/sgwarden/pkg/settings"
	"github.com/sgwarden/sgwarden/pkg/snstopic"
)

func main() {
	env := wiring.Settings("sweeper")
	own, err := settings.ReadSweeper(os.Getenv)
	if err != nil {
		wiring.Stop("sweeper", err)
	}
	wiring.Serve("sweeper", env.Namespace, handler{env, own, wiring.Paced(wiring.AWS("sweeper", wiring.Calls{EC2: 1, SSM: 1}), wiring.SweepInterval), wiring.Logger(env, os.Stdout)})
}

type handler struct {
	env    settings.Settings
	own    settings.Sweeper
	config aws.Config
	log    *slog.Logger
}

// Invoke sweeps, whatever the message says: a schedule, or somebody who tries.
func (h handler) Invoke(ctx context.Context, message []byte) ([]byte, error) {
	summary, err := wiring.Sweeper(h.env, h.config, h.log).Run(ctx, h.account(message), h.config.Region)
	metrics.From(ctx).Summary(summary)
	h.watchMails(ctx)
	if err != nil {
		return nil, err
	}
	return json.Marshal(summary)
}

// watchTime is all that looking after the mail topic may take.
const watchTime = 10 * time.Second

// watchMails looks whether somebody gets the mails, where somebody asked for them:
// SNS deletes an e-mail subscription without a word. It fails no sweep.
func (h handler) watchMails(ctx context.Context) {
	if !h.own.MailSubscriber || h.own.MailTopicARN == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, watchTime)
	defer cancel()
	confirmed, err := snstopic.Subscribers{Client: sns.NewFromConfig(h.config)}.Confirmed(ctx, h.own.MailTopicARN)
	switch {
	case err != nil:
		h.log.ErrorContext(ctx, "nobody knows whether the mail topic has a subscription", "topic", h.own.MailTopicARN, "reason", err.Error())
	case confirmed:
		metrics.From(ctx).Add(metrics.MailTopicUnconfirmed, 0)
	default:
		metrics.From(ctx).Add(metrics.MailTopicUnconfirmed, 1)
		h.log.ErrorContext(ctx, snstopic.Unconfirmed, "topic", h.own.MailTopicARN)
	}
}

// account is the scheduled event's, or else the topic's.
func (h handler) account(message []byte) string {
	var event struct {
		Account string `json:"account"`
	}
	if err := json.Unmarshal(message, &event); err == nil && event.Account != "" {
		return event.Account
	}
	topic, err := arn.Parse(h.env.AlertTopicARN)
	if err != nil {
		return "" // settings.Read has seen to that
	}
	return topic.AccountID
}
