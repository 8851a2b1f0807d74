package wiring

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"runtime/debug"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/sgwarden/sgwarden/pkg/awsenv"
	"github.com/sgwarden/sgwarden/pkg/awserr"
)

const (
	// memoryLimit makes the garbage collector work before a function's 128 MB are used
	// up, in bytes.
	memoryLimit = 100 << 20
	// openingTime ends the opening of connections during a function's start. Where an
	// endpoint does not answer, the function goes on, and its calls open their own.
	openingTime = time.Second
)

// Calls says how many calls to each service are under way at once at most, while a
// function does its usual work.
type Calls struct{ EC2, SSM, SNS int }

// remediating: the rules, then the revoke beside the group's name, are read from EC2; the
// documents beside the approvals from SSM; one alert is published.
var remediating = Calls{EC2: 2, SSM: 2, SNS: 1}

// AWS makes the SDK's configuration, or ends the process with one line that says why it
// can't. The connections that the function needs are open then: Lambda gives a function
// a whole core while it starts, and a fourteenth of one afterwards.
func AWS(function string, calls Calls) aws.Config {
	debug.SetMemoryLimit(memoryLimit)
	config, err := awsenv.Config(os.Getenv)
	if err != nil {
		Stop(function, fmt.Errorf("make the AWS configuration: %w", err))
	}
	roots, err := awsenv.Roots(os.Getenv)
	if err != nil {
		Stop(function, err)
	}
	connections := awsenv.NewConnections(roots, time.Now)
	config.HTTPClient = connections.Client(awserr.AttemptTime)
	config.Retryer = awserr.Retryer
	ctx, cancel := context.WithTimeout(context.Background(), openingTime)
	defer cancel()
	connections.Open(ctx, endpoints(ctx, config, calls))
	return Counted(config)
}

// endpoints returns where a function's calls go, as the clients themselves find out. An
// endpoint that can't be told is left out: its calls will say why.
func endpoints(ctx context.Context, config aws.Config, calls Calls) []awsenv.Wanted {
	var wanted []awsenv.Wanted
	add := func(count int, at url.URL, err error) {
		if err == nil && count > 0 {
			wanted = append(wanted, awsenv.Wanted{URL: at, Count: count})
		}
	}
	fips, dual := func(f aws.FIPSEndpointState) *bool { return aws.Bool(f == aws.FIPSEndpointStateEnabled) },
		func(d aws.DualStackEndpointState) *bool { return aws.Bool(d == aws.DualStackEndpointStateEnabled) }
	e := ec2.NewFromConfig(config).Options()
	at, err := e.EndpointResolverV2.ResolveEndpoint(ctx, ec2.EndpointParameters{Region: &e.Region, Endpoint: e.BaseEndpoint,
		UseFIPS: fips(e.EndpointOptions.UseFIPSEndpoint), UseDualStack: dual(e.EndpointOptions.UseDualStackEndpoint)})
	add(calls.EC2, at.URI, err)
	s := ssm.NewFromConfig(config).Options()
	at, err = s.EndpointResolverV2.ResolveEndpoint(ctx, ssm.EndpointParameters{Region: &s.Region, Endpoint: s.BaseEndpoint,
		UseFIPS: fips(s.EndpointOptions.UseFIPSEndpoint), UseDualStack: dual(s.EndpointOptions.UseDualStackEndpoint)})
	add(calls.SSM, at.URI, err)
	n := sns.NewFromConfig(config).Options()
	at, err = n.EndpointResolverV2.ResolveEndpoint(ctx, sns.EndpointParameters{Region: &n.Region, Endpoint: n.BaseEndpoint,
		UseFIPS: fips(n.EndpointOptions.UseFIPSEndpoint), UseDualStack: dual(n.EndpointOptions.UseDualStackEndpoint)})
	add(calls.SNS, at.URI, err)
	return wanted
}
