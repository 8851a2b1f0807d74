package deploy_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/cloud"
	"github.com/sgwarden/sgwarden/deploy/local/proxy"
	"github.com/sgwarden/sgwarden/deploy/local/reference"
	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

const (
	remediatorName, sweeperName     = "sgwarden-remediator", "sgwarden-sweeper"
	failures, undelivered, sweeping = "RemediatorFailures", "RemediatorUndelivered", "SweeperFailures"
	notifierFailures, feed          = "NotifierFailures", "AlertQueue"
	garbage                         = "not\x1b[2J an event"
	sampleEventID                   = "53c3a5f2-7905-4bdd-ad8a-7ecb7c9ed281" // of authorize-ingress-ipv4
)

// One local AWS serves these, each with a stack of its own.
func TestRedrive(t *testing.T) {
	t.Parallel()
	w := startRedriveWorld(t)
	t.Run("", func(t *testing.T) { // ends when all of them have
		for name, test := range map[string]func(*testing.T, *redriveWorld){
			"show lists what, when and why and leaves it there, as does who declines to replay": showLeavesAll,
			"replay has the remediator put groups right, and one sweep make up for many":        replayPutsRight,
			"of many pages the chosen are replayed, and a refused invocation keeps its message": replayPicks,
			"who says yes gets a replay, and an empty queue":                                    replayOnYes,
			"alerts that made no mail are shown, and go back to the notifier's queue":           replayAlerts,
			"show puts messages back when it is interrupted":                                    showIsInterrupted,
			"a message that nobody can use is discarded, which its function's log group keeps":  discards,
			"messages in flight are messages":                                                   showsInFlight,
			"a stack that isn't there or isn't sgwarden's is an error":                          showNeedsItsStack,
			"the script runs from anywhere, and through a symbolic link":                        runsThroughALink,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, w)
			})
		}
	})
}

// event is a sample with some texts replaced, in one line: OLD, NEW ...
func event(t *testing.T, name string, replace ...string) string {
	t.Helper()
	sample := strings.NewReplacer(replace...).Replace(string(events.MustRead(name)))
	var value any
	if err := json.Unmarshal([]byte(sample), &value); err != nil {
		t.Fatal(err)
	}
	line, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(line)
}

// failed is how Lambda records an event that a function failed on:
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-async-destinations
func failed(event, why string) string {
	return fmt.Sprintf(`{"version":"1.0","timestamp":"2026-11-21T19:55:10.123Z",
		"requestContext":{"requestId":"r-1","functionArn":"arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
			"condition":"RetriesExhausted","approximateInvokeCount":3},
		"requestPayload":%s,"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},
		"responsePayload":{"errorMessage":%q,"errorType":"wrapError"}}`, event, why)
}

