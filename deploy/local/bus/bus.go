// Package bus plays EventBridge and Lambda's asynchronous invocation for the rules that are deployed in moto.
//
// moto matches events with patterns but cannot invoke a function. So each deployed rule that has a Lambda target is
// mirrored, with its pattern, on an event bus of its own, where it delivers to an SQS queue; what arrives there is what
// the rule matched, and the functions that the deployed rule names are invoked with it. The deployed rules themselves
// are left as they are. Rules with a schedule, which moto never fires, are played at their rate.
package bus

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
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
	Delivered   func(Delivery)  // told of each event that a function has dealt with, from any goroutine; may be nil

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
	config    Config
	events    *eventbridge.Client
	queues    *sqs.Client
	pending   tracker
	mirrorBus string // the name of the event bus that mirrors the default one
	entries   chan entry
	ctx       context.Context
	stop      context.CancelFunc
	loops     sync.WaitGroup

	mu        sync.Mutex
	functions map[string]registration // by ARN
	rules     []mirrored
	schedules map[string]*schedule // by the rule's name
	errs      []error

	syncing sync.Mutex
}

// entry is an event on its way, with what to call once it has been dealt with.
type entry struct {
	event json.RawMessage
	done  func()
}

type registration struct {
	function Function
	failure  OnFailure
}

// Start makes the mirroring event bus. The bus runs until Close.
func Start(ctx context.Context, config Config) (*Bus, error) {
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
		entries: make(chan entry, 10_000), functions: map[string]registration{}, schedules: map[string]*schedule{},
		mirrorBus: "sgwarden-local-" + strings.ToLower(rand.Text()[:8]),
	}
	if _, err := b.events.CreateEventBus(ctx, &eventbridge.CreateEventBusInput{Name: aws.String(b.mirrorBus)}); err != nil {
		return nil, fmt.Errorf("create the event bus that mirrors the default one: %w", err)
	}
	b.ctx, b.stop = context.WithCancel(context.WithoutCancel(ctx))
	b.loops.Go(b.run)
	return b, nil
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

// Put takes an event, an EventBridge envelope, and returns at once.
func (b *Bus) Put(event json.RawMessage) {
	done := b.pending.begin()
	if len(event) > maxEventBytes {
		b.fail(fmt.Errorf("deliver an event of %d bytes: EventBridge takes %d at most", len(event), maxEventBytes))
		done()
		return
	}
	select {
	case b.entries <- entry{event, done}:
	case <-b.ctx.Done():
		done()
	}
}

// WaitIdle returns once nothing is under way: every event has been delivered, every function is idle, and so for the
// events that their own calls made. Its error is ctx's, or holds what went wrong in the bus since the last call.
func (b *Bus) WaitIdle(ctx context.Context) error {
	if err := b.pending.wait(ctx); err != nil {
		return fmt.Errorf("wait until all events are delivered: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	err := errors.Join(b.errs...)
	b.errs = nil
	return err
}

// Close stops delivering, drops what is under way, and returns when nothing of the bus runs any more. It does not close
// the functions.
func (b *Bus) Close() error {
	b.stop()
	b.loops.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	return errors.Join(b.errs...)
}

// fail keeps an error for WaitIdle. What fails because the bus is being closed is no error.
func (b *Bus) fail(err error) {
	if b.ctx.Err() != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.errs = append(b.errs, err)
}
