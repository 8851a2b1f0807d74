package deploy_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
	"github.com/sgwarden/sgwarden/pkg/alert"
)

// block is the first block of a language in a text of Markdown.
func block(t *testing.T, text, language string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, "```"+language+"\n")
	code, _, ended := strings.Cut(rest, "```")
	if !found || !ended {
		t.Fatalf("there is no block of %s", language)
	}
	return code
}

// ticketed are alerts, and whether the documented rule is to make a ticket of them.
var ticketed = []struct {
	name   string
	alert  alert.Alert
	ticket bool
}{
	{"a revoke that failed", alert.Alert{Kind: alert.Drift, Outcome: alert.Failed, Findings: found(alert.ActionFailed)}, true},
	{"a revoke of a part", alert.Alert{Kind: alert.Drift, Outcome: alert.Partial, Findings: found(alert.ActionFailed)}, true},
	{"what waits for approval", alert.Alert{Kind: alert.PendingKind, Outcome: alert.Pending, Findings: found(alert.ActionPending)}, true},
	{"a baseline that was deleted", alert.Alert{Kind: alert.BaselineChanged, Outcome: alert.None, Reason: "deleted", Weakens: true}, true},
	{"a revoke", alert.Alert{Kind: alert.Drift, Outcome: alert.Reverted, Findings: found(alert.ActionRevoked)}, false},
	{"an approval", alert.Alert{Kind: alert.ApprovalChanged, Outcome: alert.None, Reason: "created"}, false},
	{"a canary", alert.Alert{Kind: alert.CanaryKind, Outcome: alert.Failed, Findings: found(alert.ActionFailed)}, false},
}

func found(action alert.Action) []alert.Finding {
	return []alert.Finding{{Rule: "ingress tcp 8080 10.0.0.0/8", RuleID: "sgr-1", Verdict: alert.Violation, OpenedByEvent: true, Action: action}}
}

// The document's commands run as they stand, and then EventBridge's matching decides.
func TestTheDocumentedRuleMakesTicketsOfWhatNeedsSomebody(t *testing.T) {
	t.Parallel()
	server := localtest.Moto(t)
	makeTicketRule(t, server.URL)
	config := awsconfig.New(server.URL, awsconfig.Keys)
	want := putAlerts(t, eventbridge.NewFromConfig(config))
	if got := tickets(t, sqs.NewFromConfig(config)); !cmp.Equal(want, got) {
		t.Errorf("alerts that make a ticket (-want +got):\n%s", cmp.Diff(want, got))
	}
}

// makeTicketRule runs the document's commands. Version 1 of the AWS CLI needs the endpoint for SQS as a flag.
func makeTicketRule(t *testing.T, url string) {
	t.Helper()
	text := read(t, filepath.Join("docs", "events.md"))
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pattern.json"), []byte(block(t, text, "json")), 0o600); err != nil {
		t.Fatal(err)
	}
	script := "set -euo pipefail; aws() { command aws --endpoint-url " + url + ` "$@"; }` + "\n" + block(t, text, "bash")
	command := exec.CommandContext(t.Context(), "bash", "-c", script)
	command.Dir, command.Env = dir, append(os.Environ(), awsconfig.Environment(url, awsconfig.Keys)...)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("the document's commands: %v: %s", err, out)
	}
}

// putAlerts puts the alerts as the functions do, and one of another source, and returns the names of those that are to
// make a ticket, sorted.
func putAlerts(t *testing.T, events *eventbridge.Client) (want []string) {
	t.Helper()
	var entries []ebtypes.PutEventsRequestEntry
	for _, row := range ticketed {
		a := row.alert
		a.GroupName, a.GroupID, a.Account, a.Region = row.name, "sg-1", "111122223333", "us-east-1"
		detail, err := json.Marshal(alert.New(a))
		if err != nil {
			t.Fatal(err)
		}
		kind := aws.String("sgwarden " + string(a.Kind))
		entries = append(entries, ebtypes.PutEventsRequestEntry{Source: aws.String("sgwarden"), DetailType: kind, Detail: aws.String(string(detail))})
		if row.ticket {
			want = append(want, row.name)
		}
	}
	foreign := entries[0]
	foreign.Source = aws.String("com.example.tools")
	if _, err := events.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: append(entries, foreign)}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	return want
}

func tickets(t *testing.T, queues *sqs.Client) (names []string) {
	t.Helper()
	queue, err := queues.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("sgwarden-tickets")})
	if err != nil {
		t.Fatal(err)
	}
	got, err := queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl, MaxNumberOfMessages: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range got.Messages {
		var event struct{ Detail alert.Alert }
		if err := json.Unmarshal([]byte(*message.Body), &event); err != nil {
			t.Fatal(err)
		}
		names = append(names, event.Detail.GroupName)
	}
	slices.Sort(names)
	return names
}

func TestTheDocumentOfEventsNamesEachKind(t *testing.T) {
	t.Parallel()
	text := read(t, filepath.Join("docs", "events.md"))
	for _, kind := range alertKinds(t) {
		if !strings.Contains(text, "`sgwarden "+string(kind)+"`") {
			t.Errorf("the document lacks the detail-type of kind %s", kind)
		}
	}
}
