package deadletters_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
)

// world has queues in the local AWS, and plays Lambda and the log.
type world struct {
	client *sqs.Client
	name   string

	mu       sync.Mutex
	invoked  []string // FUNCTION PAYLOAD
	lines    []string // GROUP LINE
	refuse   string   // a payload or line with this is refused
	recorded func()   // called after each line; may be nil
}

var worlds atomic.Int64

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{client: sqs.NewFromConfig(motoConfig(t)), name: fmt.Sprintf("world-%d", worlds.Add(1))}
}

func (w *world) desk() deadletters.Desk {
	return deadletters.Desk{Queues: w.client, Functions: w, Log: w}
}

// queue makes a queue, and a queue that feeds the notifier.
func (w *world) queue(t *testing.T, name string) deadletters.Queue {
	t.Helper()
	made := func(name string) string {
		answer, err := w.client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(w.name + "-" + name)})
		if err != nil {
			t.Fatal(err)
		}
		return *answer.QueueUrl
	}
	return deadletters.Queue{Name: name, URL: made(name), Feed: made("feed"), Function: "f-" + name, LogGroup: "g-" + name}
}

func (w *world) put(t *testing.T, q deadletters.Queue, body string) (id string) {
	t.Helper()
	sent, err := w.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &q.URL, MessageBody: &body})
	if err != nil {
		t.Fatal(err)
	}
	return *sent.MessageId
}

// wantWaiting fails unless a queue has that many messages, none of them hidden.
func (w *world) wantWaiting(t *testing.T, url string, want int) {
	t.Helper()
	answer, err := w.client.GetQueueAttributes(context.WithoutCancel(t.Context()), &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, hidden := answer.Attributes["ApproximateNumberOfMessages"], answer.Attributes["ApproximateNumberOfMessagesNotVisible"]
	if got != strconv.Itoa(want) || hidden != "0" {
		t.Errorf("%s messages wait and %s are hidden, want %d and 0", got, hidden, want)
	}
}

// list reads queues, which must work.
func (w *world) list(t *testing.T, queues ...deadletters.Queue) []deadletters.Contents {
	t.Helper()
	all, err := w.desk().List(t.Context(), queues)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Invoke takes an asynchronous invocation.
func (w *world) Invoke(_ context.Context, in *lambda.InvokeInput, _ ...func(*lambda.Options)) (*lambda.InvokeOutput, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuse != "" && strings.Contains(string(in.Payload), w.refuse) {
		return nil, errors.New("the function is gone")
	}
	w.invoked = append(w.invoked, fmt.Sprint(*in.FunctionName, " ", in.InvocationType, " ", string(in.Payload)))
	return &lambda.InvokeOutput{StatusCode: 202}, nil
}

// Record keeps a line.
func (w *world) Record(_ context.Context, group string, _ time.Time, line string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuse != "" && strings.Contains(line, w.refuse) {
		return errors.New("the log is gone")
	}
	w.lines = append(w.lines, group+" "+line)
	if w.recorded != nil {
		w.recorded()
	}
	return nil
}

// did returns what the functions were invoked with, sorted.
func (w *world) did() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(slices.Values(w.invoked))
}

// everything wants each message.
func everything(deadletters.Message) bool { return true }

// smallEvent is an event with an id, about nothing.
func smallEvent(id string) string {
	return fmt.Sprintf(`{"id":%q,"source":"aws.ec2","detail-type":"Test"}`, id)
}
