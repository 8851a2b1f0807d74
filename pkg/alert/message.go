package alert

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// MaxMessageBytes is the most an SNS message may have, body and attributes
// together (SNS API reference, Publish).
const MaxMessageBytes = 256 * 1024

const maxSubject = 100

// Message is one SNS publication: Body is for MessageStructure "json".
type Message struct {
	Subject    string
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
	body, err := json.Marshal(map[string]string{"default": string(machine), "email": Email(a)})
	if err != nil {
		return Message{}, fmt.Errorf("encode the message for %s: %w", a.GroupID, err)
	}
	m := Message{Subject: Subject(a), Body: string(body), Attributes: map[string]string{}}
	for name, v := range map[string]string{
		"kind": string(a.Kind), "outcome": string(a.Outcome), "severity": string(a.Severity),
		"groupId": a.GroupID, "account": a.Account, "region": a.Region,
	} {
		if v != "" { // SNS refuses an empty attribute
			m.Attributes[name] = v
		}
	}
	return m, nil
}

func (m Message) size() int {
	size := len(m.Subject) + len(m.Body)
	for name, v := range m.Attributes {
		size += len(name) + len("String") + len(v)
	}
	return size
}

// Subject is the e-mail's subject: printable ASCII, 100 characters at most,
// which is what SNS takes.
func Subject(a Alert) string {
	group := a.GroupID
	if a.GroupName != "" {
		group = a.GroupName + " (" + a.GroupID + ")"
	}
	if group == "" {
		group = a.Baseline.Parameter
	}
	return ascii(fmt.Sprintf("[sgwarden] %s %s on %s", a.Severity, whatHappened(a), group), maxSubject)
}

// whatHappened names the kind, or what became of the first violation. A changed
// baseline has done nothing to its rules yet.
func whatHappened(a Alert) string {
	what := string(a.Kind)
	switch {
	case a.Kind == Paused && a.Outcome == Failed:
		return "not paused"
	case a.Kind == Paused && !a.Weakens:
		return "going on"
	case len(a.Findings) == 1 && a.Kind == BaselineChanged:
		return what + ": 1 live rule will go"
	case len(a.Findings) > 1 && a.Kind == BaselineChanged:
		return fmt.Sprintf("%s: %d live rules will go", what, len(a.Findings))
	case len(a.Findings) > 0:
		first := a.Findings[max(0, slices.IndexFunc(a.Findings, func(f Finding) bool { return f.Verdict == Violation }))]
		outcome := string(a.Outcome)
		if a.Outcome == None {
			outcome = first.label()
		}
		what = outcome + ": " + first.Rule
		if a.Kind == CanaryKind {
			what = "canary " + what
		}
	}
	if more := len(a.Findings) - 1; more > 0 {
		what += fmt.Sprintf(" and %d more", more)
	}
	return what
}

func ascii(s string, most int) string {
	s = strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, s)
	if len(s) > most {
		s = s[:most-3] + "..."
	}
	return s
}
