package notify

import (
	"encoding/json"
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// received is an alert with the ids of the messages that brought it, and of the alerts
// that were merged into it.
type received struct {
	alert.Alert
	messages []string
	alerts   []string
}

// decode reads a message of the queue: an alert as SNS delivers it, wrapped in a
// notification, or as it was published.
func decode(body string) (alert.Alert, error) {
	text := body
	var envelope struct {
		Type    string
		Message *string
	}
	if err := json.Unmarshal([]byte(body), &envelope); err == nil && envelope.Message != nil {
		text = *envelope.Message
	}
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
// a failure is over is for people: they were told of the failure.
func isHealthyCanary(a alert.Alert) bool {
	return a.Kind == alert.CanaryKind && a.Severity != alert.Critical && len(a.Closed) == 0
}
