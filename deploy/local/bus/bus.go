// Package bus plays EventBridge and Lambda's asynchronous invocation for the rules that are deployed in moto.
//
// moto cannot invoke a function. So the bus reads the deployed rules that have a Lambda target, matches events with their
// patterns itself, and invokes the functions that the rules name. Rules with a schedule, which moto never fires, are
// played at their rate. The deployed rules are left as they are.
package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sgwarden/sgwarden/deploy/local/runtime"
)

// maxEventBytes is the most an event may have: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
const maxEventBytes = 256 << 10

// Function is what a rule's target invokes.
type Function interface {
	ARN() string
	Invoke(ctx context.Context, payload []byte) (runtime.Result, error)
}

// Config is how to start a bus.
type Config struct {
	AWS         aws.Config      // clients of moto itself
	RetryDelays []time.Duration // before a failed event is tried again; Lambda's are a minute and two. Default 50 and 100 ms
	Delivered   func(Delivery)  // gets each event that a function has dealt with, from any goroutine; may be nil

	// Ticks is the clock of schedules; default a time.Ticker.
	Ticks func(every time.Duration) (ticks <-chan time.Time, end func())
}

// Delivery is what became of one event at one target.
type Delivery struct {
	Event    json.RawMessage
	Rule     string // name of the rule that matched
	Function string // ARN
	Attempts int
	Result   runtime.Result // of the last attempt
	Queue    string         // ARN of the dead-letter queue that the event ended in, "" for none
}

// Bus delivers events. Its methods may be called at once.
type Bus struct {
	config  Config
	events  *eventbridge.Client
	queues  *sqs.Client
	pending tracker
	ctx     context.Context
	stop    context.CancelFunc // wants mu to be held
	loops   sync.WaitGroup     // added to with mu held, and not once ctx has ended

	mu        sync.Mutex
	functions map[string]registration // by ARN
	rules     []rule
	clocks    map[clock]context.CancelFunc
	errs      []error

	syncing sync.Mutex
}

type registration struct {
	function Function
	failure  OnFailure
}

// Start starts a bus, which runs until Close. It has no rules before the first Sync.
func Start(config Config) *Bus {
	if config.RetryDelays == nil {
		config.RetryDelays = []time.Duration{50 * time.Millisecond, 100 * time.Millisecond}
	}
	if config.Ticks == nil {
		config.Ticks = func(every time.Duration) (<-chan time.Time, func()) {
			ticker := time.NewTicker(every)
			return ticker.C, ticker.Stop
		}
	}
	b := &Bus{
		config: config, events: eventbridge.NewFromConfig(config.AWS), queues: sqs.NewFromConfig(config.AWS),
		functions: map[string]registration{}, clocks: map[clock]context.CancelFunc{},
	}
	b.ctx, b.stop = context.WithCancel(context.Background())
	return b
}

// Register makes a function known, for the rules that target its ARN, with what becomes of events it fails on.
func (b *Bus) Register(function Function, failure OnFailure) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.functions[function.ARN()] = registration{function, failure}
}

// Unregister makes a function unknown again.
func (b *Bus) Unregister(functionARN string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.functions, functionARN)
}

// Begin says that there is something under way that may end in a Put; done says that it is over. WaitIdle waits for it.
func (b *Bus) Begin() (done func()) { return b.pending.begin() }

// start does work of its own accord; WaitIdle waits for it and returns its error. A bus that is closed starts nothing.
func (b *Bus) start(work func() error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx.Err() != nil {
		return
	}
	done := b.pending.begin()
	b.loops.Go(func() {
		defer done()
		if err := work(); err != nil {
			b.Fail(err)
		}
	})
}

// WaitIdle returns once nothing is under way: every event has been delivered, every function is idle, and so for the
// events that their own calls made. Its error is ctx's, or what went wrong in the bus since the last call.
func (b *Bus) WaitIdle(ctx context.Context) error {
	if err := b.pending.wait(ctx); err != nil {
		return fmt.Errorf("wait until all events are delivered: %w", err)
	}
	return b.Failures()
}

// Close stops delivering, drops what is under way, and returns when nothing of the bus runs any more. It does not close
// the functions.
func (b *Bus) Close() error {
	b.mu.Lock()
	b.stop()
	b.mu.Unlock()
	b.loops.Wait()
	return b.Failures()
}

// Failures returns what went wrong since the last call.
func (b *Bus) Failures() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	err := errors.Join(b.errs...)
	b.errs = nil
	return err
}

// Fail keeps an error for Failures. What fails because the bus is being closed is no error.
func (b *Bus) Fail(err error) {
	if b.ctx.Err() != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.errs = append(b.errs, err)
}