func showLeavesAll(t *testing.T, w *redriveWorld) {
	l := w.stackOf(t, "shown", failures, undelivered, sweeping)
	l.put(t, failures, failed(event(t, "authorize-ingress-ipv4"), "revoke: Throttling"))
	bad := l.put(t, failures, garbage)
	l.put(t, undelivered, event(t, "parameter-update"), "ERROR_CODE=NO_RESOURCE", "ERROR_MESSAGE=Function not found",
		"RETRY_ATTEMPTS=185", "EXHAUSTED_RETRY_CONDITION=MaximumRetryAttempts")
	l.put(t, sweeping, failed(event(t, "scheduled-event"), "list: denied"))

	type message struct {
		Queue, EventID, EventName, EventTime, Group, Parameter, Actor, ErrorType, Error string
		Attempts                                                                        int
		Rules                                                                           []string
		Understood                                                                      bool
	}
	var got []message
	shown := l.run(t, "--json")
	for line := range strings.Lines(shown.out) {
		var m message
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		got = append(got, m)
	}
	slices.SortFunc(got, func(a, b message) int { return strings.Compare(a.Queue+a.EventID, b.Queue+b.EventID) })
	want := []message{
		{Queue: failures, ErrorType: "not understood", Error: "it can't be read: invalid character 'o' in literal null (expecting 'u')", Rules: []string{}},
		{
			Queue: failures, EventID: sampleEventID, EventName: "AuthorizeSecurityGroupIngress", EventTime: "2026-11-21T19:52:31Z",
			Group: "sg-0a1b2c3d4e5f60718", Actor: "arn:aws:iam::111122223333:user/ana", Rules: []string{"ingress tcp 22 0.0.0.0/0"},
			Attempts: 3, ErrorType: "wrapError", Error: "revoke: Throttling", Understood: true,
		},
		{
			Queue: undelivered, EventID: "8ab449c7-e48a-4f55-a711-18f61dc63ab9", EventName: "Parameter Store Change", EventTime: "2026-11-21T21:20:58Z",
			Parameter: "Update /sg-baseline/groups/sg-0a1b2c3d4e5f60718", Rules: []string{},
			Attempts: 186, ErrorType: "NO_RESOURCE", Error: "Function not found", Understood: true,
		},
		{
			Queue: sweeping, EventID: got[len(got)-1].EventID, EventName: "Scheduled Event", EventTime: got[len(got)-1].EventTime,
			Rules: []string{}, Attempts: 3, ErrorType: "wrapError", Error: "list: denied", Understood: true,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" || shown.status != 2 {
		t.Errorf("status %d, %s; messages (-want +got):\n%s", shown.status, shown.errs, diff)
	}

	declined := l.answer(t, "n\n", "replay")
	for _, part := range []string{
		failures + ": 2 messages\n", sweeping + ": 1 message\n",
		"  2026-11-21T19:52:31Z  2026-11-21T19:55:10Z  3      AuthorizeSecurityGroupIngress sg-0a1b2c3d4e5f60718 ingress tcp 22 0.0.0.0/0\n",
		"      who      arn:aws:iam::111122223333:user/ana\n", "      why      wrapError: revoke: Throttling\n", "      event    " + sampleEventID + "\n",
		"not~[2J an event\n", "      message  " + bad + "\n", "Replay 3 of these messages? [y/N]", "baseline: nothing replayed",
	} {
		part = strings.ReplaceAll(part, "~", "\uFFFD")
		if !strings.Contains(declined.out, part) {
			t.Errorf("%q is not in:\n%s", part, declined.out)
		}
	}
	if declined.status != 1 || len(w.of(remediatorName, sampleEventID)) != 0 {
		t.Errorf("status %d; invoked %q", declined.status, w.of(remediatorName, sampleEventID))
	}
	for queue, want := range map[string]int{failures: 2, undelivered: 1, sweeping: 1} {
		if n := l.waiting(t, queue); n != want {
			t.Errorf("%d messages in %s, want %d", n, queue, want)
		}
	}
}

func replayPutsRight(t *testing.T, w *redriveWorld) {
	const approved, opened = "ingress tcp 443 192.0.2.0/24", "ingress tcp 22 0.0.0.0/0"
	ghost := w.As("ghost", proxy.Principal{Identity: proxy.User(cloud.Account, "ghost"), Unrecorded: true})
	client, parameters := ec2.NewFromConfig(ghost), ssm.NewFromConfig(ghost)
	made := func(name string) (id string) {
		group, err := client.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: &name, Description: aws.String("test")})
		if err != nil {
			t.Fatal(err)
		}
		document := baseline.Compose(*group.GroupId, "", nil)
		for _, text := range []string{approved, "egress all all 0.0.0.0/0"} {
			r, err := rule.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if err := document.Allow(r, "approved"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := reference.Put(t.Context(), parameters, "/sg-baseline", document); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{approved, opened} {
			if err := reference.Authorize(t.Context(), client, *group.GroupId, text); err != nil {
				t.Fatal(err)
			}
		}
		return *group.GroupId
	}
	eventOf := func(group, id string) string {
		return event(t, "authorize-ingress-ipv4", "sg-0a1b2c3d4e5f60718", group, sampleEventID, id)
	}
	first, second, unheard := made("first"), made("second"), made("untold")
	l := w.itsStack(t, failures, undelivered, sweeping)
	l.put(t, failures, failed(eventOf(first, "event-1"), "publish: denied"))
	l.put(t, failures, garbage)
	l.put(t, undelivered, eventOf(second, "event-2"), "ERROR_CODE=NO_PERMISSIONS")
	l.put(t, sweeping, failed(event(t, "scheduled-event", "us-east-1", "sweep-1"), "list: denied"))
	l.put(t, sweeping, event(t, "scheduled-event", "us-east-1", "sweep-1"), "ERROR_CODE=NO_PERMISSIONS")

	if got := l.run(t, "replay", "--yes"); got.status != 2 || !strings.Contains(got.out, "replayed 4 of 4 messages; 1 remain") {
		t.Errorf("%+v", got)
	}
	l.idle(t)
	wantRules(t, client, unheard, approved, opened, "egress all all 0.0.0.0/0")
	w.sweep(t)
	for group, id := range map[string]string{first: "event-1", second: "event-2", unheard: ""} {
		wantRules(t, client, group, approved, "egress all all 0.0.0.0/0")
		if diff := cmp.Diff([]string{id + " reverted"}, reported(t, w, group)); diff != "" {
			t.Errorf("alerts about %s (-want +got):\n%s", group, diff)
		}
	}
	if got := w.of(remediatorName, "event-2"); len(got) != 1 || got[0] != eventOf(second, "event-2") {
		t.Errorf("the remediator got %q", got)
	}
	if got := w.of(sweeperName, "sweep-1"); len(got) != 1 {
		t.Errorf("the sweeper got %q, want one event", got)
	}
	for queue, want := range map[string]int{failures: 1, undelivered: 0, sweeping: 0} {
		if n := l.waiting(t, queue); n != want {
			t.Errorf("%d messages in %s, want %d", n, queue, want)
		}
	}
}

func wantRules(t *testing.T, client *ec2.Client, group string, want ...string) {
	t.Helper()
	live, err := reference.Live(t.Context(), client, group)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, live); diff != "" {
		t.Errorf("rules of %s (-want +got):\n%s", group, diff)
	}
}

