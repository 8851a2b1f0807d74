// Command remediator is the Lambda function that EventBridge hands every change
// of a security group's rules to.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/settings"
	"github.com/sgwarden/sgwarden/pkg/snstopic"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

func main() {
	env, err := settings.Read(os.Getenv)
	if err != nil {
		stop(err)
	}
	config, err := config.LoadDefaultConfig(context.Background(), config.WithRetryer(awserr.Retryer))
	if err != nil {
		stop(fmt.Errorf("load the AWS configuration: %w", err))
	}
	lambda.Start(handler{wire(env, config, os.Stdout)})
}

func stop(err error) {
	fmt.Fprintf(os.Stderr, "remediator can't start: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
	os.Exit(1)
}

func wire(env settings.Settings, config aws.Config, log io.Writer) *remediate.Remediator {
	groups := ec2groups.Groups{Client: ec2.NewFromConfig(config)}
	store := ssmstore.Store{Client: ssm.NewFromConfig(config), Prefix: env.BaselinePrefix}
	return &remediate.Remediator{
		Rules:     groups,
		Groups:    groups,
		Writer:    groups,
		Baselines: store,
		History:   store,
		Alerts:    snstopic.Topic{Client: sns.NewFromConfig(config), ARN: env.AlertTopicARN},
		Log:       slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: env.LogLevel})),
		Now:       time.Now,
		Enforce:   env.Enforce,
		Prefix:    env.BaselinePrefix,
	}
}

// handler takes the raw message: lambda.Start with a typed function would fail
// to decode an unknown shape before it could be judged.
type handler struct{ remediator *remediate.Remediator }

func (h handler) Invoke(ctx context.Context, message []byte) ([]byte, error) {
	result, err := h.remediator.Handle(ctx, message)
	if err != nil {
		return nil, err
	}
	return json.Marshal(result)
}
