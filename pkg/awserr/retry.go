package awserr

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

const (
	// attempts and maxBackoff make a call that is throttled wait some 18 s in
	// all, since Lambda's own retry comes a minute later at best and a verdict
	// holds for 20 s. What all calls of a client may retry together, the SDK limits.
	attempts   = 6
	maxBackoff = 5 * time.Second
)

// AttemptTime ends an attempt that hangs, so that there is time for another.
const AttemptTime = 10 * time.Second

// Retryer is the SDK's standard retryer, taught that SNS and KMS say Throttled (SNS
// API reference, "Common errors") and that SSM says TooManyUpdates where two calls
// write a parameter at once (SSM API reference, PutParameter).
func Retryer() aws.Retryer {
	standard := retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff = attempts, maxBackoff
	})
	return retry.AddWithErrorCodes(standard, "Throttled", "ThrottledException", "KMSThrottling", "KMSThrottlingException", "TooManyUpdates")
}

// HTTPClient is the SDK's own, with a limit on each attempt.
func HTTPClient() aws.HTTPClient { return awshttp.NewBuildableClient().WithTimeout(AttemptTime) }
