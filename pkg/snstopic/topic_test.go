package snstopic_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/snstopic"
)

const arn = "arn:aws:sns:us-east-1:111122223333:sgwarden-alerts"

func start(t *testing.T) (*awsstub.Stub, snstopic.Topic) {
	t.Helper()
	s := awsstub.New(0, map[string]awsstub.Handler{
		"Publish": func(awsstub.Request) (any, error) { return awsstub.PublishAnswer{MessageID: "m-1"}, nil },
	})
	t.Cleanup(s.Close)
	return s, snstopic.Topic{Client: sns.NewFromConfig(s.Config()), ARN: arn}
}

var message = alert.Message{
	Body:       `{"default":"{\"schema\":1}"}`,
	Attributes: map[string]string{"kind": "drift", "severity": "high", "groupId": "sg-0a"},
}

func TestAMessageIsPublishedWithItsPartAndAttributes(t *testing.T) {
	t.Parallel()
	s, topic := start(t)
	if err := topic.Publish(context.Background(), message); err != nil {
		t.Fatal(err)
	}
	sent := s.Requests()
	if len(sent) != 1 {
		t.Fatalf("%d calls", len(sent))
	}
	form := sent[0].Form
	attributes := map[string]string{}
	for i := 1; form.Has(fmt.Sprintf("MessageAttributes.entry.%d.Name", i)); i++ {
		entry := fmt.Sprintf("MessageAttributes.entry.%d.", i)
		attributes[form.Get(entry+"Name")] = form.Get(entry + "Value.StringValue")
		if kind := form.Get(entry + "Value.DataType"); kind != "String" {
			t.Errorf("an attribute of type %q", kind)
		}
	}
	if diff := cmp.Diff(message, alert.Message{Body: form.Get("Message"), Attributes: attributes}); diff != "" {
		t.Error(diff)
	}
	if form.Get("TopicArn") != arn || form.Get("MessageStructure") != "json" {
		t.Errorf("sent %v", form)
	}
}

func TestAMessageThatCannotBePublishedIsAnError(t *testing.T) {
	t.Parallel()
	for code, c := range map[string]struct{ status, attempts int }{
		"AuthorizationError": {403, 1},
		"NotFound":           {404, 1},
		"InvalidParameter":   {400, 1},
		"KMSAccessDenied":    {400, 1},
		"InternalError":      {500, awsstub.Attempts},
		"Throttling":         {400, awsstub.Attempts},
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			s, topic := start(t)
			s.Inject("Publish", 99, awsstub.Fault{Error: &awsstub.Error{Code: code, Message: "no", Status: c.status}})
			err := topic.Publish(context.Background(), message)
			var api smithy.APIError
			if err == nil || !strings.HasPrefix(err.Error(), "publish to "+arn+": ") || !errors.As(err, &api) || api.ErrorCode() != code {
				t.Errorf("got %v", err)
			}
			if n := len(s.Requests()); n != c.attempts {
				t.Errorf("%d attempts", n)
			}
		})
	}
}

func TestAFaultThatPassesIsNotSeen(t *testing.T) {
	t.Parallel()
	s, topic := start(t)
	s.Inject("Publish", 1, awsstub.Fault{Error: &awsstub.Error{Status: 503}})
	s.Inject("Publish", 1, awsstub.Fault{DropBefore: true})
	if err := topic.Publish(context.Background(), message); err != nil {
		t.Error(err)
	}
	if n := len(s.Requests()); n != 3 {
		t.Errorf("%d attempts", n)
	}
}
