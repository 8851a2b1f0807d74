package deadletters

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Replay gives the chosen messages to their functions again, and removes those that AWS
// accepted. It returns how many it sent and removed. Sweeps come last: their alerts do not say who
// changed a rule, and those of the remediator do.
func (d Desk) Replay(ctx context.Context, chosen []Contents) (removed int, err error) {
	isSweeps := func(c Contents) bool { return !c.Queue.OfRemediator() && !c.Queue.OfNotifier() }
	first := slices.DeleteFunc(slices.Clone(chosen), isSweeps)
	last := slices.DeleteFunc(slices.Clone(chosen), func(c Contents) bool { return !isSweeps(c) })
	removed, err = d.replayAll(ctx, first, func(q Queue) dealing { return d.replayEach(q) })
	swept, sweepErr := d.replayAll(ctx, last, func(q Queue) dealing { return d.replayOnce(q) })
	return removed + swept, errors.Join(err, sweepErr)
}

// replayAll replays queues side by side.
func (d Desk) replayAll(ctx context.Context, chosen []Contents, dealWith func(Queue) dealing) (removed int, err error) {
	counts, errs := make([]int, len(chosen)), make([]error, len(chosen))
	var replaying sync.WaitGroup
	for i, c := range chosen {
		replaying.Go(func() { counts[i], errs[i] = d.dealWith(ctx, c, dealWith(c.Queue)) })
	}
	replaying.Wait()
	for _, n := range counts {
		removed += n
	}
	return removed, errors.Join(errs...)
}

// replayEach replays messages one by one.
func (d Desk) replayEach(q Queue) dealing {
	return func(ctx context.Context, messages []Message) (accepted []string, err error) {
		errs := make([]error, len(messages))
		var replaying sync.WaitGroup
		for i, m := range messages {
			replaying.Go(func() { errs[i] = d.replay(ctx, q, m) })
		}
		replaying.Wait()
		for i, m := range messages {
			if errs[i] == nil {
				accepted = append(accepted, m.ID)
			}
		}
		return accepted, errors.Join(errs...)
	}
}

// replayOnce replays the first message for all: one sweep makes up for all that failed.
func (d Desk) replayOnce(q Queue) dealing {
	tried, failed := false, false
	return func(ctx context.Context, messages []Message) (accepted []string, err error) {
		if !tried && len(messages) > 0 {
			tried = true
			err = d.replay(ctx, q, messages[0])
			failed = err != nil
		}
		if failed {
			return nil, err
		}
		for _, m := range messages {
			accepted = append(accepted, m.ID)
		}
		return accepted, nil
	}
}

// replay returns nil once AWS has accepted a message.
func (d Desk) replay(ctx context.Context, q Queue, m Message) error {
	if q.OfNotifier() {
		return d.feed(ctx, q, m)
	}
	if q.Function == "" {
		return fmt.Errorf("give message %s of queue %s to its function: the stack has no output that names the function", m.ID, q.Name)
	}
	answer, err := d.Functions.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: &q.Function, InvocationType: types.InvocationTypeEvent, Payload: m.payload,
	})
	if err == nil && answer.StatusCode != http.StatusAccepted {
		err = fmt.Errorf("status %d is not that of an accepted event", answer.StatusCode)
	}
	if err != nil {
		return fmt.Errorf("give message %s to function %s: %w", m.ID, q.Function, err)
	}
	return nil
}

// feed puts an alert into the queue that feeds the notifier.
func (d Desk) feed(ctx context.Context, q Queue, m Message) error {
	if q.Feed == "" {
		return fmt.Errorf("give message %s to the notifier: the stack has no output AlertQueueUrl", m.ID)
	}
	body := string(m.payload)
	if _, err := d.Queues.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.Feed, MessageBody: &body}); err != nil {
		return fmt.Errorf("give message %s to the queue of the notifier: %w", m.ID, err)
	}
	return nil
}
