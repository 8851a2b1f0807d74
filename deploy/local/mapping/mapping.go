// Package mapping plays an event source mapping of AWS Lambda from an SQS queue: it collects messages for a while, invokes
// the function with the batch, deletes what the function dealt with, and leaves the rest to be received again.
// See https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html.
package mapping

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sgwarden/sgwarden/deploy/local/runtime"
)

// Config is one mapping.
type Config struct {
	Queues      *sqs.Client // of moto itself
	QueueURL    string
	QueueARN    string
	Window      func() time.Duration // how long the first message waits for others; asked for at each look at the queue
	BatchSize   int                  // messages of one invocation, at most
	Concurrency int                  // invocations at once, at most
	Partial     bool                 // ReportBatchItemFailures: the function answers which messages failed
	Hidden      time.Duration        // the queue's visibility timeout
	Look        time.Duration        // how often to look at the queue, beside Wake
	Invoke      func(ctx context.Context, payload []byte) (runtime.Result, error)
	Failed      func(error) // gets what the mapping could not do
}

// Mapping is a running mapping.
type Mapping struct {
	config Config
	ctx    context.Context
	stop   context.CancelFunc
	wake   chan struct{}
	slots  chan struct{}
	all    sync.WaitGroup

	mu   sync.Mutex
	busy int // batches that are collected or under way
}

// Start starts a mapping. It runs until Close; ctx only lends its values.
func Start(ctx context.Context, config Config) *Mapping {
	m := &Mapping{config: config, wake: make(chan struct{}, 1), slots: make(chan struct{}, config.Concurrency)}
	m.ctx, m.stop = context.WithCancel(context.WithoutCancel(ctx))
	m.all.Go(m.poll)
	return m
}

// Wake has the mapping look at the queue now, as a message has come.
func (m *Mapping) Wake() {
	select {
	case m.wake <- struct{}{}:
	default: // it is about to look anyway
	}
}

// Close ends the mapping. What it has received and not dealt with becomes visible again when its time is over.
func (m *Mapping) Close() {
	m.stop()
	m.all.Wait()
}

// Idle says whether the queue is empty and no batch is under way. It is not while a failed message waits to be received
// again.
func (m *Mapping) Idle(ctx context.Context) (bool, error) {
	m.mu.Lock()
	busy := m.busy
	m.mu.Unlock()
	if busy > 0 {
		return false, nil
	}
	got, err := m.config.Queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &m.config.QueueURL, AttributeNames: sizes})
	if err != nil {
		return false, fmt.Errorf("look at queue %s: %w", m.config.QueueARN, err)
	}
	for _, size := range sizes {
		if got.Attributes[string(size)] != "0" {
			return false, nil
		}
	}
	return true, nil
}

func (m *Mapping) count(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.busy += n
}

func (m *Mapping) poll() {
	ticker := time.NewTicker(m.config.Look)
	defer ticker.Stop()
	for {
		select {
		case <-m.wake:
		case <-ticker.C:
		case <-m.ctx.Done():
			return
		}
		for m.round() {
		}
	}
}

// round collects one batch and hands it over. It is false where there was nothing to collect.
func (m *Mapping) round() bool {
	m.count(1)
	batch, err := m.collect()
	if err != nil {
		m.fail(err)
	}
	if len(batch) == 0 {
		m.count(-1)
		return false
	}
	select {
	case m.slots <- struct{}{}:
	case <-m.ctx.Done():
		m.count(-1)
		return false
	}
	m.all.Go(func() {
		defer m.count(-1)
		defer func() { <-m.slots }()
		if err := m.handOver(batch); err != nil {
			m.fail(err)
		}
	})
	return true
}

// collect receives messages until the window is over or the batch is full. The window begins with the first message.
// A shorter window counts for the batch that waits, too: the window is asked for at each look.
func (m *Mapping) collect() (batch []message, err error) {
	var began time.Time
	look := time.NewTicker(m.config.Look)
	defer look.Stop()
	for {
		got, err := m.receive(m.config.BatchSize - len(batch))
		batch = append(batch, got...)
		if err != nil || len(batch) == 0 || len(batch) >= m.config.BatchSize {
			return batch, err
		}
		if began.IsZero() {
			began = time.Now()
		}
		select {
		case <-time.After(m.config.Window() - time.Since(began)):
			got, err = m.receive(m.config.BatchSize - len(batch))
			return append(batch, got...), err
		case <-m.wake:
		case <-look.C:
		case <-m.ctx.Done():
			return nil, nil
		}
	}
}

// handOver invokes the function, deletes what it dealt with, and makes the rest visible at once: AWS's queue keeps it hidden
// for the rest of the visibility timeout, which would be minutes.
func (m *Mapping) handOver(batch []message) error {
	payload, err := event(batch, m.config.QueueARN)
	if err != nil {
		return err
	}
	result, err := m.config.Invoke(m.ctx, payload)
	if err != nil {
		if m.ctx.Err() != nil {
			return nil
		}
		return errors.Join(fmt.Errorf("invoke the function for %d messages of %s: %w", len(batch), m.config.QueueARN, err), m.putBack(batch))
	}
	done, failed := sort(batch, result, m.config.Partial)
	return errors.Join(m.remove(done), m.putBack(failed))
}

func (m *Mapping) fail(err error) {
	if m.ctx.Err() == nil {
		m.config.Failed(err)
	}
}
