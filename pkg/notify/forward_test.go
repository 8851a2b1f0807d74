package notify_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/notified"
	"github.com/sgwarden/sgwarden/pkg/notify"
)

const centralARN = "arn:aws:sns:eu-west-1:999988887777:sgwarden-alerts"

// centralTopic is the alert topic of a central stack. Alerts whose id it refuses are not
// taken.
type centralTopic struct {
	mu      sync.Mutex
	refuses func(id string) bool
	tried   int
	got     []alert.Message
}

func (c *centralTopic) Publish(_ context.Context, m alert.Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tried++
	a, _ := alertOf(m)
	if c.refuses != nil && c.refuses(a.GroupID) {
		return errors.New("AuthorizationError: no")
	}
	c.got = append(c.got, m)
	return nil
}

func alertOf(m alert.Message) (a alert.Alert, err error) {
	var parts struct{ Default string }
	if err := json.Unmarshal([]byte(m.Body), &parts); err != nil {
		return a, err
	}
	return alert.Decode([]byte(parts.Default))
}

func (c *centralTopic) groups(t *testing.T) (ids []string) {
	t.Helper()
	for _, m := range c.got {
		a, err := alertOf(m)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, a.GroupID)
	}
	slices.Sort(ids)
	return ids
}

// forwarding makes the notifier of people forward its alerts.
func (p *people) forwarding() *centralTopic {
	c := &centralTopic{}
	p.notifier.Central, p.notifier.Home = &notify.Central{Topic: c, ARN: centralARN}, notify.Origin{Account: account, Region: "us-east-1"}
	return c
}

// deliveredBy wraps an alert as SNS does for a queue.
func deliveredBy(t *testing.T, topicARN, text string, attributes map[string]string) string {
	t.Helper()
	typed := map[string]any{}
	for name, v := range attributes {
		typed[name] = map[string]string{"Type": "String", "Value": v}
	}
	body, err := json.Marshal(map[string]any{"Type": "Notification", "TopicArn": topicARN, "Message": text, "MessageAttributes": typed})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestAnAlertIsForwardedAsItCameAndMakesNoMail(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	c := p.forwarding()
	encoded, err := json.Marshal(p.byEvent("sg-1", "e1", mallory, alert.Reverted, opened(ssh, "sgr-1", alert.ActionRevoked)))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(encoded), "{", `{"ofANewerVersion":["<&>"],`, 1)
	attributes := map[string]string{"kind": "drift", "severity": "high", "ofANewerVersion": "1"}
	report := p.notifier.Notify(t.Context(), []notify.Message{{ID: "m1", Body: deliveredBy(t, "arn:aws:sns:us-east-1:111122223333:local", text, attributes)}})
	if len(report.Failed) != 0 || report.Forwarded != 1 || report.MailsSent != 0 || len(p.mails)+len(p.cards) != 0 || len(c.got) != 1 {
		t.Fatalf("%+v, %d mails, %d cards, %d forwarded", report, len(p.mails), len(p.cards), len(c.got))
	}
	var parts map[string]string
	if err := json.Unmarshal([]byte(c.got[0].Body), &parts); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"default": text}, parts); diff != "" {
		t.Error(diff)
	}
	want := map[string]string{
		"kind": "drift", "severity": "high", "ofANewerVersion": "1", // as they came; the others follow from the alert
		"outcome": "reverted", "groupId": "sg-1", "account": account, "region": "us-east-1",
	}
	if diff := cmp.Diff(want, c.got[0].Attributes); diff != "" {
		t.Error(diff)
	}
}

func TestWhatTheCentralTopicRefusesIsDeliveredAgainAlone(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	c := p.forwarding()
	c.refuses = func(id string) bool { return id == "sg-2" }
	var alerts []alert.Alert
	for i := range 3 {
		alerts = append(alerts, p.byEvent(fmt.Sprint("sg-", i+1), fmt.Sprint("e", i), mallory, alert.Reverted, opened(ssh, fmt.Sprint("sgr-", i), alert.ActionRevoked)))
	}
	report := p.get(alerts...)
	if diff := cmp.Diff([]string{"m2"}, report.Failed); diff != "" || report.NotForwarded != 1 || !strings.Contains(p.log.String(), notify.NotForwarded) {
		t.Fatalf("%+v %s\n%s", report, diff, p.log.String())
	}
	c.refuses = nil
	if report = p.get(alerts...); len(report.Failed) != 0 { // those that were forwarded are known
		t.Errorf("again: %+v", report)
	}
	if diff := cmp.Diff([]string{"sg-1", "sg-2", "sg-3"}, c.groups(t)); diff != "" {
		t.Error(diff)
	}
}

