package wiring

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/metrics"
	"github.com/sgwarden/sgwarden/pkg/remediate"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Serve has Lambda call a handler, observed: its lines go to the log of the function,
// with metrics of a CloudWatch namespace.
func Serve(function, namespace string, handler lambda.Handler) {
	lambda.Start(Observed{Function: function, Handler: handler, Lines: metrics.NewLog(namespace, os.Stdout), Now: time.Now})
}

// Observed is a function's handler that writes one line an invocation, with the
// invocation's metrics. The handler finds the line by metrics.From. A line that can't
// be written costs no more than the line.
type Observed struct {
	Function string
	Handler  lambda.Handler
	Lines    metrics.Log
	Now      func() time.Time
}

// Invoke has the handler do its work.
func (o Observed) Invoke(ctx context.Context, message []byte) ([]byte, error) {
	ctx, line := metrics.Begin(ctx, o.Function, requestID(ctx), o.Now())
	answer, err := o.Handler.Invoke(ctx, message)
	if writeErr := o.Lines.Write(line, o.Now(), err); writeErr != nil {
		fmt.Fprintf(os.Stderr, "the line of the invocation can't be written: %v\n", writeErr)
	}
	return answer, err
}

// requestID is Lambda's, which is in its own log lines too.
func requestID(ctx context.Context) string {
	if invocation, ok := lambdacontext.FromContext(ctx); ok {
		return invocation.AwsRequestID
	}
	return ""
}

// Counted is config whose clients count their requests in the invocation's line. It
// counts inside of the SDK's retries, so that each try is a request.
func Counted(config aws.Config) aws.Config {
	config = config.Copy()
	config.APIOptions = append(config.APIOptions, func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("CountCalls", countCall), middleware.Before)
	})
	return config
}

func countCall(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	if line := metrics.From(ctx); line != nil {
		defer line.Calls.Began()()
	}
	return next.HandleDeserialize(ctx, in)
}

// CountedRemediator counts what the remediator did for a sweep in the sweep's line.
type CountedRemediator struct{ *remediate.Remediator }

// Reconcile judges a group and counts what was done.
func (c CountedRemediator) Reconcile(ctx context.Context, t trail.Trigger) (remediate.Result, error) {
	result, err := c.Remediator.Reconcile(ctx, t)
	metrics.From(ctx).Swept(result)
	return result, err
}

// ReconcileList judges a managed prefix list and counts what was done.
func (c CountedRemediator) ReconcileList(ctx context.Context, t trail.Trigger) (remediate.Result, error) {
	result, err := c.Remediator.ReconcileList(ctx, t)
	metrics.From(ctx).Swept(result)
	return result, err
}

// ReportUnusable reports a document that can't be used, and counts the report.
func (c CountedRemediator) ReportUnusable(ctx context.Context, t trail.Trigger, kind alert.Kind, stored baseline.Stored, problem error) (remediate.Result, error) {
	result, err := c.Remediator.ReportUnusable(ctx, t, kind, stored, problem)
	metrics.From(ctx).Swept(result)
	return result, err
}
