// Command remediator is the Lambda function that EventBridge hands every change
// of a security group's rules to.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/settings"
	"github.com/sgwarden/sgwarden/pkg/snstopic"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

func main() {
	remediator, err := wire(context.Background())
	if err != nil {
		fmt.Fprintf(os.Stderr, "remediator can't start: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
	lambda.Start(handler{remediator})
}

func wire(ctx context.Context) (*remediate.Remediator, error) {
	env, err := settings.Read(os.Getenv)
	if err != nil {
		return nil, err
	}
	aws, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	groups := ec2groups.Groups{Client: ec2.NewFromConfig(aws)}
	return &remediate.Remediator{
		Rules:     groups,
		Groups:    groups,
		Writer:    groups,
		Baselines: ssmstore.Store{Client: ssm.NewFromConfig(aws), Prefix: env.BaselinePrefix},
		Alerts:    snstopic.Topic{Client: sns.NewFromConfig(aws), ARN: env.AlertTopicARN},
		Log:       slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: env.LogLevel})),
		Now:       time.Now,
		Enforce:   env.Enforce,
		Prefix:    env.BaselinePrefix,
	}, nil
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
