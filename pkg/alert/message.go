package alert

import (
	"encoding/json"
	"fmt"
)

// MaxMessageBytes is the most an SNS message may have, body and attributes
// together (SNS API reference, Publish).
const MaxMessageBytes = 256 * 1024

// Message is one SNS publication for machines: Body is for MessageStructure "json".
// Mails for people are the notifier's.
type Message struct {
	Body       string
	Attributes map[string]string // for filter policies; all of type String
}

// Messages renders an alert for SNS. An alert that would not fit one message is
// split: every finding is in exactly one of them.
func Messages(a Alert) ([]Message, error) {
	whole, err := render(a)
	if err != nil {
		return nil, err
	}
	if whole.size() <= MaxMessageBytes || len(a.Findings) < 2 {
		return []Message{whole}, nil
	}
	var parts []Message
	middle := len(a.Findings) / 2
	for _, findings := range [][]Finding{a.Findings[:middle], a.Findings[middle:]} {
		part := a
		part.Findings = findings
		if hasFinding(a, isOpened) && !hasFinding(part, isOpened) { // the actor is who opened a finding
			part.Actor, part.ExposureSeconds = nil, nil
		}
		messages, err := Messages(New(part))
		if err != nil {
			return nil, err
		}
		parts = append(parts, messages...)
	}
	return parts, nil
}

func render(a Alert) (Message, error) {
	machine, err := json.Marshal(a)
	if err != nil {
		return Message{}, fmt.Errorf("encode the alert for %s: %w", a.GroupID, err)
	}
	body, err := json.Marshal(map[string]string{"default": string(machine)})
	if err != nil {
		return Message{}, fmt.Errorf("encode the message for %s: %w", a.GroupID, err)
	}
	return Message{Body: string(body), Attributes: Attributes(a)}, nil
}

// Attributes returns an alert's message attributes, for filter policies.
func Attributes(a Alert) map[string]string {
	attributes := map[string]string{}
	for name, v := range map[string]string{
		"kind": string(a.Kind), "outcome": string(a.Outcome), "severity": string(a.Severity),
		"groupId": a.GroupID, "prefixListId": a.PrefixListID, "account": a.Account, "region": a.Region,
	} {
		if v != "" { // SNS refuses an empty attribute
			attributes[name] = v
		}
	}
	return attributes
}

func (m Message) size() int {
	size := len(m.Body)
	for name, v := range m.Attributes {
		size += len(name) + len("String") + len(v)
	}
	return size
}
