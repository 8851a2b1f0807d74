package wiring

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go/middleware"
)

// SweepInterval is the time between two pages that a sweep asks SSM for. SSM answers 40 such
// calls a second to a whole account (AWS General Reference, "Systems Manager endpoints and
// quotas", GetParametersByPath). A sweep takes a quarter, and is in no hurry.
const SweepInterval = 100 * time.Millisecond

// Paced is config whose clients ask SSM for one page of parameters an interval at most, all
// of them together. Pages are nearly all of a sweep's calls, and come one after the other.
// A call that the SDK tries again waits by itself.
func Paced(config aws.Config, interval time.Duration) aws.Config {
	p := &pacer{interval: interval}
	config = config.Copy()
	config.APIOptions = append(config.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Pace", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			if _, isPage := in.Parameters.(*ssm.GetParametersByPathInput); isPage {
				Pause(ctx, p.wait(time.Now()))
			}
			return next.HandleInitialize(ctx, in)
		}), middleware.Before)
	})
	return config
}

// pacer gives each page its moment.
type pacer struct {
	interval time.Duration

	mu   sync.Mutex
	next time.Time // when the next call may begin
}

// wait returns how long a call has to wait that is made now.
func (p *pacer) wait(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.next
	if at.Before(now) {
		at = now
	}
	p.next = at.Add(p.interval)
	return at.Sub(now)
}
