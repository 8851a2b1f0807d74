package deadletters_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

var update = flag.Bool("update", false, "rewrite the golden file")

var (
	ofRemediator = deadletters.Queue{Name: "RemediatorFailures"}
	ofNotifier   = deadletters.Queue{Name: "NotifierFailures"}
)

func described(q deadletters.Queue, body string) deadletters.Message {
	return deadletters.Describe(q, types.Message{MessageId: aws.String("m-1"), Body: &body})
}

// failed is how Lambda records an event that a function failed on (Lambda Developer
// Guide, "Capturing records of Lambda asynchronous invocations").
func failed(event string) string {
	return fmt.Sprintf(`{"version":"1.0","timestamp":"2026-11-21T19:55:10.123Z",
		"requestContext":{"requestId":"r-1","functionArn":"arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
			"condition":"RetriesExhausted","approximateInvokeCount":3},
		"requestPayload":%s,"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},
		"responsePayload":{"errorMessage":"revoke: Throttling","errorType":"wrapError"}}`, event)
}

// TestEverySampleIsDescribedAsTrailReadsIt: a message says of an event what trail says,
// whether the event waits as EventBridge left it or in Lambda's record.
func TestEverySampleIsDescribedAsTrailReadsIt(t *testing.T) {
	t.Parallel()
	for _, name := range events.Names() {
		sample := string(events.MustRead(name))
		got := described(ofRemediator, sample)
		trigger, nothing := trail.Parse([]byte(sample))
		if isBusEvent := strings.Contains(sample, `"detail-type"`); got.Understood != isBusEvent {
			t.Errorf("%s: understood is %v", name, got.Understood)
			continue
		}
		if !got.Understood {
			continue
		}
		if trigger.EventID != "" && got.EventID != trigger.EventID || trigger.EventName != "" && got.EventName != trigger.EventName {
			t.Errorf("%s: event %s %s, want %s %s", name, got.EventID, got.EventName, trigger.EventID, trigger.EventName)
		}
		if !trigger.Time.IsZero() && got.EventTime != trigger.Time.Format(time.RFC3339) || got.Group != trigger.GroupID+onlyIf(trigger.GroupID == "", trigger.GroupName+trigger.VpcID) {
			t.Errorf("%s: at %s in group %s, want %s", name, got.EventTime, got.Group, trigger.Time)
		}
		if got.Actor != trigger.Actor.ARN && trigger.Actor.ARN != "" || len(got.Rules) != len(trigger.Changes)+len(trigger.Removed) {
			t.Errorf("%s: %s made %q, want %s and %d rules", name, got.Actor, got.Rules, trigger.Actor.ARN, len(trigger.Changes)+len(trigger.Removed))
		}
		wantNothing, wantUnparsed := "", len(trigger.Unparsed)
		switch {
		case nothing != nil && nothing.NeedsSweep:
			wantUnparsed++
		case nothing != nil && trigger.EventName != "":
			wantNothing = nothing.Reason
		}
		if got.Nothing != wantNothing || len(got.Unparsed) != wantUnparsed {
			t.Errorf("%s: it asks for nothing, because %q; unreadable %q", name, got.Nothing, got.Unparsed)
		}
		recorded := described(ofRemediator, failed(sample))
		if diff := cmp.Diff(got, recorded, cmpopts.IgnoreFields(deadletters.Message{}, "Body", "FailedTime", "Attempts", "ErrorType", "Error"), cmpopts.IgnoreUnexported(deadletters.Message{})); diff != "" {
			t.Errorf("%s in Lambda's record (-as it is +in the record):\n%s", name, diff)
		}
		if recorded.FailedTime != "2026-11-21T19:55:10.123Z" || *recorded.Attempts != 3 || recorded.ErrorType != "wrapError" || recorded.Error != "revoke: Throttling" {
			t.Errorf("%s: the record reads as %+v", name, recorded)
		}
	}
}

