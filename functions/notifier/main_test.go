package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// runMain turns the test binary into the function itself.
const (
	runMain = "RUN_NOTIFIER_MAIN"
	topic   = "arn:aws:sns:us-east-1:111122223333:mail"
)

func TestMain(m *testing.M) {
	if os.Getenv(runMain) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// cloud is SNS and SSM, and Lambda's Runtime API.
type cloud struct {
	stub *awsstub.Stub

	mu     sync.Mutex
	values map[string]string
	sentAt []time.Time
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{values: map[string]string{}}
	c.stub = awsstub.New(0, map[string]awsstub.Handler{
		"Publish": func(awsstub.Request) (any, error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.sentAt = append(c.sentAt, time.Now())
			return awsstub.PublishAnswer{MessageID: "m"}, nil
		},
		"GetParameters": func(q awsstub.Request) (any, error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			var answer awsstub.ParametersAnswer
			for _, name := range q.JSON["Names"].([]any) {
				if v, found := c.values[name.(string)]; found {
					answer.Parameters = append(answer.Parameters, awsstub.Parameter{Name: name.(string), Type: "String", Value: v, Version: 1})
				}
			}
			return answer, nil
		},
		"PutParameter": func(q awsstub.Request) (any, error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.values[q.JSON["Name"].(string)] = q.JSON["Value"].(string)
			return map[string]int{"Version": 1}, nil
		},
	})
	t.Cleanup(c.stub.Close)
	return c
}

// invoke starts the function's process, hands it one event, and returns its answer and
// its log.
func (c *cloud) invoke(t *testing.T, event []byte, environment ...string) (answer, log string) {
	t.Helper()
	answers := make(chan string, 1)
	runtime := httptest.NewServer(runtimeAPI(event, answers))
	defer runtime.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command, output := process(ctx, append(environment, "MAIL_TOPIC_ARN="+topic, "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(runtime.URL, "http://"),
		"AWS_ENDPOINT_URL="+c.stub.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=stub", "AWS_SECRET_ACCESS_KEY=stub")...)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case answer = <-answers:
	case <-ctx.Done():
	}
	cancel()
	_ = command.Wait() // it was killed
	return answer, output.String()
}

func process(ctx context.Context, environment ...string) (*exec.Cmd, *bytes.Buffer) {
	command := exec.CommandContext(ctx, os.Args[0])
	command.Env = append([]string{runMain + "=1", "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true"}, environment...)
	output := &bytes.Buffer{}
	command.Stdout, command.Stderr = output, output
	return command, output
}

// runtimeAPI hands out one message, and takes its answer.
func runtimeAPI(message []byte, answers chan<- string) http.Handler {
	const version = "/2018-06-01/runtime/invocation/"
	next := make(chan []byte, 1)
	next <- message
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+version+"next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case message := <-next:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(2*time.Minute).UnixMilli()))
			_, _ = w.Write(message)
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("POST "+version+"1/{outcome}", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.PathValue("outcome") != "response" {
			body = fmt.Appendf(nil, "%s: %s, %v", r.PathValue("outcome"), body, err)
		}
		answers <- string(body)
		w.WriteHeader(http.StatusAccepted)
	})
	return mux
}

// event is a batch of alerts as the queue hands it over. Each one is of another session.
func event(t *testing.T, acts int, more ...string) []byte {
	t.Helper()
	type record struct {
		MessageID string `json:"messageId"`
		Body      string `json:"body"`
	}
	var records []record
	for i := range acts {
		text, err := json.Marshal(alert.New(alert.Alert{
			Kind: alert.Drift, Outcome: alert.Reverted, Account: "111122223333", Region: "us-east-1", GroupID: fmt.Sprint("sg-", i),
			Event: alert.Event{ID: fmt.Sprint("e", i)}, Actor: &alert.Actor{ARN: fmt.Sprint("arn:aws:iam::111122223333:user/", i)},
			Findings: []alert.Finding{{Rule: "ingress tcp 22 0.0.0.0/0", RuleID: fmt.Sprint("sgr-", i), Verdict: alert.Violation, Action: alert.ActionRevoked, OpenedByEvent: true}},
		}))
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(map[string]string{"Type": "Notification", "Message": string(text)})
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, record{fmt.Sprint("m", i), string(body)})
	}
	for i, body := range more {
		records = append(records, record{fmt.Sprint("poison", i), body})
	}
	text, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestABurstIsReportedOnceAndAtAPace(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	answer, log := c.invoke(t, event(t, 2, "{"))
	if diff := cmp.Diff(`{"batchItemFailures":[{"itemIdentifier":"poison0"}]}`, answer); diff != "" {
		t.Fatalf("%s\n%s", diff, log)
	}
	sent := c.stub.Requests("Publish")
	if len(sent) != 2 || sent[0].Form.Get("TopicArn") != topic || sent[0].Form.Get("Subject") == "" || sent[0].Form.Has("MessageStructure") {
		t.Fatalf("sent %v", sent)
	}
	if gap := c.sentAt[1].Sub(c.sentAt[0]); gap < 1900*time.Millisecond { // on the way they may come closer
		t.Errorf("%v passed between the mails", gap)
	}
	if answer, log = c.invoke(t, event(t, 2)); answer != `{"batchItemFailures":[]}` || len(c.stub.Requests("Publish")) != 2 {
		t.Errorf("after a restart: %s, %d mails\n%s", answer, len(c.stub.Requests("Publish")), log)
	}
}

func TestWhatSNSRefusesIsDeliveredAgain(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.stub.Inject("Publish", 1, awsstub.Fault{Error: &awsstub.Error{Code: "AuthorizationError", Message: "no", Status: 403}})
	answer, log := c.invoke(t, event(t, 1))
	if diff := cmp.Diff(`{"batchItemFailures":[{"itemIdentifier":"m0"}]}`, answer); diff != "" {
		t.Fatalf("%s\n%s", diff, log)
	}
	if answer, _ = c.invoke(t, event(t, 1)); answer != `{"batchItemFailures":[]}` || len(c.sentAt) != 1 {
		t.Errorf("again: %s, %d mails", answer, len(c.sentAt))
	}
}

func TestAlertsAreForwardedToTheRegionOfTheCentralTopic(t *testing.T) {
	t.Parallel()
	const central = "arn:aws:sns:eu-west-1:999988887777:sgwarden-alerts"
	c := newCloud(t)
	answer, log := c.invoke(t, event(t, 2, "{"), "CENTRAL_ALERT_TOPIC_ARN="+central)
	if diff := cmp.Diff(`{"batchItemFailures":[{"itemIdentifier":"poison0"}]}`, answer); diff != "" {
		t.Fatalf("%s\n%s", diff, log)
	}
	sent := c.stub.Requests("Publish")
	if len(sent) != 2 {
		t.Fatalf("%d published\n%s", len(sent), log)
	}
	for _, r := range sent {
		if r.Form.Get("TopicArn") != central || r.Form.Get("MessageStructure") != "json" || r.Form.Has("Subject") {
			t.Errorf("sent %v", r.Form)
		}
		if r.Region != "eu-west-1" {
			t.Errorf("the call is for %q, not for the topic's region", r.Region)
		}
	}
	if len(c.values) == 0 {
		t.Error("what was forwarded is not remembered")
	}
}

func TestABadEnvironmentStopsTheProcessWithOneLine(t *testing.T) {
	t.Parallel()
	command, output := process(t.Context(), "CONTENTION_REVERTS=0")
	if err := command.Run(); err == nil {
		t.Error("it started")
	}
	want := `notifier can't start: MAIL_TOPIC_ARN is "": want the ARN of an SNS topic; CONTENTION_REVERTS is "0": want 1 to 100` + "\n"
	if diff := cmp.Diff(want, output.String()); diff != "" {
		t.Error(diff)
	}
}

// TestTheMemoryIsInItsParameters is what the policy of the function has to allow.
func TestTheMemoryIsInItsParameters(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.invoke(t, event(t, 1))
	for name := range c.values {
		if !strings.HasPrefix(name, "/sg-baseline/told/") {
			t.Errorf("it wrote %s", name)
		}
	}
	var read int
	for _, r := range c.stub.Requests("GetParameters") {
		read += len(r.JSON["Names"].([]any))
	}
	if len(c.values) != 1 || read != 16 || slices.ContainsFunc(c.stub.Requests(), func(r awsstub.Request) bool { return r.Form != nil && r.Action != "Publish" }) {
		t.Errorf("wrote %d, read %d", len(c.values), read)
	}
}