// reported are the alerts of drift of a group, each as EVENT OUTCOME.
func reported(t *testing.T, w *redriveWorld, group string) (all []string) {
	t.Helper()
	for _, message := range w.Alerts() {
		var a alert.Alert
		if err := json.Unmarshal([]byte(message.JSON), &a); err != nil {
			t.Fatal(err)
		}
		if a.GroupID == group && a.Kind == alert.Drift {
			all = append(all, fmt.Sprint(a.Event.ID, " ", a.Outcome))
		}
	}
	return all
}

func replayPicks(t *testing.T, w *redriveWorld) {
	const many = 12
	l := w.stackOf(t, "many", failures)
	for i := range many {
		id := fmt.Sprintf("many-%d.", i)
		if i == 0 {
			id = refusedMark
		}
		l.put(t, failures, failed(event(t, "update-descriptions-ingress-permissions", "da982586-9982-405e-ac1b-dc0265a5227a", id), "why"))
	}
	got := l.run(t, "replay", "--yes", "--event", "many-11.", "--event", refusedMark)
	if got.status != 1 || !strings.Contains(got.out, "replayed 1 of 2 messages; 11 remain") || !strings.Contains(got.errs, "you may not invoke it") {
		t.Errorf("%+v", got)
	}
	if got := w.of(remediatorName, "many-"); len(got) != 1 || !strings.Contains(got[0], `"many-11."`) {
		t.Errorf("invoked %q", got)
	}
	if n := l.waiting(t, failures); n != many-1 {
		t.Errorf("%d messages left of %d", n, many)
	}
	got = l.run(t, "replay", "--yes", "--event", "many-3.", "--event", "many-11.")
	if got.status != 1 || got.out != "" || !strings.HasSuffix(got.errs, "has the id many-11.\n") || len(w.of(remediatorName, "many-3.")) != 0 {
		t.Errorf("%+v", got)
	}
}

func replayOnYes(t *testing.T, w *redriveWorld) {
	l := w.stackOf(t, "accepted", failures)
	if got := l.run(t); got.status != 0 || got.out != failures+": no messages\n" {
		t.Errorf("%+v", got)
	}
	l.put(t, failures, failed(event(t, "update-descriptions-ingress-permissions", "da982586-9982-405e-ac1b-dc0265a5227a", "accepted"), "why"))
	if got := l.answer(t, "y\n", "replay"); got.status != 0 || !strings.Contains(got.out, "replayed 1 of 1 messages; 0 remain") {
		t.Errorf("%+v", got)
	}
	if n := l.waiting(t, failures); n != 0 || len(w.of(remediatorName, "accepted")) != 1 {
		t.Errorf("%d messages left; invoked %q", n, w.of(remediatorName, "accepted"))
	}
}

func showIsInterrupted(t *testing.T, w *redriveWorld) {
	l := w.stackOf(t, "interrupted", failures)
	l.put(t, failures, garbage)
	command, errs := l.prepare(t, "./redrive.sh", "--stack-name", l.stack), &strings.Builder{}
	command.Stderr = errs
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); l.count(t, failures, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible) == 0; {
		if time.Now().After(deadline) {
			t.Error("it never received the message")
			break
		}
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := command.Wait(); err == nil || command.ProcessState.ExitCode() != 1 || !strings.Contains(errs.String(), "read queue "+failures+": interrupted") {
		t.Errorf("it ended with %v: %s", err, errs)
	}
	if n := l.waiting(t, failures); n != 1 {
		t.Errorf("%d messages left, want 1", n)
	}
}

func showsInFlight(t *testing.T, w *redriveWorld) {
	l := w.stackOf(t, "flying", failures)
	l.put(t, failures, garbage)
	if _, err := l.queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(l.urls[failures]), VisibilityTimeout: 60}); err != nil {
		t.Fatal(err)
	}
	if got := l.run(t, "show"); got.status != 2 || !strings.Contains(got.out, failures+": no messages, 1 in flight") {
		t.Errorf("%+v", got)
	}
}

func showNeedsItsStack(t *testing.T, w *redriveWorld) {
	nowhere := letters{w, "nowhere", nil}
	if got := nowhere.run(t); got.status != 1 || got.out != "" || !strings.HasPrefix(got.errs, "baseline: there is no stack nowhere in region us-east-1") {
		t.Errorf("%+v", got)
	}
	if got := w.stackOf(t, "foreign", sweeping).run(t); got.status != 1 || !strings.Contains(got.errs, "not sgwarden's") {
		t.Errorf("%+v", got)
	}
}

func runsThroughALink(t *testing.T, w *redriveWorld) {
	l := w.stackOf(t, "linked", failures)
	script, err := filepath.Abs("redrive.sh")
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "a link")
	if err := os.Symlink(script, link); err != nil {
		t.Fatal(err)
	}
	command := l.prepare(t, link, "--stack-name="+l.stack, "--region", "us-east-1")
	command.Dir = t.TempDir()
	if said, err := command.CombinedOutput(); err != nil || !strings.HasSuffix(string(said), failures+": no messages\n") {
		t.Errorf("%v: %s", err, said)
	}
}
