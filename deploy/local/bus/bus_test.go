package bus_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/bus"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
)

func TestMain(m *testing.M) { os.Exit(localtest.RunWithoutLeaks(m)) }

const (
	functionARN = "arn:aws:lambda:us-east-1:123456789012:function:probe"
	pattern     = `{"source":["aws.ec2"],"detail":{"eventName":["AuthorizeSecurityGroupIngress"]}}`
)

func TestOnlyMatchingEventsReachTheFunctionAndReachItUnchanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "us-east-2", bus.OnFailure{})
	w.putRule("judge", pattern, functionARN)
	w.putRule("other-target", `{"source":["aws.ec2"]}`, "arn:aws:sns:us-east-1:123456789012:topic")
	w.sync()
	matching := event("AuthorizeSecurityGroupIngress", "1")
	w.bus.Put(event("DeleteSecurityGroup", "0"))
	w.bus.Put(matching)
	w.bus.Put(json.RawMessage(`{"source":"aws.ssm","detail-type":"Parameter Store Change","time":"2026-11-21T19:51:30Z","detail":{}}`))
	w.waitIdle()
	if diff := cmp.Diff([]string{string(matching)}, w.function.events()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestADisabledRuleDeliversNothingUntilItIsEnabled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "us-west-1", bus.OnFailure{})
	w.putRule("judge", pattern, functionARN)
	if _, err := w.events.DisableRule(t.Context(), &eventbridge.DisableRuleInput{Name: aws.String("judge")}); err != nil {
		t.Fatal(err)
	}
	w.sync()
	w.bus.Put(event("AuthorizeSecurityGroupIngress", "1"))
	w.waitIdle()
	if got := w.function.events(); len(got) != 0 {
		t.Fatalf("a disabled rule delivered %s", got)
	}
	for _, enabled := range []bool{true, false} {
		w.enable("judge", enabled)
		w.sync()
		w.bus.Put(event("AuthorizeSecurityGroupIngress", "2"))
		w.waitIdle()
		if got := w.function.events(); len(got) != 1 {
			t.Fatalf("enabled %t: %d events in all, want 1", enabled, len(got))
		}
	}
}

func TestManyEventsAreDeliveredOnceEach(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "us-west-2", bus.OnFailure{})
	w.putRule("judge", pattern, functionARN)
	w.sync()
	want := map[string]int{}
	for i := range 35 {
		e := event("AuthorizeSecurityGroupIngress", fmt.Sprint(i))
		want[string(e)] = 1
		w.bus.Put(e)
	}
	w.waitIdle()
	got := map[string]int{}
	for _, e := range w.function.events() {
		got[e]++
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
}

func TestTwoRulesThatMatchDeliverTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "eu-west-1", bus.OnFailure{})
	w.putRule("judge", pattern, functionARN)
	w.putRule("judge.too", `{"source":[{"prefix":"aws."}]}`, functionARN)
	w.sync()
	w.bus.Put(event("AuthorizeSecurityGroupIngress", "1"))
	w.waitIdle()
	if got := w.function.events(); len(got) != 2 {
		t.Errorf("%d deliveries, want 2", len(got))
	}
}

func TestAFunctionThatRecoversGetsTheEventAgainAndNothingIsDeadLettered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "eu-west-2", bus.OnFailure{Retries: 2, Destination: queueARN("eu-west-2", "failures")})
	queue := w.createQueue("failures")
	w.putRule("judge", pattern, functionARN)
	w.sync()
	w.function.failures = 2
	w.bus.Put(event("AuthorizeSecurityGroupIngress", "1"))
	w.waitIdle()
	if got := w.function.events(); len(got) != 3 {
		t.Errorf("%d attempts, want 3", len(got))
	}
	if got := w.receive(queue); len(got) != 0 {
		t.Errorf("dead letters %s", got)
	}
}

func TestAnEventThatAFunctionNeverDigestsEndsInItsQueues(t *testing.T) {
	t.Parallel()
	const region = "eu-west-3"
	w := newWorld(t, region, bus.OnFailure{
		Retries: 2, Destination: queueARN(region, "failures"), DeadLetters: queueARN(region, "dead-letters"),
	})
	failures, deadLetters := w.createQueue("failures"), w.createQueue("dead-letters")
	w.putRule("judge", pattern, functionARN)
	w.sync()
	w.function.failures = 100
	e := event("AuthorizeSecurityGroupIngress", "1")
	w.bus.Put(e)
	w.waitIdle()
	if got := w.function.events(); len(got) != 3 {
		t.Errorf("%d attempts, want 3", len(got))
	}
	if diff := cmp.Diff([]string{string(e)}, w.receive(deadLetters)); diff != "" {
		t.Errorf("dead letters (-want +got):\n%s", diff)
	}
	records := w.receive(failures)
	if len(records) != 1 {
		t.Fatalf("%d failure records, want 1", len(records))
	}
	var record struct {
		RequestContext  struct{ ApproximateInvokeCount int }
		RequestPayload  json.RawMessage
		ResponsePayload struct{ ErrorMessage string }
	}
	if err := json.Unmarshal([]byte(records[0]), &record); err != nil {
		t.Fatal(err)
	}
	if record.RequestContext.ApproximateInvokeCount != 3 || record.ResponsePayload.ErrorMessage != "asked to" || !sameJSON(t, record.RequestPayload, e) {
		t.Errorf("record %s", records[0])
	}
}