func onlyIf(is bool, text string) string {
	if is {
		return text
	}
	return ""
}

func TestEverySampleIsShownAsTheGoldenFileSays(t *testing.T) {
	t.Parallel()
	const file = "testdata/samples.golden"
	var got strings.Builder
	for _, name := range events.Names() {
		fmt.Fprintln(&got, name)
		shown := deadletters.Contents{Queue: ofRemediator, Messages: []deadletters.Message{described(ofRemediator, string(events.MustRead(name)))}}
		if err := deadletters.Print(&got, shown); err != nil {
			t.Fatal(err)
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), got.String()); diff != "" {
		t.Error(diff)
	}
}

const sampleAlert = `{"schema":1,"id":"alert-1","kind":"drift","outcome":"reverted","groupId":"sg-1",
	"event":{"id":"event-9","name":"AuthorizeSecurityGroupIngress","time":"2026-11-21T20:51:30+01:00"},
	"actor":{"arn":"arn:aws:iam::111122223333:user/ana"},"findings":[{"rule":"ingress tcp 22 0.0.0.0/0"}]}`

// wrapped is an alert as SNS puts it into the notifier's queue.
func wrapped(alert string) string {
	text, err := json.Marshal(map[string]string{"Type": "Notification", "Message": alert})
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(text)
}

