// Package awsconfig configures AWS clients for the local AWS without looking at the developer's own configuration.
package awsconfig

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Region is the region that the local AWS plays.
const Region = "us-east-1"

// Keys are long-term credentials that moto takes for those of an administrator.
var Keys = aws.Credentials{AccessKeyID: "testing", SecretAccessKey: "testing"}

// New configures clients for an endpoint, as http://127.0.0.1:PORT.
func New(endpoint string, keys aws.Credentials) aws.Config {
	return aws.Config{
		Region:       Region,
		BaseEndpoint: &endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return keys, nil
		}),
		RetryMaxAttempts: 2, // moto answers its own crashes with 500, which more attempts don't mend
	}
}

// Environment is the same for programs: variables for an AWS CLI or SDK, which keep it away from ~/.aws.
func Environment(endpoint string, keys aws.Credentials) []string {
	env := []string{
		"AWS_ENDPOINT_URL=" + endpoint,
		"AWS_REGION=" + Region,
		"AWS_DEFAULT_REGION=" + Region,
		"AWS_ACCESS_KEY_ID=" + keys.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY=" + keys.SecretAccessKey,
		"AWS_CONFIG_FILE=/dev/null",
		"AWS_SHARED_CREDENTIALS_FILE=/dev/null",
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_PAGER=",
	}
	if keys.SessionToken != "" {
		env = append(env, "AWS_SESSION_TOKEN="+keys.SessionToken)
	}
	return env
}
