// Command sweeper is the Lambda function that, on a schedule, finds the drift
// that no event told of.
package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/sgwarden/sgwarden/functions/wiring"
	"github.com/sgwarden/sgwarden/pkg/settings"
)

func main() {
	env, config := wiring.Start("sweeper")
	lambda.Start(handler{env, config, wiring.Logger(env, os.Stdout)})
}

type handler struct {
	env    settings.Settings
	config aws.Config
	log    *slog.Logger
}

// Invoke sweeps, whatever the message says: a schedule, or somebody who tries.
func (h handler) Invoke(ctx context.Context, message []byte) ([]byte, error) {
	summary, err := wiring.Sweeper(h.env, h.config, h.log).Run(ctx, h.account(message), h.config.Region)
	if err != nil {
		return nil, err
	}
	return json.Marshal(summary)
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
