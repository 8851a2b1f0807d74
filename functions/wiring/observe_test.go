package wiring_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/sgwarden/sgwarden/functions/wiring"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/metrics"
	"github.com/sgwarden/sgwarden/pkg/settings"
)

const topic = "arn:aws:sns:us-east-1:111122223333:alerts"

type handler func(context.Context) error

func (h handler) Invoke(ctx context.Context, message []byte) ([]byte, error) { return message, h(ctx) }

// line is what one observed invocation writes.
func line(t *testing.T, h handler) map[string]any {
	t.Helper()
	var out bytes.Buffer
	observed := wiring.Observed{Function: "remediator", Handler: h, Lines: metrics.NewLog("sgwarden", &out), Now: time.Now}
	ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "8f5a"})
	if answer, _ := observed.Invoke(ctx, []byte("message")); string(answer) != "message" {
		t.Errorf("answered %q", answer)
	}
	var members map[string]any
	if err := json.Unmarshal(out.Bytes(), &members); err != nil || strings.Count(out.String(), "\n") != 1 {
		t.Fatalf("wrote %s: %v", &out, err)
	}
	return members
}

func stub(t *testing.T, publish awsstub.Handler) *awsstub.Stub {
	t.Helper()
	s := awsstub.New(0, map[string]awsstub.Handler{
		"Publish": publish,
		"PutEvents": func(awsstub.Request) (any, error) {
			return map[string]any{"FailedEntryCount": 0, "Entries": []any{map[string]string{"EventId": "1"}}}, nil
		},
	})
	t.Cleanup(s.Close)
	return s
}

func published(awsstub.Request) (any, error) { return awsstub.PublishAnswer{MessageID: "m-1"}, nil }

func TestCallsOneAfterTheOtherAreARoundTripEach(t *testing.T) {
	t.Parallel()
	s := stub(t, published)
	s.Inject("Publish", 1, awsstub.Fault{Error: &awsstub.Error{Status: 503}}) // each try is a call
	client := sns.NewFromConfig(wiring.Counted(s.Config()))
	got := line(t, func(ctx context.Context) error {
		for range 2 {
			if _, err := client.Publish(ctx, &sns.PublishInput{TopicArn: aws.String(topic), Message: aws.String("m")}); err != nil {
				return err
			}
		}
		return nil
	})
	if got["AwsCalls"] != 3.0 || got["RoundTrips"] != 3.0 || got["requestId"] != "8f5a" || got["level"] != "INFO" {
		t.Errorf("got %v", got)
	}
}

func TestCallsSideBySideAreOneRoundTrip(t *testing.T) {
	t.Parallel()
	const calls = 5
	var arrived sync.WaitGroup
	arrived.Add(calls)
	s := stub(t, func(r awsstub.Request) (any, error) {
		arrived.Done()
		arrived.Wait() // until all are in flight
		return published(r)
	})
	client := sns.NewFromConfig(wiring.Counted(s.Config()))
	got := line(t, func(ctx context.Context) error {
		var all sync.WaitGroup
		for range calls {
			all.Go(func() {
				_, _ = client.Publish(ctx, &sns.PublishInput{TopicArn: aws.String(topic), Message: aws.String("m")})
			})
		}
		all.Wait()
		return nil
	})
	if got["AwsCalls"] != 5.0 || got["RoundTrips"] != 1.0 {
		t.Errorf("got %v calls in %v round trips", got["AwsCalls"], got["RoundTrips"])
	}
}

func TestAFailureIsInTheLine(t *testing.T) {
	t.Parallel()
	got := line(t, func(context.Context) error { return errors.New("denied") })
	if got["error"] != "denied" || got["level"] != "ERROR" || got["HandlerMilliseconds"] == nil {
		t.Errorf("got %v", got)
	}
}

func TestEventsArePutOnTheBusOnlyWhereTheyAreOn(t *testing.T) {
	t.Parallel()
	messages, err := alert.Messages(alert.New(alert.Alert{Kind: alert.Drift, GroupID: "sg-0a", Account: "111122223333", Region: "us-east-1"}))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		on, own bool // own: at the service's own endpoint
		puts    float64
	}{
		"off":                           {},
		"on":                            {on: true, puts: 1},
		"on, at the bus's own endpoint": {on: true, own: true, puts: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stub(t, published)
			at := s
			env := settings.Settings{AlertTopicARN: topic, BaselinePrefix: "/sg-baseline", Events: c.on}
			if c.own {
				at = stub(t, published)
				env.EventsURL = at.URL
			}
			remediator := wiring.Remediator(env, wiring.Counted(s.Config()), wiring.Logger(env, io.Discard))
			got := line(t, func(ctx context.Context) error { return remediator.Alerts.Publish(ctx, messages[0]) })
			if puts := len(at.Requests("PutEvents")); float64(puts) != c.puts || len(s.Requests("Publish")) != 1 || got["AwsCalls"] != 1+c.puts {
				t.Errorf("%d events, %d messages, %v calls", puts, len(s.Requests("Publish")), got["AwsCalls"])
			}
		})
	}
}
