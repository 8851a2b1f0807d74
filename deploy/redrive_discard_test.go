package deploy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

func discards(t *testing.T, w *redriveWorld) {
	l := w.stackOf(t, "discarded", failures, sweeping)
	bad := l.put(t, failures, garbage)
	l.put(t, failures, failed(event(t, "authorize-ingress-ipv4"), "why"))
	swept := l.put(t, sweeping, failed(event(t, "scheduled-event"), "why"))

	for _, refused := range []struct {
		arguments string
		want      string
	}{
		{"discard --reason x --yes", "say which message to discard: --event ID"},
		{"discard --yes --event " + bad, "say why: --reason TEXT"},
		{"discard --reason x --event " + bad, "this is not a terminal to ask on: add --yes"},
		{"discard --reason x --yes --event elsewhere --event " + bad, "no message has the id elsewhere\n"},
	} {
		if got := l.run(t, strings.Fields(refused.arguments)...); got.status != 1 || got.out != "" || !strings.Contains(got.errs, refused.want) {
			t.Errorf("%s: %+v", refused.arguments, got)
		}
	}
	if got := l.answer(t, "n\n", "discard", "--event", bad, "--reason", "x"); got.status != 1 || !strings.Contains(got.out, "nothing discarded") ||
		!strings.Contains(got.out, "      message  "+bad+"\n") || strings.Contains(got.out, sampleEventID) {
		t.Errorf("who declines gets %+v", got)
	}
	if n := l.waiting(t, failures); n != 2 {
		t.Fatalf("%d messages left of 2", n)
	}

	got := l.answer(t, "y\n", "discard", "--event", bad, "--reason", "a test of the queue")
	if got.status != 0 || !strings.Contains(got.out, "Discard 1 message for good? [y/N]") || !strings.Contains(got.out, "discarded 1 of 1 messages; 2 remain; logged in stream redrive-discard/") {
		t.Errorf("%+v", got)
	}
	wantDiscarded(t, w, l.stack+"-log", bad)
	if left := l.run(t); strings.Contains(left.out, bad) || !strings.Contains(left.out, sampleEventID) || l.waiting(t, failures) != 1 {
		t.Errorf("left is %+v", left)
	}
	// The stack names no log group of the sweeper.
	unlogged := l.run(t, "discard", "--event", swept, "--reason", "x", "--yes")
	if unlogged.status != 1 || !strings.Contains(unlogged.out, "discarded 0 of 1 messages; 2 remain\n") || !strings.Contains(unlogged.errs, "stays, because it can't be logged") || l.waiting(t, sweeping) != 1 {
		t.Errorf("%+v", unlogged)
	}
}

// wantDiscarded fails unless a log group has one line, about that message.
func wantDiscarded(t *testing.T, w *redriveWorld, group, message string) {
	t.Helper()
	kept, err := cloudwatchlogs.NewFromConfig(w.Config()).FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group})
	if err != nil || len(kept.Events) != 1 {
		t.Fatalf("%v: the log has %+v", err, kept)
	}
	var line struct{ Msg, Who, Reason, Queue, MessageID, SHA256 string }
	if err := json.Unmarshal([]byte(aws.ToString(kept.Events[0].Message)), &line); err != nil {
		t.Fatal(err)
	}
	if line.Msg != "a person discards a dead letter" || line.MessageID != message || line.Reason != "a test of the queue" || line.Queue != failures ||
		!strings.HasPrefix(line.Who, "arn:aws:") || len(line.SHA256) != 64 {
		t.Errorf("the line is %+v", line)
	}
}
