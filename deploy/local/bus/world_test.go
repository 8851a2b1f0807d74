package bus_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sgwarden/sgwarden/deploy/local/bus"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
	"github.com/sgwarden/sgwarden/deploy/local/runtime"
)

// world is a bus in a region of its own: moto keeps regions apart, so the tests can share one server.
type world struct {
	t        *testing.T
	bus      *bus.Bus
	function *function
	events   *eventbridge.Client
	queues   *sqs.Client
}

func newWorld(t *testing.T, region string, failure bus.OnFailure) *world {
	t.Helper()
	return newWorldWith(t, region, failure, func(*bus.Config) {})
}

func newWorldWith(t *testing.T, region string, failure bus.OnFailure, adapt func(*bus.Config)) *world {
	t.Helper()
	config := localtest.SharedConfig(t)
	config.Region = region
	busConfig := bus.Config{AWS: config, RetryDelays: []time.Duration{time.Millisecond}}
	adapt(&busConfig)
	b := bus.Start(busConfig)
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, bus: b, function: &function{}, events: eventbridge.NewFromConfig(config), queues: sqs.NewFromConfig(config)}
	b.Register(w.function, failure)
	return w
}

func (w *world) putRule(name, pattern, target string) {
	w.t.Helper()
	w.putRuleWithQueue(name, pattern, target, "")
}

func (w *world) putRuleWithQueue(name, pattern, target, queue string) {
	w.t.Helper()
	if _, err := w.events.PutRule(w.t.Context(), &eventbridge.PutRuleInput{Name: &name, EventPattern: &pattern}); err != nil {
		w.t.Fatal(err)
	}
	to := ebtypes.Target{Id: aws.String("function"), Arn: &target}
	if queue != "" {
		to.DeadLetterConfig = &ebtypes.DeadLetterConfig{Arn: &queue}
	}
	if _, err := w.events.PutTargets(w.t.Context(), &eventbridge.PutTargetsInput{Rule: &name, Targets: []ebtypes.Target{to}}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) enable(name string, enabled bool) {
	w.t.Helper()
	var err error
	if enabled {
		_, err = w.events.EnableRule(w.t.Context(), &eventbridge.EnableRuleInput{Name: &name})
	} else {
		_, err = w.events.DisableRule(w.t.Context(), &eventbridge.DisableRuleInput{Name: &name})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) createQueue(name string) (url string) {
	w.t.Helper()
	queue, err := w.queues.CreateQueue(w.t.Context(), &sqs.CreateQueueInput{QueueName: &name})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.queues.PurgeQueue(w.t.Context(), &sqs.PurgeQueueInput{QueueUrl: queue.QueueUrl}); err != nil {
		w.t.Fatal(err) // a former run with -count left messages
	}
	return *queue.QueueUrl
}

func (w *world) receive(queueURL string) (bodies []string) {
	w.t.Helper()
	got, err := w.queues.ReceiveMessage(w.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &queueURL, MaxNumberOfMessages: 10})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, message := range got.Messages {
		bodies = append(bodies, *message.Body)
	}
	return bodies
}

func (w *world) sync() {
	w.t.Helper()
	if err := w.bus.Sync(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) waitIdle() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	if err := w.bus.WaitIdle(ctx); err != nil {
		w.t.Fatal(err)
	}
}

// closed is a function that is closed, and says so when it is invoked.
type closed struct{ invoked func() }

func (*closed) ARN() string { return functionARN }

func (c *closed) Invoke(context.Context, []byte) (runtime.Result, error) {
	c.invoked()
	return runtime.Result{}, runtime.ErrClosed
}

// function fails the given number of times, and then succeeds.
type function struct {
	mu       sync.Mutex
	got      []string
	failures int
	then     func(n int) // called at each event, with how many there were
}

func (f *function) ARN() string { return functionARN }

func (f *function) Invoke(_ context.Context, payload []byte) (runtime.Result, error) {
	f.mu.Lock()
	f.got = append(f.got, string(payload))
	n := len(f.got)
	f.mu.Unlock()
	if f.then != nil {
		f.then(n)
	}
	if n <= f.failures {
		return runtime.Result{
			Payload: []byte(`{"errorType":"Wanted","errorMessage":"asked to"}`),
			Error:   &runtime.FunctionError{Type: "Wanted", Message: "asked to"},
		}, nil
	}
	return runtime.Result{Payload: []byte(`{}`)}, nil
}

func (f *function) events() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.got
}