// TestMessagesOfEachShape is about messages that no test of trail or alert has.
func TestMessagesOfEachShape(t *testing.T) {
	t.Parallel()
	const notUnderstood = "not understood"
	deep := strings.Repeat("[", 100_000)
	cases := map[string]struct {
		queue      deadletters.Queue
		body       string
		understood bool
		eventID    string
		errorSays  string
	}{
		"an empty body":                            {ofRemediator, "", false, "", "it holds no event"},
		"words":                                    {ofRemediator, "not an event", false, "", "it can't be read: "},
		"half an event":                            {ofRemediator, smallEvent("e")[:20], false, "", "it can't be read: "},
		"an event and more":                        {ofRemediator, smallEvent("e") + "{}", false, "", "it can't be read: "},
		"a number that JSON has not":               {ofRemediator, `{"id":NaN}`, false, "", "it can't be read: "},
		"null":                                     {ofRemediator, "null", false, "", "it holds no event"},
		"a list":                                   {ofRemediator, "[{}]", false, "", "it holds no event"},
		"a string":                                 {ofRemediator, `"id"`, false, "", "it holds no event"},
		"an object":                                {ofRemediator, "{}", false, "", "it holds no event"},
		"an id that is a number":                   {ofRemediator, `{"id":1,"source":"x","detail-type":"y"}`, false, "", "it holds no event"},
		"names in other letters":                   {ofRemediator, `{"ID":"e","Source":"x","Detail-Type":"y"}`, false, "", "it holds no event"},
		"nested too deeply":                        {ofRemediator, deep, false, "", "it can't be read: "},
		"an event with a detail too deep":          {ofRemediator, `{"id":"e","source":"x","detail-type":"y","detail":` + deep + `}`, false, "", "it can't be read: "},
		"a small event":                            {ofRemediator, smallEvent("e"), true, "e", ""},
		"an event whose id is empty":               {ofRemediator, smallEvent(""), true, "", ""},
		"an event of a megabyte":                   {ofRemediator, `{"id":"e","source":"x","detail-type":"y","detail":"` + strings.Repeat("a", 1<<20) + `"}`, true, "e", ""},
		"an event with a context of null":          {ofRemediator, `{"requestContext":null,"id":"e","source":"x","detail-type":"y"}`, true, "e", ""},
		"a record":                                 {ofRemediator, failed(smallEvent("e")), true, "e", "revoke: Throttling"},
		"a record without an event":                {ofRemediator, `{"requestContext":{}}`, false, "", "it holds no event"},
		"a record of null":                         {ofRemediator, failed("null"), false, "", "it holds no event"},
		"a record of a text":                       {ofRemediator, failed(`"x"`), false, "", "it holds no event"},
		"a record of a record":                     {ofRemediator, failed(failed(smallEvent("e"))), false, "", "it holds no event"},
		"a record whose answer is a text":          {ofRemediator, `{"requestContext":{"condition":"c"},"requestPayload":` + smallEvent("e") + `,"responsePayload":"gone"}`, true, "e", "gone"},
		"a record without an answer":               {ofRemediator, `{"requestContext":{"condition":"EventAgeExceeded"},"requestPayload":` + smallEvent("e") + `}`, true, "e", "EventAgeExceeded"},
		"a record whose fields have strange types": {ofRemediator, `{"timestamp":{},"requestContext":[1],"requestPayload":` + smallEvent("e") + `,"responsePayload":{"errorMessage":[],"errorType":{}}}`, true, "e", ""},

		"an alert":                           {ofNotifier, wrapped(sampleAlert), true, "event-9", "no mail told of it"},
		"an alert as it was published":       {ofNotifier, sampleAlert, true, "event-9", "no mail told of it"},
		"an alert in the part of a topic":    {ofNotifier, wrapped(`{"default":` + strings.ReplaceAll(jsonString(sampleAlert), "\n", "") + `}`), true, "event-9", "no mail told of it"},
		"an alert without an event":          {ofNotifier, wrapped(`{"schema":1,"id":"alert-1","kind":"paused","outcome":"none"}`), true, "alert-1", "no mail told of it"},
		"an alert of a sweep":                {ofNotifier, wrapped(`{"schema":1,"id":"alert-1","kind":"drift","outcome":"none","event":{"id":""}}`), true, "alert-1", "no mail told of it"},
		"no alert":                           {ofNotifier, wrapped("no alert"), false, "", "it can't be read: "},
		"an alert of a later schema":         {ofNotifier, wrapped(`{"schema":2,"id":"alert-1","kind":"drift","outcome":"none"}`), false, "", "it holds no alert: read an alert: schema 2"},
		"an alert without an id":             {ofNotifier, wrapped(`{"schema":1,"kind":"drift","outcome":"none"}`), false, "", "it holds no alert"},
		"an alert without an outcome":        {ofNotifier, wrapped(`{"schema":1,"id":"alert-1","kind":"drift"}`), false, "", "it holds no alert"},
		"a notification that is half":        {ofNotifier, wrapped(sampleAlert)[:50], false, "", "it can't be read: "},
		"an event in the notifier's queue":   {ofNotifier, smallEvent("e"), false, "", "it holds no alert"},
		"an alert in the remediator's queue": {ofRemediator, wrapped(sampleAlert), false, "", "it holds no event"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := described(c.queue, c.body)
			if got.Understood != c.understood || got.EventID != c.eventID || !strings.HasPrefix(got.Error, c.errorSays) || c.errorSays == "" && got.Error != "" {
				t.Errorf("understood %v, event %q, error %q; want %v, %q, %q", got.Understood, got.EventID, got.Error, c.understood, c.eventID, c.errorSays)
			}
			if (got.ErrorType == notUnderstood) == got.Understood {
				t.Errorf("the type of the error is %q", got.ErrorType)
			}
			if got.Body != c.body || got.ID != "m-1" || got.Rules == nil {
				t.Errorf("the body, the id or the rules are lost: %.200q, %q, %v", got.Body, got.ID, got.Rules)
			}
		})
	}
}

func jsonString(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(text)
}

func TestAnEventThatDoesNotSayItsGroupStillAsksForSomething(t *testing.T) {
	t.Parallel()
	got := described(ofRemediator, `{"id":"e","source":"aws.ec2","detail-type":"AWS API Call via CloudTrail",
		"detail":{"eventSource":"ec2.amazonaws.com","eventName":"AuthorizeSecurityGroupIngress","eventID":"call-1"}}`)
	if !got.Understood || got.Nothing != "" || len(got.Unparsed) != 1 || !strings.Contains(got.Unparsed[0], "does not say which security group") {
		t.Errorf("got %+v", got)
	}
	if !got.Is("e") || !got.Is("call-1") || !got.Is("m-1") || got.Is("") || got.Is("call-2") {
		t.Errorf("its ids are %q %q %q", got.ID, got.EventID, got.EnvelopeID)
	}
}

