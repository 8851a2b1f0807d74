// Command canary is the Lambda function that, on a schedule, opens a harmless
// rule as an intruder would and fails unless it is reverted and reported.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sgwarden/sgwarden/functions/wiring"
	"github.com/sgwarden/sgwarden/pkg/canary"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/metrics"
	"github.com/sgwarden/sgwarden/pkg/settings"
)

func main() {
	env := wiring.Settings("canary")
	own, err := settings.ReadCanary(os.Getenv)
	if err != nil {
		wiring.Stop("canary", err)
	}
	config := wiring.AWS("canary", wiring.Calls{EC2: 1})
	wiring.Serve("canary", env.Namespace, lambda.NewHandler(handler{wire(env, own, config)}.Run))
}

type handler struct{ canary *canary.Canary }

// Run lets the canary fly, and says how long its rule was open in the line of the
// invocation.
func (h handler) Run(ctx context.Context) (canary.Result, error) {
	result, err := h.canary.Run(ctx)
	metrics.From(ctx).Set("groupId", h.canary.GroupID)
	if err == nil {
		metrics.From(ctx).Canary(result)
	}
	return result, err
}

func wire(env settings.Settings, own settings.Canary, config aws.Config) *canary.Canary {
	return &canary.Canary{
		Group:   sentinel{ec2groups.Groups{Client: ec2.NewFromConfig(config)}, env.CanaryGroup},
		Inbox:   inbox{sqs.NewFromConfig(config), own.QueueURL},
		GroupID: env.CanaryGroup,
		Enforce: env.Enforce,
		Within:  own.Within,
		Log:     wiring.Logger(env, os.Stdout),
		Now:     time.Now,
		Pause:   wiring.Pause,
	}
}
