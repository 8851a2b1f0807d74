package busevents_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/busevents"
)

var update = flag.Bool("update", false, "rewrite the golden file")

func someAlert(findings int) alert.Alert {
	a := alert.Alert{
		Kind: alert.Drift, Outcome: alert.Reverted, Account: "111122223333", Region: "us-east-1", GroupID: "sg-0a1b2c3d4e5f60718",
		GroupName: "web \"$(id)\" <b>\n\u202e", Event: alert.Event{ID: "e-1", Name: "AuthorizeSecurityGroupIngress"},
	}
	for i := range findings {
		a.Findings = append(a.Findings, alert.Finding{Rule: fmt.Sprintf("ingress tcp %d 0.0.0.0/0", i+1), RuleID: "sgr-1", Verdict: alert.Violation, Action: alert.ActionRevoked, Description: strings.Repeat("\"", min(findings, 255))})
	}
	return alert.New(a)
}

func messages(t *testing.T, a alert.Alert) []alert.Message {
	t.Helper()
	all, err := alert.Messages(a)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// bus is EventBridge as far as PutEvents goes: it gives the answers in turn, the last
// one again and again.
type bus struct {
	mu       sync.Mutex
	answers  []answer
	requests []*http.Request
	bodies   []string
}

type answer struct {
	status int
	body   string
}

var published = answer{200, `{"FailedEntryCount":0,"Entries":[{"EventId":"11710aed"}]}`}

func (b *bus) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	b.requests, b.bodies = append(b.requests, r), append(b.bodies, string(body))
	given := b.answers[0]
	if len(b.answers) > 1 {
		b.answers = b.answers[1:]
	}
	w.WriteHeader(given.status)
	_, _ = io.WriteString(w, given.body)
}

func start(t *testing.T, answers ...answer) (*bus, busevents.Bus) {
	t.Helper()
	b := &bus{answers: answers}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	return b, busevents.Bus{
		Client: server.Client(), Region: "us-east-1", Partition: "aws", URL: server.URL,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "stub", SessionToken: "token"}, nil
		}),
		Now:   func() time.Time { return time.Date(2026, 11, 21, 19, 51, 50, 0, time.UTC) },
		Pause: func(context.Context, time.Duration) {},
	}
}

func TestAnAlertIsPutAsTheGoldenEventSays(t *testing.T) {
	t.Parallel()
	b, to := start(t, published)
	if err := to.Put(context.Background(), messages(t, someAlert(1))[0]); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := json.Indent(&got, []byte(b.bodies[0]), "", "  "); err != nil {
		t.Fatal(err)
	}
	const file = "testdata/event.json"
	if *update {
		if err := os.WriteFile(file, append(got.Bytes(), '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), got.String()+"\n"); diff != "" {
		t.Error(diff)
	}
	header := b.requests[0].Header
	if header.Get("X-Amz-Target") != "AWSEvents.PutEvents" || header.Get("Content-Type") != "application/x-amz-json-1.1" || header.Get("X-Amz-Security-Token") != "token" ||
		!strings.HasPrefix(header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=AKID/20261121/us-east-1/events/aws4_request, ") {
		t.Errorf("headers %v", header)
	}
}

func TestTheDetailIsTheAlert(t *testing.T) {
	t.Parallel()
	a := someAlert(1)
	b, to := start(t, published)
	if err := to.Put(context.Background(), messages(t, a)[0]); err != nil {
		t.Fatal(err)
	}
	var sent struct{ Entries []struct{ Detail string } }
	if err := json.Unmarshal([]byte(b.bodies[0]), &sent); err != nil {
		t.Fatal(err)
	}
	got, err := alert.Decode([]byte(sent.Entries[0].Detail))
	if err != nil || got.ID != a.ID || got.GroupName != a.GroupName {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestAnAlertOfAThousandFindingsFitsInEventsOf256KB(t *testing.T) {
	t.Parallel()
	b, to := start(t, published)
	parts := messages(t, someAlert(1000))
	if len(parts) < 2 {
		t.Fatal("the alert is too small to show anything")
	}
	for _, m := range parts {
		if err := to.Put(context.Background(), m); err != nil {
			t.Fatal(err)
		}
	}
	for _, body := range b.bodies {
		var sent struct {
			Entries []struct {
				Source, DetailType, Detail string
				Resources                  []string
			}
		}
		if err := json.Unmarshal([]byte(body), &sent); err != nil || len(sent.Entries) != 1 {
			t.Fatalf("%d entries, %v", len(sent.Entries), err)
		}
		e := sent.Entries[0]
		if size := 14 + len(e.Source) + len(e.DetailType) + len(e.Detail) + len(strings.Join(e.Resources, "")); size > 256<<10 {
			t.Errorf("%d bytes", size)
		}
	}
}

func TestWithoutAGroupTheEventHasNoResource(t *testing.T) {
	t.Parallel()
	a := someAlert(0)
	a.GroupID, a.Kind = "", alert.Paused
	b, to := start(t, published)
	if err := to.Put(context.Background(), messages(t, alert.New(a))[0]); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.bodies[0], "Resources") || !strings.Contains(b.bodies[0], `"DetailType":"sgwarden paused"`) {
		t.Errorf("sent %s", b.bodies[0])
	}
}

func TestWhatMayPassIsTriedAgainAndNothingElse(t *testing.T) {
	t.Parallel()
	refused := func(code string) answer {
		return answer{200, `{"FailedEntryCount":1,"Entries":[{"ErrorCode":"` + code + `","ErrorMessage":"no"}]}`}
	}
	cases := map[string]struct {
		answers  []answer
		attempts int
		want     string
	}{
		"all is well":                  {[]answer{published}, 1, ""},
		"a 5xx that passes":            {[]answer{{503, "busy"}, published}, 2, ""},
		"a throttled call that passes": {[]answer{{400, `{"__type":"ThrottlingException","message":"slow"}`}, published}, 2, ""},
		"a throttled entry":            {[]answer{refused("ThrottlingException"), refused("InternalFailure"), published}, 3, ""},
		"a 5xx that stays":             {[]answer{{500, "broken"}}, 3, "status 500"},
		"an entry that is refused":     {[]answer{refused("NotAuthorizedForSourceException")}, 1, "the entry was refused: NotAuthorizedForSourceException: no"},
		"a call that is denied":        {[]answer{{400, `{"__type":"AccessDeniedException","message":"not you"}`}}, 1, "AccessDeniedException: not you"},
		"an answer that is no JSON":    {[]answer{{200, "<html>"}}, 3, "read the answer"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, to := start(t, c.answers...)
			err := to.Put(context.Background(), messages(t, someAlert(1))[0])
			if (err != nil) != (c.want != "") || err != nil && (!strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), `put the event "sgwarden drift"`)) {
				t.Errorf("got %v", err)
			}
			if len(b.bodies) != c.attempts {
				t.Errorf("%d attempts", len(b.bodies))
			}
		})
	}
}

