package deadletters

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// noMail is why an alert waits in the notifier's queue.
const noMail = "no mail told of it: the notifier's log says why"

// readAlert reads a message of the notifier's queue.
func (m *Message) readAlert(received types.Message) {
	m.readFailure(received)
	m.Error = noMail
	m.Attempts = nil
	if count, err := strconv.Atoi(received.Attributes["ApproximateReceiveCount"]); err == nil {
		m.Attempts = &count
	}
	a, err := decodeAlert(m.Body)
	if err != nil {
		m.misunderstood(err.Error())
		return
	}
	m.Understood, m.payload = true, []byte(m.Body)
	m.EventID, m.EnvelopeID = cmp.Or(a.Event.ID, a.ID), a.ID
	m.EventName = joined(string(a.Kind), string(a.Outcome))
	if !a.Event.Time.IsZero() {
		m.EventTime = a.Event.Time.UTC().Format(time.RFC3339)
	}
	if m.Group = a.GroupID; m.Group == "" {
		m.Parameter = a.Baseline.Parameter
	}
	for _, f := range a.Findings {
		if f.Rule != "" {
			m.Rules = append(m.Rules, f.Rule)
		}
	}
	if a.Actor != nil {
		m.Actor = cmp.Or(a.Actor.ARN, a.Actor.InvokedBy)
	}
}

// decodeAlert reads an alert as the notifier does: as SNS wraps an alert, or as the alert
// was published (SNS Developer Guide, "HTTP/HTTPS notification JSON format").
func decodeAlert(body string) (alert.Alert, error) {
	var notification struct{ Message *string }
	var parts struct {
		Default *string `json:"default"`
	}
	text := body
	for _, wrapping := range []struct {
		into  any
		inner **string
	}{{&notification, &notification.Message}, {&parts, &parts.Default}} {
		if err := json.Unmarshal([]byte(text), wrapping.into); err != nil {
			return alert.Alert{}, notDecodedError{err}
		}
		if *wrapping.inner != nil {
			text = **wrapping.inner
		}
	}
	a, err := alert.Decode([]byte(text))
	if err != nil || a.ID == "" || a.Outcome == "" {
		return alert.Alert{}, fmt.Errorf("it holds no alert%s", because(err))
	}
	return a, nil
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

// DecodeAlert reads an alert: as SNS wraps an alert, or as the alert was published.
func DecodeAlert(body string) (alert.Alert, error) { return decodeAlert(body) }
