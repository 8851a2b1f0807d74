package awsenv

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// environment answers what the SDK's clients ask of a configuration's sources
// (aws.Config.ConfigSources). The methods are named as the clients look for them.
type environment struct{ getenv func(string) string }

// first returns the first of the variables that is set.
func (e environment) first(names ...string) string {
	for _, name := range names {
		if value := e.getenv(name); value != "" {
			return value
		}
	}
	return ""
}

// truth reads a variable that is true or false. found is false where it is not set.
func (e environment) truth(name string) (value, found bool, err error) {
	switch text := e.getenv(name); {
	case text == "":
		return false, false, nil
	case strings.EqualFold(text, "true"):
		return true, true, nil
	case strings.EqualFold(text, "false"):
		return false, true, nil
	default:
		return false, false, fmt.Errorf("%s is %q: want true or false", name, text)
	}
}

// GetIgnoreConfiguredEndpoints says whether AWS's own endpoints are used whatever the
// other variables say.
func (e environment) GetIgnoreConfiguredEndpoints(context.Context) (value, found bool, err error) {
	return e.truth("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
}

// GetServiceBaseEndpoint returns the endpoint of one service, such as that of
// AWS_ENDPOINT_URL_SSM for "SSM".
func (e environment) GetServiceBaseEndpoint(_ context.Context, sdkID string) (url string, found bool, err error) {
	url = e.getenv("AWS_ENDPOINT_URL_" + strings.ReplaceAll(strings.ToUpper(sdkID), " ", "_"))
	return url, url != "", nil
}

// GetUseFIPSEndpoint says whether endpoints are used whose cryptography is validated by
// FIPS 140.
func (e environment) GetUseFIPSEndpoint(context.Context) (value aws.FIPSEndpointState, found bool, err error) {
	on, found, err := e.truth("AWS_USE_FIPS_ENDPOINT")
	switch {
	case !found:
		return aws.FIPSEndpointStateUnset, false, err
	case on:
		return aws.FIPSEndpointStateEnabled, true, nil
	}
	return aws.FIPSEndpointStateDisabled, true, nil
}

// GetUseDualStackEndpoint says whether endpoints are used that answer over IPv6 too.
func (e environment) GetUseDualStackEndpoint(context.Context) (value aws.DualStackEndpointState, found bool, err error) {
	on, found, err := e.truth("AWS_USE_DUALSTACK_ENDPOINT")
	switch {
	case !found:
		return aws.DualStackEndpointStateUnset, false, err
	case on:
		return aws.DualStackEndpointStateEnabled, true, nil
	}
	return aws.DualStackEndpointStateDisabled, true, nil
}
