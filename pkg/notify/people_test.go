package notify_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/mail"
	"github.com/sgwarden/sgwarden/pkg/notified"
	"github.com/sgwarden/sgwarden/pkg/notify"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// people are those who get the mails, with a clock and the memory's parameters.
type people struct {
	t        *testing.T
	now      time.Time
	mails    []mail.Mail
	stories  [][]mail.Story // of each mail that was written
	sentAt   []time.Time
	alarms   []mail.Mail
	cards    [][]byte
	values   map[int]string // the memory's
	log      strings.Builder
	down     bool // the mail topic refuses
	noMemory bool // SSM refuses
	own      []string
	messages int
	onSave   func() // nil for nothing
	notifier *notify.Notifier
}

func newPeople(t *testing.T) *people {
	t.Helper()
	p := &people{t: t, now: time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC), values: map[int]string{}}
	p.restart()
	return p
}

// restart gives them a notifier that remembers nothing by itself.
func (p *people) restart() { p.notifier = p.another() }

func (p *people) another() *notify.Notifier {
	return &notify.Notifier{
		Mails: mailTopic{p}, Chat: chat{p}, Alarms: alarmTopic{p}, Memory: memory{p},
		Write: func(stories []mail.Story) mail.Mail {
			p.stories = append(p.stories, stories)
			return notify.Write(stories)
		},
		Log: slog.New(slog.NewJSONHandler(&p.log, nil)), Now: func() time.Time { return p.now },
		Pause:    func(_ context.Context, d time.Duration) { p.now = p.now.Add(d) },
		OwnRoles: p.own, Reverts: 5,
	}
}

type (
	mailTopic  struct{ p *people }
	alarmTopic struct{ p *people }
	chat       struct{ p *people }
	memory     struct{ p *people }
)

func (m mailTopic) Send(_ context.Context, sent mail.Mail) error {
	if m.p.down {
		return errors.New("the topic is down")
	}
	m.p.mails, m.p.sentAt = append(m.p.mails, sent), append(m.p.sentAt, m.p.now)
	return nil
}

func (a alarmTopic) Send(_ context.Context, sent mail.Mail) error {
	a.p.alarms, a.p.sentAt = append(a.p.alarms, sent), append(a.p.sentAt, a.p.now)
	return nil
}

func (c chat) Post(_ context.Context, card []byte) error {
	c.p.cards = append(c.p.cards, card)
	return nil
}

func (m memory) Load(context.Context) (*notified.Memory, error) {
	if m.p.noMemory {
		return notified.Empty(), errors.New("SSM refuses")
	}
	return notified.Read(m.p.values)
}

func (m memory) Save(_ context.Context, b *notified.Memory) error {
	if m.p.onSave != nil {
		m.p.onSave()
	}
	changed, err := b.Changed()
	if m.p.noMemory {
		return errors.New("SSM refuses")
	}
	for i, v := range changed {
		if len(v) > notified.MaxValue {
			m.p.t.Errorf("shard %x has %d bytes", i, len(v))
		}
		m.p.values[i] = v
	}
	return err
}

// get hands a batch of alerts to the notifier, as SNS and SQS do.
func (p *people) get(alerts ...alert.Alert) notify.Report {
	p.t.Helper()
	return p.notifier.Notify(p.t.Context(), p.batch(alerts...))
}

func (p *people) batch(alerts ...alert.Alert) []notify.Message {
	p.t.Helper()
	messages := make([]notify.Message, len(alerts))
	for i, a := range alerts {
		p.messages++
		messages[i] = notify.Message{ID: fmt.Sprint("m", p.messages), Body: enveloped(p.t, a)}
	}
	return messages
}

func enveloped(t interface{ Fatal(...any) }, a alert.Alert) string {
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]string{"Type": "Notification", "MessageId": "1", "Subject": "s", "Message": string(text)})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// mailsOf hands over a batch and returns how many mails it made.
func (p *people) mailsOf(alerts ...alert.Alert) int {
	p.t.Helper()
	before := len(p.mails)
	if report := p.get(alerts...); len(report.Failed) != 0 || report.MailsSent != len(p.mails)-before {
		p.t.Fatalf("got %+v", report)
	}
	return len(p.mails) - before
}