func TestAnAlertIsDescribed(t *testing.T) {
	t.Parallel()
	got := deadletters.Describe(ofNotifier, types.Message{
		MessageId: aws.String("m-1"), Body: aws.String(wrapped(sampleAlert)),
		Attributes: map[string]string{"ApproximateReceiveCount": "7", "SentTimestamp": "1795290910123"},
	})
	want := deadletters.Message{
		Queue: "NotifierFailures", ID: "m-1", Understood: true, EventID: "event-9", EnvelopeID: "alert-1", EventName: "drift reverted",
		EventTime: "2026-11-21T19:51:30Z", Group: "sg-1", Rules: []string{"ingress tcp 22 0.0.0.0/0"}, Actor: "arn:aws:iam::111122223333:user/ana",
		FailedTime: "2026-11-21T19:55:10Z", Attempts: aws.Int(7), Error: "no mail told of it: the notifier's log says why", Body: wrapped(sampleAlert),
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(deadletters.Message{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	const document = `{"schema":1,"id":"a","kind":"baseline-changed","outcome":"none","baseline":{"parameter":"/sg-baseline/guardrail"},"actor":{"invokedBy":"x.amazonaws.com"}}`
	if got := described(ofNotifier, wrapped(document)); got.Parameter != "/sg-baseline/guardrail" || got.Group != "" || got.Actor != "x.amazonaws.com" {
		t.Errorf("got %+v", got)
	}
}

// TestADeadLetterOfEventBridgeSaysWhyInItsAttributes has the attributes of "Using
// dead-letter queues to process undelivered events", EventBridge User Guide.
func TestADeadLetterOfEventBridgeSaysWhyInItsAttributes(t *testing.T) {
	t.Parallel()
	text := func(s string) types.MessageAttributeValue {
		return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &s}
	}
	got := deadletters.Describe(ofRemediator, types.Message{Body: aws.String(smallEvent("e")), MessageAttributes: map[string]types.MessageAttributeValue{
		"ERROR_CODE": text("NO_RESOURCE"), "ERROR_MESSAGE": text("Function not found"), "RETRY_ATTEMPTS": text("185"), "EXHAUSTED_RETRY_CONDITION": text("MaximumRetryAttempts"),
	}})
	if got.ErrorType != "NO_RESOURCE" || got.Error != "Function not found" || got.Attempts == nil || *got.Attempts != 186 {
		t.Errorf("got %+v", got)
	}
	got = deadletters.Describe(ofRemediator, types.Message{Body: aws.String(smallEvent("e")), MessageAttributes: map[string]types.MessageAttributeValue{
		"EXHAUSTED_RETRY_CONDITION": text("MaximumEventAgeInSeconds"), "RETRY_ATTEMPTS": text("many"),
	}})
	if got.ErrorType != "" || got.Error != "MaximumEventAgeInSeconds" || got.Attempts != nil {
		t.Errorf("got %+v", got)
	}
}

func FuzzDescribe(f *testing.F) {
	for _, name := range events.Names() {
		f.Add(string(events.MustRead(name)))
		f.Add(failed(string(events.MustRead(name))))
	}
	f.Add(wrapped(sampleAlert))
	f.Fuzz(func(t *testing.T, body string) {
		for _, q := range []deadletters.Queue{ofRemediator, ofNotifier} {
			m := described(q, body)
			if m.Understood == (m.ErrorType == "not understood") && m.ErrorType != "" {
				t.Errorf("understood is %v, and the error %s %s", m.Understood, m.ErrorType, m.Error)
			}
			wantHarmless(t, m)
		}
	})
}
