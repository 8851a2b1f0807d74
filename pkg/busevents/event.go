// Package busevents puts each alert as an event on EventBridge's default event bus,
// beside the alert topic, so that other tools can follow without touching sgwarden.
//
// The service's client of the SDK would make the function 450 KB larger for one call,
// so that this package makes the call by itself: the SDK signs and sends the request.
package busevents

import (
	"encoding/json"
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// Source is the source of each event.
const Source = "sgwarden"

// entry is one event as PutEvents takes it (EventBridge API reference,
// PutEventsRequestEntry). Without a bus it is put on the default event bus. An alert's
// message has at most 256 KB with the alert escaped in it, so that the entry has less.
type entry struct {
	Source     string
	DetailType string
	Detail     string
	Resources  []string `json:",omitempty"`
}

// newEntry makes the event of an alert's message: its detail is the alert.
func newEntry(m alert.Message, partition string) (entry, error) {
	var parts struct {
		Default string `json:"default"`
	}
	if err := json.Unmarshal([]byte(m.Body), &parts); err != nil {
		return entry{}, fmt.Errorf("read the alert from its message: %w", err)
	}
	e := entry{Source: Source, DetailType: Source + " " + m.Attributes["kind"], Detail: parts.Default}
	group, account, region := m.Attributes["groupId"], m.Attributes["account"], m.Attributes["region"]
	if group != "" && account != "" && region != "" {
		e.Resources = []string{fmt.Sprintf("arn:%s:ec2:%s:%s:security-group/%s", partition, region, account, group)}
	}
	return e, nil
}
