package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/mapping"
	"github.com/sgwarden/sgwarden/deploy/local/runtime"
)

// lookTime is how often to look at the queue of a mapping. Messages that SNS delivers are seen at once.
const lookTime = 250 * time.Millisecond

// source is a deployed event source mapping.
type source struct {
	function, queueARN string // the function's name
	window             time.Duration
	batch, concurrency int
	partial            bool
}

func (c *Cloud) sources(ctx context.Context) (map[source]bool, error) {
	var list struct {
		EventSourceMappings []struct {
			EventSourceARN, FunctionARN, State string
			BatchSize                          int
			MaximumBatchingWindowInSeconds     json.Number // a text where moto has it from a parameter's default
			FunctionResponseTypes              []string
			ScalingConfig                      struct{ MaximumConcurrency int }
		}
	}
	err := c.askLambda(ctx, "/2015-03-31/event-source-mappings/", &list)
	found := map[source]bool{}
	for _, m := range list.EventSourceMappings {
		if m.State == "Enabled" {
			seconds, _ := m.MaximumBatchingWindowInSeconds.Int64() // 0 where there is none
			found[source{
				function: last(m.FunctionARN), queueARN: m.EventSourceARN, window: time.Duration(seconds) * time.Second,
				batch: m.BatchSize, concurrency: max(m.ScalingConfig.MaximumConcurrency, 2), partial: len(m.FunctionResponseTypes) > 0,
			}] = true
		}
	}
	return found, err
}

// last is the last part of an ARN, the name.
func last(arn string) string { return arn[strings.LastIndex(arn, ":")+1:] }

// follow makes the running mappings those that are deployed.
func (c *Cloud) follow(ctx context.Context) error {
	wanted, err := c.sources(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for s, running := range c.mappings {
		if !wanted[s] {
			c.retiring.Go(running.Close) // it may wait for an invocation, which waits for this deployment
			delete(c.mappings, s)
		}
	}
	var errs []error
	for s := range wanted {
		if c.mappings[s] == nil {
			errs = append(errs, c.play(ctx, s))
		}
	}
	return errors.Join(errs...)
}

func (c *Cloud) runningMappings() []*mapping.Mapping {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Values(c.mappings))
}

// play starts a mapping. It wants c.mu to be held.
func (c *Cloud) play(ctx context.Context, s source) error {
	queues := sqs.NewFromConfig(awsconfig.New(c.moto.URL, awsconfig.Keys))
	name := last(s.queueARN)
	queueURL := c.moto.URL + "/" + Account + "/" + name
	found, err := queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &queueURL, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameVisibilityTimeout},
	})
	if err != nil {
		return fmt.Errorf("map queue %s to function %s: %w", name, s.function, err)
	}
	hidden, err := strconv.Atoi(found.Attributes["VisibilityTimeout"])
	if err != nil {
		return fmt.Errorf("map queue %s to function %s: %w", name, s.function, err)
	}
	c.mappings[s] = mapping.Start(ctx, mapping.Config{
		Queues: queues, QueueURL: queueURL, QueueARN: s.queueARN,
		Window: func() time.Duration { return c.wait(s) }, BatchSize: s.batch, Concurrency: s.concurrency, Partial: s.partial,
		Hidden: time.Duration(hidden) * time.Second, Look: lookTime, Failed: c.bus.Fail,
		Invoke: func(ctx context.Context, payload []byte) (runtime.Result, error) {
			return c.Invoke(ctx, s.function, payload)
		},
	})
	return nil
}

// SetMailWait makes alerts wait that long for others before they become a mail, as Options.MailWait does. It counts for
// those that wait already, too. 0 is as long as the template says.
func (c *Cloud) SetMailWait(d time.Duration) { c.mailWait.Store(int64(d)) }

func (c *Cloud) wait(s source) time.Duration {
	if d := time.Duration(c.mailWait.Load()); d > 0 {
		return d
	}
	return s.window
}

// wake has the mappings look at their queues.
func (c *Cloud) wake() {
	for _, running := range c.runningMappings() {
		running.Wake()
	}
}

func (c *Cloud) mappingsIdle(ctx context.Context) (bool, error) {
	for _, running := range c.runningMappings() {
		if idle, err := running.Idle(ctx); !idle || err != nil {
			return false, err
		}
	}
	return true, nil
}