func TestATopicThatIsDownIsNotTriedForAWholeFlood(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	c := p.forwarding()
	c.refuses = func(string) bool { return true }
	if report := p.get(p.acts(200)...); len(report.Failed) != 200 || c.tried > 16+8 {
		t.Errorf("%d failed, %d tried", len(report.Failed), c.tried)
	}
	c.refuses = nil
	if report := p.get(p.acts(200)...); len(report.Failed) != 0 || report.Forwarded != 200 {
		t.Errorf("then %+v", report)
	}
}

func TestWithoutTimeNothingIsForwardedAndEverythingComesAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		left      time.Duration
		forwarded int
	}{"too little time": {12 * time.Second, 0}, "enough time": {time.Minute, 3}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeople(t)
			topic := p.forwarding()
			ctx, cancel := context.WithTimeout(t.Context(), c.left)
			defer cancel()
			report := p.notifier.Notify(ctx, p.batch(p.acts(3)...))
			if len(topic.got) != c.forwarded || len(report.Failed) != 3-c.forwarded {
				t.Errorf("%d forwarded, %+v", len(topic.got), report)
			}
		})
	}
}

// TestAlertsDoNotGoRoundInCircles is of stacks that send to each other, or to themselves.
func TestAlertsDoNotGoRoundInCircles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		topic, account string
		forwarded      int
	}{
		"an alert of this stack":              {"arn:aws:sns:us-east-1:111122223333:local", account, 1},
		"an alert that the central topic has": {centralARN, account, 0},
		"an alert of another stack":           {"arn:aws:sns:us-east-1:111122223333:local", "444455556666", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeople(t)
			topic := p.forwarding()
			a := p.byEvent("sg-1", "e1", mallory, alert.Reverted, opened(ssh, "sgr-1", alert.ActionRevoked))
			a.Account = c.account
			text, err := json.Marshal(alert.New(a))
			if err != nil {
				t.Fatal(err)
			}
			report := p.notifier.Notify(t.Context(), []notify.Message{{ID: "m1", Body: deliveredBy(t, c.topic, string(text), nil)}})
			if len(topic.got) != c.forwarded || len(report.Failed) != 1-c.forwarded {
				t.Errorf("%d forwarded, %+v", len(topic.got), report)
			}
			if c.forwarded == 0 && !strings.Contains(p.log.String(), "correct CentralAlertTopicArn") {
				t.Errorf("the log doesn't say what to do: %s", p.log.String())
			}
		})
	}
}

// TestTheSweepHereKnowsWhatWasForwarded so that the sweep can report which rules are over.
func TestTheSweepHereKnowsWhatWasForwarded(t *testing.T) {
	t.Parallel()
	p := newPeople(t)
	c := p.forwarding()
	c.refuses = func(id string) bool { return id == "sg-2" }
	p.get(p.bySweep("sg-1", alert.WouldRevert, finding(ssh, "sgr-1", alert.ActionNone)), p.bySweep("sg-2", alert.WouldRevert, finding(ssh, "sgr-2", alert.ActionNone)))
	memory, err := notified.Read(p.values)
	if err != nil {
		t.Fatal(err)
	}
	var open []string
	for _, o := range memory.Open() {
		open = append(open, o.GroupID+" "+o.Rule)
	}
	if diff := cmp.Diff([]string{"sg-1 " + ssh}, open); diff != "" {
		t.Errorf("what a sweep knows (-want +got): %s", diff)
	}
}

func TestContentionIsMailedHereToo(t *testing.T) {
	t.Parallel()
	for reverts, alarms := range map[int]int{5: 0, 6: 1} {
		p := newPeople(t)
		p.forwarding()
		for i := range reverts {
			p.get(p.byEvent("sg-1", fmt.Sprint("e", i), ci, alert.Reverted, opened(ssh, fmt.Sprint("sgr-", i), alert.ActionRevoked)))
			p.wait(2 * time.Minute)
		}
		if len(p.alarms) != alarms || len(p.mails) != 0 {
			t.Errorf("%d reverts: %d alarms, %d mails", reverts, len(p.alarms), len(p.mails))
		}
	}
}
