package deadletters_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
)

func TestListReadsAllPagesInTheOrderOfTimeAndPutsThemBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	failures, sweeps := w.queue(t, "RemediatorFailures"), w.queue(t, "SweeperFailures")
	const many = 23
	for i := range many {
		w.put(t, failures, fmt.Sprintf(`{"id":"e-%02d","source":"x","detail-type":"y","time":"2026-11-21T19:52:%02dZ"}`, i, (i*7)%many))
	}
	all := w.list(t, failures, sweeps)
	if len(all) != 2 || all[0].Queue.Name != failures.Name || len(all[0].Messages) != many || len(all[1].Messages) != 0 {
		t.Fatalf("got %+v", all)
	}
	for i, m := range all[0].Messages {
		if want := fmt.Sprintf("2026-11-21T19:52:%02dZ", i); m.EventTime != want {
			t.Errorf("message %d is of %s, want %s", i, m.EventTime, want)
		}
	}
	w.wantWaiting(t, failures.URL, many)
	if again := w.list(t, failures); len(again[0].Messages) != many {
		t.Errorf("%d messages the second time", len(again[0].Messages))
	}
}

func TestAQueueThatCannotBeReadDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good, deleted := w.queue(t, "RemediatorFailures"), w.queue(t, "SweeperFailures")
	w.put(t, good, smallEvent("e"))
	if _, err := w.client.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: &deleted.URL}); err != nil {
		t.Fatal(err)
	}
	all, err := w.desk().List(t.Context(), []deadletters.Queue{deleted, good})
	if len(all) != 1 || len(all[0].Messages) != 1 || err == nil || !strings.Contains(err.Error(), "queue SweeperFailures") {
		t.Errorf("%v: %+v", err, all)
	}
}

func TestMessagesThatOthersReceivedAreCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := w.queue(t, "RemediatorFailures")
	w.put(t, q, smallEvent("e"))
	if _, err := w.client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &q.URL, VisibilityTimeout: 60}); err != nil {
		t.Fatal(err)
	}
	all := w.list(t, q)
	if messages, inFlight := deadletters.Count(all); messages != 0 || inFlight != 1 {
		t.Errorf("%d messages, %d in flight", messages, inFlight)
	}
}

func TestReplayRemovesOnlyWhatAWSAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refuse = "e-refused"
	failures, sweeps, unsent := w.queue(t, "RemediatorFailures"), w.queue(t, "SweeperFailures"), w.queue(t, "NotifierFailures")
	for i := range 11 {
		w.put(t, failures, smallEvent(fmt.Sprintf("e-%d", i)))
		w.put(t, sweeps, smallEvent("sweep"))
	}
	w.put(t, failures, failed(smallEvent("e-recorded")))
	refused := w.put(t, failures, smallEvent("e-refused"))
	w.put(t, failures, "not understood")
	w.put(t, unsent, wrapped(sampleAlert))

	chosen := deadletters.Choose(w.list(t, failures, sweeps, unsent), func(m deadletters.Message) bool { return m.Understood && m.EventID != "e-10" })
	removed, err := w.desk().Replay(t.Context(), chosen)
	if removed != 11+11+1 || err == nil || err.Error() != "give message "+refused+" to function f-RemediatorFailures: the function is gone" {
		t.Errorf("removed %d: %v", removed, err)
	}
	var want []string
	for i := range 10 {
		want = append(want, "f-RemediatorFailures Event "+smallEvent(fmt.Sprintf("e-%d", i)))
	}
	want = append(want, "f-RemediatorFailures Event "+smallEvent("e-recorded"), "f-SweeperFailures Event "+smallEvent("sweep"))
	if diff := cmp.Diff(want, w.did()); diff != "" {
		t.Errorf("invoked (-want +got):\n%s", diff)
	}
	w.wantWaiting(t, failures.URL, 3) // what was refused, what is not understood, and what nobody chose
	w.wantWaiting(t, sweeps.URL, 0)
	w.wantWaiting(t, unsent.URL, 0)
	fed, err := w.client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &unsent.Feed})
	if err != nil || len(fed.Messages) != 1 || *fed.Messages[0].Body != wrapped(sampleAlert) {
		t.Errorf("%v: the notifier got %+v", err, fed)
	}
}

