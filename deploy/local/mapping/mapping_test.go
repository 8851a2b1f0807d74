package mapping_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/localtest"
	"github.com/sgwarden/sgwarden/deploy/local/mapping"
	"github.com/sgwarden/sgwarden/deploy/local/runtime"
)

func TestMain(m *testing.M) { os.Exit(localtest.Run(m)) }

// function fails on the messages whose body begins with "bad", in the way that the test asks for.
type function struct {
	how string

	mu      sync.Mutex
	batches [][]string // bodies
}

func (f *function) invoke(_ context.Context, payload []byte) (runtime.Result, error) {
	var event struct {
		Records []struct {
			MessageID, Body, EventSource string
			Attributes                   map[string]string
		}
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return runtime.Result{}, err
	}
	var bodies []string
	failures := []map[string]string{}
	for _, r := range event.Records {
		bodies = append(bodies, r.Body+" "+r.Attributes["ApproximateReceiveCount"])
		if strings.HasPrefix(r.Body, "bad") {
			failures = append(failures, map[string]string{"itemIdentifier": r.MessageID})
		}
	}
	slices.Sort(bodies)
	f.mu.Lock()
	f.batches = append(f.batches, bodies)
	f.mu.Unlock()
	switch {
	case f.how == "error" && len(failures) > 0:
		return runtime.Result{Payload: []byte(`{}`), Error: &runtime.FunctionError{Type: "Wanted", Message: "asked to"}}, nil
	case f.how == "nonsense" && len(failures) > 0:
		return runtime.Result{Payload: []byte(`{"batchItemFailures":[{"itemIdentifier":"another"}]}`)}, nil
	}
	answer, err := json.Marshal(map[string]any{"batchItemFailures": failures})
	return runtime.Result{Payload: answer}, err
}

// play runs a mapping with a queue of its own, whose messages may be received twice, on the bodies until all are gone.
func play(t *testing.T, f *function, size int, bodies ...string) (batches [][]string, letters []string) {
	t.Helper()
	queues := sqs.NewFromConfig(localtest.SharedConfig(t))
	name := strings.NewReplacer("/", "-", " ", "-", ",", "").Replace(t.Name())
	name = name[max(0, len(name)-60):]
	dead, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name + "-dead")})
	if err != nil {
		t.Fatal(err)
	}
	arn := "arn:aws:sqs:us-east-1:123456789012:" + name
	queue, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{
		"VisibilityTimeout": "60", "RedrivePolicy": `{"deadLetterTargetArn":"` + arn + `-dead","maxReceiveCount":"2"}`,
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range bodies {
		if _, err := queues.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: queue.QueueUrl, MessageBody: &body}); err != nil {
			t.Fatal(err)
		}
	}
	m := mapping.Start(t.Context(), mapping.Config{
		Queues: queues, QueueURL: *queue.QueueUrl, QueueARN: arn, Window: func() time.Duration { return 20 * time.Millisecond }, BatchSize: size, Concurrency: 2,
		Partial: f.how != "whole", Hidden: time.Minute, Look: 10 * time.Millisecond, Invoke: f.invoke,
		Failed: func(err error) { t.Error(err) },
	})
	defer m.Close()
	m.Wake()
	for deadline := time.Now().Add(30 * time.Second); ; {
		idle, err := m.Idle(t.Context())
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("messages are left: %v", err)
		}
		if idle {
			break
		}
	}
	got, err := queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: dead.QueueUrl, MaxNumberOfMessages: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range got.Messages {
		letters = append(letters, *one.Body)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.batches, letters
}

func TestOnlyWhatFailedComesAgainAndIsADeadLetterInTheEnd(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, how string
		batches   [][]string
		letters   []string
	}{
		{"the function names what failed", "partial", [][]string{{"bad 1", "good 1"}, {"bad 2"}}, []string{"bad"}},
		{"the function fails, and the whole batch with it", "error", [][]string{{"bad 1", "good 1"}, {"bad 2", "good 2"}}, []string{"bad", "good"}},
		{"the function names what was not in the batch", "nonsense", [][]string{{"bad 1", "good 1"}, {"bad 2", "good 2"}}, []string{"bad", "good"}},
		{"nobody asks what failed", "whole", [][]string{{"bad 1", "good 1"}}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			batches, letters := play(t, &function{how: row.how}, 1000, "good", "bad")
			if diff := cmp.Diff(row.batches, batches); diff != "" {
				t.Errorf("batches, each message with its count of receives (-want +got):\n%s", diff)
			}
			slices.Sort(letters)
			if diff := cmp.Diff(row.letters, letters); diff != "" {
				t.Errorf("dead letters (-want +got):\n%s", diff)
			}
		})
	}
}

func TestABatchHasNoMoreMessagesThanItMay(t *testing.T) {
	t.Parallel()
	var bodies []string
	for i := range 25 {
		bodies = append(bodies, fmt.Sprint("good", i))
	}
	batches, letters := play(t, &function{}, 12, bodies...)
	var sizes []int
	for _, batch := range batches {
		sizes = append(sizes, len(batch))
	}
	slices.Sort(sizes)
	if diff := cmp.Diff([]int{1, 12, 12}, sizes); diff != "" || len(letters) > 0 {
		t.Errorf("sizes of the batches (-want +got):\n%s; dead letters %q", diff, letters)
	}
}

func TestAMappingThatIsClosedLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	queues := sqs.NewFromConfig(localtest.SharedConfig(t))
	queue, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("closed")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := queues.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: queue.QueueUrl, MessageBody: aws.String("late")}); err != nil {
		t.Fatal(err)
	}
	started := make(chan struct{})
	m := mapping.Start(t.Context(), mapping.Config{
		Queues: queues, QueueURL: *queue.QueueUrl, Window: func() time.Duration { return 0 }, BatchSize: 10, Concurrency: 1, Hidden: time.Minute, Look: time.Millisecond,
		Invoke: func(ctx context.Context, _ []byte) (runtime.Result, error) {
			close(started)
			<-ctx.Done()
			return runtime.Result{}, ctx.Err()
		},
		Failed: func(err error) { t.Error(err) },
	})
	<-started
	m.Close() // returns, though the function would never have
	left, err := queues.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: queue.QueueUrl, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessagesNotVisible},
	})
	if err != nil || left.Attributes["ApproximateNumberOfMessagesNotVisible"] != "1" {
		t.Errorf("the message is not kept: %v, %v", left, err)
	}
}
