package wiring

import (
	"context"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/pkg/awsenv"
)

// Endpoints returns the endpoints of a function's calls, as the SDK's clients find them out,
// and how many connections each needs. One that can't be found out is left out: the errors of
// its calls will say why.
func Endpoints(ctx context.Context, config aws.Config, calls Calls) []awsenv.Wanted {
	var wanted []awsenv.Wanted
	for _, service := range []struct {
		count    int
		endpoint func(context.Context, aws.Config) (url.URL, error)
	}{{calls.EC2, ec2Endpoint}, {calls.SSM, ssmEndpoint}, {calls.SNS, snsEndpoint}} {
		if service.count == 0 {
			continue
		}
		if at, err := service.endpoint(ctx, config); err == nil {
			wanted = append(wanted, awsenv.Wanted{URL: at, Count: service.count})
		}
	}
	return wanted
}

func ec2Endpoint(ctx context.Context, config aws.Config) (url.URL, error) {
	o := ec2.NewFromConfig(config).Options()
	at, err := o.EndpointResolverV2.ResolveEndpoint(ctx, ec2.EndpointParameters{
		Region: &o.Region, Endpoint: o.BaseEndpoint,
		UseFIPS: isFIPS(o.EndpointOptions.UseFIPSEndpoint), UseDualStack: isDualStack(o.EndpointOptions.UseDualStackEndpoint),
	})
	return at.URI, err
}

func ssmEndpoint(ctx context.Context, config aws.Config) (url.URL, error) {
	o := ssm.NewFromConfig(config).Options()
	at, err := o.EndpointResolverV2.ResolveEndpoint(ctx, ssm.EndpointParameters{
		Region: &o.Region, Endpoint: o.BaseEndpoint,
		UseFIPS: isFIPS(o.EndpointOptions.UseFIPSEndpoint), UseDualStack: isDualStack(o.EndpointOptions.UseDualStackEndpoint),
	})
	return at.URI, err
}

func snsEndpoint(ctx context.Context, config aws.Config) (url.URL, error) {
	o := sns.NewFromConfig(config).Options()
	at, err := o.EndpointResolverV2.ResolveEndpoint(ctx, sns.EndpointParameters{
		Region: &o.Region, Endpoint: o.BaseEndpoint,
		UseFIPS: isFIPS(o.EndpointOptions.UseFIPSEndpoint), UseDualStack: isDualStack(o.EndpointOptions.UseDualStackEndpoint),
	})
	return at.URI, err
}

func isFIPS(state aws.FIPSEndpointState) *bool {
	return aws.Bool(state == aws.FIPSEndpointStateEnabled)
}

func isDualStack(state aws.DualStackEndpointState) *bool {
	return aws.Bool(state == aws.DualStackEndpointStateEnabled)
}
