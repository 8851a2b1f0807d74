package wiring

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
)

// sweepInterval is the time between two calls of a sweep to SSM. SSM answers 40 of these
// calls a second to a whole account (AWS General Reference, "Systems Manager endpoints
// and quotas", GetParametersByPath and GetParameters). A sweep takes a quarter, and is in
// no hurry.
const sweepInterval = 100 * time.Millisecond

// Paced is config whose clients begin one call an interval at most, all of them together.
// What the SDK tries again waits by itself.
func Paced(config aws.Config, interval time.Duration) aws.Config {
	p := &pacer{interval: interval}
	config = config.Copy()
	config.APIOptions = append(config.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Pace", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			Pause(ctx, p.wait(time.Now()))
			return next.HandleInitialize(ctx, in)
		}), middleware.Before)
	})
	return config
}

// pacer gives each call its moment.
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
