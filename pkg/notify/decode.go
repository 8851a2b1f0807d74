package notify

import (
	"encoding/json"
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/notified"
)

// received is an alert with the ids of the messages that brought it, and of the alerts
// that were merged into it.
type received struct {
	alert.Alert
	messages []string
	alerts   []string
	came     original
	// elsewhere says that the alert is of another account or region than the notifier's.
	elsewhere bool
}

// memoryKey is the name of the alert's group or prefix list in the memory.
func (r received) memoryKey() string {
	if r.elsewhere {
		return notified.Elsewhere(r.Account, r.Region, r.Subject())
	}
	return r.Subject()
}

// original is an alert as SNS delivered it.
type original struct {
	topicARN   string // empty where the message was not wrapped in a notification
	text       string // the alert's JSON
	attributes map[string]string
}

// unwrap reads the notification in which SNS wraps what it delivers to a queue (SNS
// Developer Guide, "Amazon SNS message and JSON formats"). A text that is none is
// returned as it is.
func unwrap(body string) original {
	var envelope struct {
		TopicArn          string
		Message           *string
		MessageAttributes map[string]struct{ Type, Value string }
	}
	if err := json.Unmarshal([]byte(body), &envelope); err != nil || envelope.Message == nil {
		return original{text: body}
	}
	o := original{topicARN: envelope.TopicArn, text: *envelope.Message, attributes: map[string]string{}}
	for name, a := range envelope.MessageAttributes {
		if a.Type == "String" && a.Value != "" { // as all of sgwarden's are
			o.attributes[name] = a.Value
		}
	}
	return o
}

// decode reads a message of the queue: an alert as SNS delivers it, wrapped in a
// notification, or as it was published.
func decode(body string) (received, error) {
	came := unwrap(body)
	a, err := decodeAlert(came.text)
	return received{Alert: a, alerts: []string{a.ID}, came: came}, err
}

// decodeAlert reads an alert's JSON, or a message with a part for each protocol, of which
// the alert is the default.
func decodeAlert(text string) (alert.Alert, error) {
	var parts struct {
		Default *string `json:"default"`
	}
	if err := json.Unmarshal([]byte(text), &parts); err == nil && parts.Default != nil {
		text = *parts.Default
	}
	a, err := alert.Decode([]byte(text))
	if err != nil {
		return alert.Alert{}, err
	}
	if a.ID == "" {
		return alert.Alert{}, fmt.Errorf("read an alert: it has no id")
	}
	return a, nil
}

// isHealthyCanary reports whether an alert says that sgwarden's own test went well. That
// a failure is over is for people: they were notified of the failure.
func isHealthyCanary(a alert.Alert) bool {
	return a.Kind == alert.CanaryKind && a.Severity != alert.Critical && len(a.Closed) == 0
}