func TestEventBridgeIsFoundInEachPartition(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{"aws", "us-east-1", "https://events.us-east-1.amazonaws.com/"},
		{"aws-us-gov", "us-gov-west-1", "https://events.us-gov-west-1.amazonaws.com/"},
		{"aws-cn", "cn-north-1", "https://events.cn-north-1.amazonaws.com.cn/"},
		{"aws-eusc", "eusc-de-east-1", "https://events.eusc-de-east-1.amazonaws.eu/"},
		{"aws-iso-b", "us-isob-east-1", "https://events.us-isob-east-1.sc2s.sgov.gov/"},
	} {
		if got := busevents.URL(c[0], c[1]); got != c[2] {
			t.Errorf("%s: got %s", c[0], got)
		}
	}
}

type topic func(alert.Message) error

func (p topic) Publish(_ context.Context, m alert.Message) error { return p(m) }

type putter func(context.Context) error

func (p putter) Put(ctx context.Context, _ alert.Message) error { return p(ctx) }

func TestOnlyTheTopicsErrorCounts(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, c := range map[string]struct{ topic, bus, want error }{
		"both are well":       {nil, nil, nil},
		"the bus is broken":   {nil, broken, nil},
		"the topic is broken": {broken, nil, broken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			both := busevents.TopicAndBus{
				Topic: topic(func(alert.Message) error { return c.topic }),
				Bus:   putter(func(context.Context) error { return c.bus }),
				Log:   slog.New(slog.NewJSONHandler(&log, nil)),
			}
			if err := both.Publish(context.Background(), messages(t, someAlert(1))[0]); !errors.Is(err, c.want) {
				t.Errorf("got %v", err)
			}
			if logged := strings.Contains(log.String(), busevents.NotPut) && strings.Contains(log.String(), `"level":"WARN"`); logged != (c.bus != nil) {
				t.Errorf("logged %s", &log)
			}
		})
	}
}

func TestTheTopicAndTheBusAreServedSideBySide(t *testing.T) {
	t.Parallel()
	published, put := make(chan struct{}), make(chan struct{})
	both := busevents.TopicAndBus{
		Topic: topic(func(alert.Message) error { close(published); <-put; return nil }),
		Bus: putter(func(ctx context.Context) error {
			close(put)
			<-published
			if _, limited := ctx.Deadline(); !limited {
				t.Error("the bus may take for ever")
			}
			return nil
		}),
		Log: slog.New(slog.DiscardHandler),
	}
	if err := both.Publish(context.Background(), messages(t, someAlert(1))[0]); err != nil {
		t.Error(err)
	}
}
