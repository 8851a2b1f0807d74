package deploy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// wrapped is an alert as SNS puts it into the notifier's queue.
func wrapped(t *testing.T, alert string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"Type": "Notification", "TopicArn": "arn:aws:sns:us-east-1:123456789012:alerts", "Message": alert})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

const alertWithoutMail = `{"schema":1,"id":"alert-1","kind":"drift","outcome":"reverted","groupId":"sg-1",
	"event":{"id":"event-9","name":"AuthorizeSecurityGroupIngress","time":"2026-11-21T19:51:30Z"},
	"actor":{"arn":"arn:aws:iam::111122223333:user/ana"},"findings":[{"rule":"ingress tcp 22 0.0.0.0/0"}]}`

func replayAlerts(t *testing.T, w *redriveWorld) {
	l := w.stackOf(t, "alerts", failures, notifierFailures, feed)
	l.put(t, notifierFailures, wrapped(t, alertWithoutMail))
	l.put(t, notifierFailures, wrapped(t, strings.NewReplacer("alert-1", "alert-2", "event-9", "event-10").Replace(alertWithoutMail)))
	bad := l.put(t, notifierFailures, wrapped(t, "no alert"))

	shown := l.run(t)
	for _, part := range []string{
		notifierFailures + ": 3 messages\n", "drift reverted sg-1 ingress tcp 22 0.0.0.0/0\n", "      who      arn:aws:iam::111122223333:user/ana\n",
		"      why      no mail told of it: the notifier's log says why\n", "      event    event-9\n",
		"      why      not understood: it can't be read: ", "      message  " + bad + "\n",
	} {
		if !strings.Contains(shown.out, part) {
			t.Errorf("%q is not in:\n%s%s", part, shown.out, shown.errs)
		}
	}
	got := l.run(t, "replay", "--yes", "--event", "event-9")
	if got.status != 0 || !strings.Contains(got.out, "replayed 1 of 1 messages; 2 remain") {
		t.Errorf("%+v", got)
	}
	received, err := l.queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(l.urls[feed]), MaxNumberOfMessages: 10})
	if err != nil {
		t.Fatal(err)
	}
	if len(received.Messages) != 1 || *received.Messages[0].Body != wrapped(t, alertWithoutMail) {
		t.Errorf("the notifier's queue has %+v", received.Messages)
	}
	if n := l.waiting(t, notifierFailures); n != 2 {
		t.Errorf("%d messages left, want 2", n)
	}
	if got := l.run(t, "replay", "--yes"); got.status != 2 || !strings.Contains(got.out, "replayed 1 of 2 messages; 1 remain") && !strings.Contains(got.out, "replayed 1 of 1 messages; 1 remain") {
		t.Errorf("%+v", got)
	}
}