func TestASweepThatIsRefusedIsNotTriedForEachMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refuse = "sweep"
	q := w.queue(t, "SweeperFailures")
	for range 12 {
		w.put(t, q, smallEvent("sweep"))
	}
	removed, err := w.desk().Replay(t.Context(), w.list(t, q))
	if removed != 0 || err == nil || strings.Count(err.Error(), "the function is gone") != 1 {
		t.Errorf("removed %d: %v", removed, err)
	}
	w.wantWaiting(t, q.URL, 12)
}

func TestReplayReportsMessagesThatSomebodyElseTook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := w.queue(t, "RemediatorFailures")
	w.put(t, q, smallEvent("e"))
	chosen := w.list(t, q)
	if _, err := w.client.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: &q.URL}); err != nil {
		t.Fatal(err)
	}
	removed, err := w.desk().Replay(t.Context(), chosen)
	if removed != 0 || err == nil || !strings.Contains(err.Error(), "gone, or in flight, when it was their turn: "+chosen[0].Messages[0].ID) || len(w.did()) != 0 {
		t.Errorf("removed %d: %v", removed, err)
	}
}

func TestReplayNeedsToKnowWhoGetsTheMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	failures, unsent := w.queue(t, "RemediatorFailures"), w.queue(t, "NotifierFailures")
	failures.Function, unsent.Feed = "", ""
	w.put(t, failures, smallEvent("e"))
	w.put(t, unsent, wrapped(sampleAlert))
	removed, err := w.desk().Replay(t.Context(), w.list(t, failures, unsent))
	if removed != 0 || err == nil || !strings.Contains(err.Error(), "no output that names the function") || !strings.Contains(err.Error(), "no output AlertQueueUrl") {
		t.Errorf("removed %d: %v", removed, err)
	}
	w.wantWaiting(t, failures.URL, 1)
	w.wantWaiting(t, unsent.URL, 1)
}

func TestAnInterruptPutsBackWhatWasNotDealtWith(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := w.queue(t, "RemediatorFailures")
	for i := range 12 {
		w.put(t, q, smallEvent(fmt.Sprintf("e-%d", i)))
	}
	chosen := w.list(t, q)
	ctx, interrupt := context.WithCancel(t.Context())
	w.recorded = interrupt
	removed, err := w.desk().Discard(ctx, chosen, why)
	if removed != 10 || err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("removed %d: %v", removed, err)
	}
	w.wantWaiting(t, q.URL, 2)
	if all, err := w.desk().List(ctx, []deadletters.Queue{q}); len(all) != 0 || err == nil {
		t.Errorf("%v: it was read: %+v", err, all)
	}
	w.wantWaiting(t, q.URL, 2)
}

var why = deadletters.Why{Who: "arn:aws:iam::111122223333:user/ana", Reason: "a test, see CHG-77", At: time.Date(2026, 11, 29, 10, 36, 0, 0, time.UTC)}