func TestAnInvocationForLaterIsRetriedAndKeptLikeAnEvent(t *testing.T) {
	t.Parallel()
	const region = "ap-south-1"
	w := newWorld(t, region, bus.OnFailure{Retries: 1, DeadLetters: queueARN(region, "dead-letters")})
	deadLetters := w.createQueue("dead-letters")
	w.function.failures = 3
	for _, want := range []struct{ attempts, letters int }{{2, 1}, {4, 0}} {
		if !w.bus.InvokeLater(functionARN, json.RawMessage(`{"replayed":true}`)) {
			t.Fatal("it was not accepted")
		}
		w.waitIdle()
		if got := len(w.function.events()); got != want.attempts {
			t.Errorf("%d attempts in all, want %d", got, want.attempts)
		}
		if got := w.receive(deadLetters); len(got) != want.letters || want.letters == 1 && got[0] != `{"replayed":true}` {
			t.Errorf("dead letters %s, want %d", got, want.letters)
		}
	}
	if w.bus.InvokeLater(functionARN+"2", nil) {
		t.Error("a function that nobody registered accepted an invocation")
	}
}

func TestAnEventForAFunctionThatIsGoneEndsInTheRulesQueue(t *testing.T) {
	t.Parallel()
	const region = "eu-north-1"
	w := newWorld(t, region, bus.OnFailure{})
	queue := w.createQueue("undelivered")
	w.putRuleWithQueue("judge", pattern, "arn:aws:lambda:eu-north-1:123456789012:function:gone", queueARN(region, "undelivered"))
	w.sync()
	e := event("AuthorizeSecurityGroupIngress", "1")
	w.bus.Put(e)
	w.waitIdle()
	if diff := cmp.Diff([]string{string(e)}, w.receive(queue)); diff != "" {
		t.Errorf("undelivered (-want +got):\n%s", diff)
	}
}

func TestAnEventForAFunctionThatIsGoneIsReportedWhereThereIsNoQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "eu-central-1", bus.OnFailure{})
	w.putRule("judge", pattern, "arn:aws:lambda:eu-central-1:123456789012:function:gone")
	w.sync()
	w.bus.Put(event("AuthorizeSecurityGroupIngress", "1"))
	if err := w.bus.WaitIdle(t.Context()); err == nil || !strings.Contains(err.Error(), "function:gone") {
		t.Errorf("error %v", err)
	}
}

func TestWaitIdleWaitsForTheEventsThatAFunctionCauses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ap-south-1", bus.OnFailure{})
	w.putRule("judge", pattern, functionARN)
	w.sync()
	w.function.then = func(n int) {
		if n < 5 {
			w.bus.Put(event("AuthorizeSecurityGroupIngress", fmt.Sprint(n)))
		}
	}
	w.bus.Put(event("AuthorizeSecurityGroupIngress", "first"))
	w.waitIdle()
	if got := w.function.events(); len(got) != 5 {
		t.Errorf("%d events, want 5", len(got))
	}
}

func TestAnEventForAFunctionThatIsBeingReplacedGoesToItsSuccessor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ap-northeast-1", bus.OnFailure{})
	w.putRule("judge", pattern, functionARN)
	w.sync()
	successor := &function{}
	w.bus.Register(&closed{func() { w.bus.Register(successor, bus.OnFailure{}) }}, bus.OnFailure{})
	w.bus.Put(event("AuthorizeSecurityGroupIngress", "1"))
	w.waitIdle()
	if got := successor.events(); len(got) != 1 {
		t.Errorf("the successor got %d events, want 1", len(got))
	}
}

func TestWaitIdleGivesUpAtItsDeadline(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ap-east-1", bus.OnFailure{})
	done := w.bus.Begin()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := w.bus.WaitIdle(ctx); err == nil {
		t.Error("idle while something is under way")
	}
	done()
	w.waitIdle()
}

func TestAnEventThatIsTooLargeOrNoEnvelopeIsReported(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ap-southeast-1", bus.OnFailure{})
	w.putRule("judge", pattern, functionARN)
	w.sync()
	for _, e := range []string{strings.Repeat("x", 256<<10+1), "[]"} {
		w.bus.Put(json.RawMessage(e))
		if err := w.bus.WaitIdle(t.Context()); err == nil {
			t.Errorf("no error for %.10s…", e)
		}
	}
}

func event(name, id string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"version":"0","id":%q,"detail-type":"AWS API Call via CloudTrail","source":"aws.ec2",`+
		`"account":"111122223333","time":"2026-11-21T19:51:30Z","region":"us-east-1","resources":[],`+
		`"detail":{"eventName":%q,"eventID":%q,"requestParameters":{"ipPermissions":{"items":[{"fromPort":22}]}}}}`, "e-"+id, name, id))
}

func queueARN(region, name string) string { return "arn:aws:sqs:" + region + ":123456789012:" + name }

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Fatal(err)
	}
	return cmp.Equal(x, y)
}
