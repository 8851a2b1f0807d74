package deadletters_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// answer is what SQS answers, as JSON.
type answer = map[string]any

// stubbed returns a desk whose SQS has the message m-1 in each answer, of a queue with
// one message. The handlers replace those that work.
func stubbed(t *testing.T, handlers map[string]awsstub.Handler) (deadletters.Desk, *awsstub.Stub) {
	t.Helper()
	all := map[string]awsstub.Handler{
		"GetQueueAttributes": func(awsstub.Request) (any, error) {
			return answer{"Attributes": answer{"ApproximateNumberOfMessages": "1", "ApproximateNumberOfMessagesNotVisible": "0", "ApproximateNumberOfMessagesDelayed": "0"}}, nil
		},
		"ReceiveMessage": func(awsstub.Request) (any, error) {
			const md5OfBody = "8c1c6c2f2bb3d64cd6a4a1ee7d5ff8d2"
			return answer{"Messages": []answer{{"MessageId": "m-1", "ReceiptHandle": "h-1", "Body": "words", "MD5OfBody": md5OfBody}}}, nil
		},
		"ChangeMessageVisibilityBatch": func(awsstub.Request) (any, error) { return answer{"Successful": []answer{{"Id": "m-1"}}}, nil },
		"DeleteMessageBatch":           func(awsstub.Request) (any, error) { return answer{"Successful": []answer{{"Id": "m-1"}}}, nil },
	}
	for action, handler := range handlers {
		all[action] = handler
	}
	stub := awsstub.New(0, all)
	t.Cleanup(stub.Close)
	return deadletters.Desk{
		Queues: sqs.NewFromConfig(stub.Config(), func(o *sqs.Options) { o.DisableMessageChecksumValidation = true }), Log: &world{},
	}, stub
}

var (
	denied = func(awsstub.Request) (any, error) {
		return nil, &awsstub.Error{Code: "AccessDeniedException", Message: "you may not"}
	}
	refused = func(awsstub.Request) (any, error) {
		return answer{"Failed": []answer{{"Id": "m-1", "Code": "ReceiptHandleIsInvalid", "Message": "it is old", "SenderFault": true}}}, nil
	}
)

// TestASameMessageAgainAndAgainEndsTheReading: SQS may deliver a message twice.
func TestASameMessageAgainAndAgainEndsTheReading(t *testing.T) {
	t.Parallel()
	desk, stub := stubbed(t, nil)
	all, err := desk.List(t.Context(), []deadletters.Queue{ofRemediator})
	if err != nil || len(all) != 1 || len(all[0].Messages) != 1 {
		t.Errorf("%v: %+v", err, all)
	}
	if n := len(stub.Requests("ReceiveMessage")); n != 4 {
		t.Errorf("received %d times, want 4: once with something new", n)
	}
}

func TestWhatSQSRefusesIsReported(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handlers map[string]awsstub.Handler
		want     string
	}{
		"nothing is refused":               {nil, ""},
		"counting":                         {map[string]awsstub.Handler{"GetQueueAttributes": denied}, "count the messages of queue RemediatorFailures: "},
		"receiving":                        {map[string]awsstub.Handler{"ReceiveMessage": denied}, "receive messages from queue RemediatorFailures: "},
		"putting back":                     {map[string]awsstub.Handler{"ChangeMessageVisibilityBatch": denied}, "put messages back into queue RemediatorFailures, where they are hidden for 61 seconds at most: "},
		"putting back one of the messages": {map[string]awsstub.Handler{"ChangeMessageVisibilityBatch": refused}, "message m-1: ReceiptHandleIsInvalid: it is old"},
		"counts that are no numbers": {map[string]awsstub.Handler{"GetQueueAttributes": func(awsstub.Request) (any, error) {
			return answer{"Attributes": answer{"ApproximateNumberOfMessages": "many"}}, nil
		}}, "ApproximateNumberOfMessages: "},
	} {
		t.Run("to list: "+name, func(t *testing.T) {
			t.Parallel()
			desk, _ := stubbed(t, c.handlers)
			_, err := desk.List(t.Context(), []deadletters.Queue{ofRemediator})
			wantSaid(t, err, c.want)
		})
	}
	for name, c := range map[string]struct {
		handlers map[string]awsstub.Handler
		removed  int
		want     string
	}{
		"nothing is refused":           {nil, 1, ""},
		"removing":                     {map[string]awsstub.Handler{"DeleteMessageBatch": denied}, 0, "remove from queue RemediatorFailures the messages m-1: "},
		"removing one of the messages": {map[string]awsstub.Handler{"DeleteMessageBatch": refused}, 0, "remove messages from queue RemediatorFailures, which will be shown again: message m-1: "},
	} {
		t.Run("to discard: "+name, func(t *testing.T) {
			t.Parallel()
			desk, stub := stubbed(t, c.handlers)
			logged := ofRemediator
			logged.LogGroup = "g"
			removed, err := desk.Discard(t.Context(), []deadletters.Contents{{Queue: logged, Messages: []deadletters.Message{{ID: "m-1"}}}}, why)
			if removed != c.removed {
				t.Errorf("removed %d, want %d", removed, c.removed)
			}
			wantSaid(t, err, c.want)
			if back := len(stub.Requests("ChangeMessageVisibilityBatch")); back != 1-c.removed {
				t.Errorf("put back %d times", back)
			}
		})
	}
}

// wantSaid fails unless an error says something, or is none where nothing is to be said.
func wantSaid(t *testing.T, err error, says string) {
	t.Helper()
	switch {
	case says == "" && err != nil:
		t.Error(err)
	case says != "" && (err == nil || !strings.Contains(err.Error(), says)):
		t.Errorf("got %v, want %q", err, says)
	}
	if err != nil && errors.Unwrap(err) == nil && !strings.Contains(err.Error(), "queue") {
		t.Errorf("it does not say where: %v", err)
	}
}

func TestAnInterruptWhileSQSAnswersIsNotTakenForTheEndOfTheQueue(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	desk, stub := stubbed(t, map[string]awsstub.Handler{"ReceiveMessage": func(awsstub.Request) (any, error) {
		interrupt()
		return answer{}, nil
	}})
	all, err := desk.List(ctx, []deadletters.Queue{ofRemediator})
	if len(all) != 0 || err == nil || !strings.Contains(err.Error(), "read queue RemediatorFailures: interrupted") {
		t.Errorf("%v: %+v", err, all)
	}
	if n := len(stub.Requests("ReceiveMessage")); n != 1 {
		t.Errorf("received %d times", n)
	}
}