// checkPace fails where two mails came closer together than the least time.
func (p *people) checkPace(least time.Duration) {
	p.t.Helper()
	for i := 1; i < len(p.sentAt); i++ {
		if gap := p.sentAt[i].Sub(p.sentAt[i-1]); gap < least {
			p.t.Errorf("mail %d came %v after the one before", i, gap)
		}
	}
}

// mailed lists the findings of the mails, one line each: who, what was done, the rule.
func (p *people) mailed() []string {
	var all []string
	for _, stories := range p.stories {
		for _, s := range stories {
			for _, a := range s.Alerts {
				who := "nobody"
				if a.Actor != nil {
					who = a.Actor.ARN
				}
				for _, f := range a.Findings {
					all = append(all, fmt.Sprintf("%s: %s %s", who, f.Action, f.Rule))
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

func (p *people) wait(d time.Duration) { p.now = p.now.Add(d) }

const (
	ssh     = "ingress tcp 22 0.0.0.0/0"
	web     = "ingress tcp 80 10.0.0.0/8"
	account = "111122223333"
	mallory = "arn:aws:sts::111122223333:assumed-role/admin/mallory"
	ci      = "arn:aws:sts::111122223333:assumed-role/ci/run-7"
)

func finding(text, id string, action alert.Action) alert.Finding {
	r, err := rule.Parse(text)
	if err != nil {
		panic(err)
	}
	return alert.Finding{Rule: text, RuleID: id, Canonical: r, Verdict: alert.Violation, Action: action, Reason: "no baseline rule permits this"}
}

func opened(text, id string, action alert.Action) alert.Finding {
	f := finding(text, id, action)
	f.OpenedByEvent = true
	return f
}

func missing(text string) alert.Finding {
	f := finding(text, "", alert.ActionNone)
	f.Verdict = alert.Missing
	return f
}

// byEvent is the alert of an event that somebody caused.
func (p *people) byEvent(groupID, eventID, arn string, outcome alert.Outcome, findings ...alert.Finding) alert.Alert {
	return alert.New(alert.Alert{
		Kind: alert.Drift, Outcome: outcome, Account: account, Region: "us-east-1", GroupID: groupID, GroupName: "web", MadeAt: p.now,
		Event: alert.Event{ID: eventID, Name: "AuthorizeSecurityGroupIngress", Time: p.now.Add(-5 * time.Second)}, Actor: &alert.Actor{Type: "AssumedRole", ARN: arn},
		Findings: findings, Baseline: alert.Baseline{Parameter: "/sg-baseline/groups/" + groupID, Version: 3},
	})
}

// bySweep is the alert of a sweep, which knows no event.
func (p *people) bySweep(groupID string, outcome alert.Outcome, findings ...alert.Finding) alert.Alert {
	a := p.byEvent(groupID, "", "", outcome, findings...)
	a.Event, a.Actor = alert.Event{Name: "Sweep"}, nil
	return alert.New(a)
}

// ofDocument is the alert of somebody who changed a document.
func (p *people) ofDocument(kind alert.Kind, parameter, eventID string) alert.Alert {
	a := p.byEvent(parameter[strings.LastIndex(parameter, "/")+1:], eventID, ci, alert.None)
	a.Kind, a.Baseline.Parameter, a.Reason, a.PermitsMore = kind, parameter, "updated", []string{web}
	return alert.New(a)
}

// broken is the alert of a baseline that can't be used, found at an event or by a sweep.
func (p *people) broken(groupID, eventID string, version int64) alert.Alert {
	a := p.bySweep(groupID, alert.Failed)
	if a.Reason = "not JSON"; eventID != "" {
		a = p.byEvent(groupID, eventID, ci, alert.Failed)
		a.Reason = "not JSON; not judged: " + eventID
	}
	a.Kind, a.Baseline.Version = alert.BaselineError, version
	return alert.New(a)
}
