package awserr

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// Retryer is the SDK's standard retryer, taught that SNS and KMS say Throttled
// (SNS API reference, "Common errors").
func Retryer() aws.Retryer {
	return retry.AddWithErrorCodes(retry.NewStandard(), "Throttled", "ThrottledException", "KMSThrottling", "KMSThrottlingException")
}