func TestDiscardLogsEachMessageBeforeItIsRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := w.queue(t, "RemediatorFailures")
	const garbage = "not\x1b[2J an event"
	id := w.put(t, q, garbage)
	other := w.put(t, q, smallEvent("e-other"))
	w.recorded = func() {
		answer, err := w.client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &q.URL, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll}})
		if err != nil || answer.Attributes["ApproximateNumberOfMessagesNotVisible"] != "2" {
			t.Errorf("%v: the message was deleted before it was logged: %v", err, answer.Attributes)
		}
	}
	chosen := deadletters.Choose(w.list(t, q), func(m deadletters.Message) bool { return m.Is(id) })
	removed, err := w.desk().Discard(t.Context(), chosen, why)
	if removed != 1 || err != nil {
		t.Errorf("removed %d: %v", removed, err)
	}
	group, line, _ := strings.Cut(w.lines[0], " ")
	var got deadletters.Discarded
	if err := json.Unmarshal([]byte(line), &got); err != nil || group != "g-RemediatorFailures" || len(w.lines) != 1 {
		t.Fatalf("%v: %q", err, w.lines)
	}
	sum := sha256.Sum256([]byte(garbage))
	want := deadletters.Discarded{
		Time: why.At, Level: "INFO", Msg: "a person discards a dead letter", Who: why.Who, Reason: why.Reason, Queue: q.Name, MessageID: id,
		Bytes: len(garbage), SHA256: hex.EncodeToString(sum[:]),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if left := w.list(t, q); len(left[0].Messages) != 1 || left[0].Messages[0].ID != other {
		t.Errorf("left is %+v", left)
	}
}

func TestAMessageThatCannotBeLoggedStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refuse = "e-refused"
	q, unlogged := w.queue(t, "RemediatorFailures"), w.queue(t, "SweeperFailures")
	unlogged.LogGroup = ""
	refused := w.put(t, q, smallEvent("e-refused"))
	w.put(t, q, smallEvent("e"))
	w.put(t, unlogged, smallEvent("e"))
	removed, err := w.desk().Discard(t.Context(), w.list(t, q, unlogged), why)
	if removed != 1 || err == nil || !strings.Contains(err.Error(), "message "+refused+" of queue RemediatorFailures stays, because it can't be logged that it is discarded: the log is gone") {
		t.Errorf("removed %d: %v", removed, err)
	}
	if !strings.Contains(fmt.Sprint(err), "of queue SweeperFailures stays") || !strings.Contains(fmt.Sprint(err), "no output that names the function's log group") {
		t.Errorf("it says %v", err)
	}
	w.wantWaiting(t, unlogged.URL, 1)
	if left := w.list(t, q); len(left[0].Messages) != 1 || left[0].Messages[0].ID != refused {
		t.Errorf("left is %+v", left)
	}
}

// TestTheLineOfAMessageIsShort: strangers write events, and CloudWatch Logs takes 256 KB.
func TestTheLineOfAMessageIsShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("e\u202e", 1<<18)
	line, err := deadletters.JSON(deadletters.NewDiscarded(deadletters.Message{Understood: true, EventID: long, EventName: long, Body: long}, why), "")
	if err != nil || len(line) > 4<<10 {
		t.Errorf("%v: %d bytes", err, len(line))
	}
	withName := deadletters.NewDiscarded(deadletters.Message{Understood: true, EventID: "e-1", EventName: "CreateSecurityGroup", Group: "sg-1"}, why)
	if withName.EventID != "e-1" || withName.Event != "CreateSecurityGroup sg-1" {
		t.Errorf("got %+v", withName)
	}
}

func TestChooseLeavesQueuesOutThatHaveNothingOfIt(t *testing.T) {
	t.Parallel()
	all := []deadletters.Contents{
		{Queue: ofRemediator, Messages: []deadletters.Message{{ID: "a"}, {ID: "b"}}, InFlight: 1},
		{Queue: ofNotifier, Messages: []deadletters.Message{{ID: "c"}}, InFlight: 2},
	}
	chosen := deadletters.Choose(all, func(m deadletters.Message) bool { return m.ID == "b" })
	if messages, _ := deadletters.Count(chosen); messages != 1 || len(chosen) != 1 || chosen[0].Messages[0].ID != "b" {
		t.Errorf("got %+v", chosen)
	}
	if messages, inFlight := deadletters.Count(all); messages != 3 || inFlight != 3 || all[0].Messages[0].ID != "a" {
		t.Errorf("%d messages, %d in flight of %+v", messages, inFlight, all)
	}
	if chosen := deadletters.Choose(all, everything); len(chosen) != 2 {
		t.Errorf("got %+v", chosen)
	}
}
