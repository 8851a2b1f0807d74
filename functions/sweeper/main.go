// Command sweeper is the Lambda function that, on a schedule, finds the drift
// that no event told of.
package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/functions/wiring"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/settings"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
	"github.com/sgwarden/sgwarden/pkg/sweep"
)

// memoryLimit makes the garbage collector work before the function's 128 MB are
// used up.
const memoryLimit = 100 << 20

func main() {
	debug.SetMemoryLimit(memoryLimit)
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
	store := ssmstore.Store{Client: ssm.NewFromConfig(h.config), Prefix: h.env.BaselinePrefix}
	sweeper := sweep.Sweeper{
		Rules:      ec2groups.Groups{Client: ec2.NewFromConfig(h.config)},
		Documents:  store,
		Bookmark:   &ssmstore.Bookmark{Store: store},
		Reconciler: wiring.Remediator(h.env, h.config, h.log),
		Log:        h.log,
		Now:        time.Now,
	}
	summary, err := sweeper.Run(ctx, h.account(message), h.config.Region)
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
