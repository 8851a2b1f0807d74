package wiring

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sgwarden/sgwarden/pkg/awsenv"
	"github.com/sgwarden/sgwarden/pkg/awserr"
)

const (
	// memoryLimit makes the garbage collector work before a function's 128 MB are used
	// up, in bytes.
	memoryLimit = 100 << 20
	// openingTime ends the opening of connections during a function's start. Where an
	// endpoint does not answer, the function starts all the same, and its calls open connections of their own.
	openingTime = time.Second
)

// Calls says how many calls to each service are under way at once at most, while a
// function does its usual work.
type Calls struct{ EC2, SSM, SNS int }

// Remediating are the calls at an event. EC2 is asked for the rules, then to revoke and,
// at the same time, for the group's name and its network interfaces. SSM is asked for the
// documents and the approvals at once. SNS gets one alert.
var Remediating = Calls{EC2: 3, SSM: 2, SNS: 1}

// AWS makes the SDK's configuration, or ends the process with one line that says why it
// can't. The connections that the function needs are open then: Lambda gives a function
// a whole core while it starts, and a fourteenth of one afterwards.
func AWS(function string, calls Calls) aws.Config {
	debug.SetMemoryLimit(memoryLimit)
	// With 128 MB a function has a fourteenth of one processor's time, whatever number of
	// processors it sees. A second thread of Go would only wait and take memory.
	runtime.GOMAXPROCS(1)
	config, err := awsenv.Config(os.Getenv)
	if err != nil {
		Stop(function, fmt.Errorf("load the AWS configuration: %w", err))
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
	connections.Open(ctx, Endpoints(ctx, config, calls))
	return Counted(config)
}
