package deadletters

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Message is a message of a dead-letter queue. A field that the message does not have is empty.
type Message struct {
	Queue string `json:"queue"`
	ID    string `json:"messageId"`
	// Understood says that the message holds an event or an alert, so that it can be
	// replayed.
	Understood bool   `json:"understood"`
	EventID    string `json:"eventId"`
	// EnvelopeID is the id that EventBridge gave the event, or that of the alert.
	EnvelopeID string   `json:"envelopeId"`
	EventName  string   `json:"eventName"`
	EventTime  string   `json:"eventTime"` // as RFC 3339
	Group      string   `json:"group"`     // the id of the security group, or its name where the call named no id
	Parameter  string   `json:"parameter"` // what happened to a parameter and its name, such as "Update /sg-baseline/pause"
	Rules      []string `json:"rules"`     // that the call made or revoked
	// Unparsed is what of the event can't be read, such as one of several rules.
	Unparsed []string `json:"unreadable,omitempty"`
	// Nothing is why the event asks for nothing, where it does.
	Nothing    string `json:"nothing,omitempty"`
	Actor      string `json:"actor"`
	FailedTime string `json:"failedTime"`
	Attempts   *int   `json:"attempts"`
	ErrorType  string `json:"errorType"`
	Error      string `json:"error"`
	Body       string `json:"body"`

	payload []byte // what is given to the function again
}

// Is reports whether an id names the message: its own id, or that of its event or alert.
func (m Message) Is(id string) bool {
	return id != "" && (id == m.ID || id == m.EventID || id == m.EnvelopeID)
}

// Describe reads a message of a queue. It never fails: a message that can't be read has
// Understood false, and says why as its Error.
func Describe(q Queue, received types.Message) Message {
	m := Message{Queue: q.Name, ID: aws.ToString(received.MessageId), Rules: []string{}, Body: aws.ToString(received.Body)}
	if q.OfNotifier() {
		m.readAlert(received)
	} else {
		m.readEvent(received)
	}
	return m
}

// readFailure notes when and why a message came into its queue, as SQS and EventBridge
// say. See "Using dead-letter queues to process undelivered events" in the EventBridge
// User Guide for the attributes.
func (m *Message) readFailure(received types.Message) {
	attribute := func(name string) string { return aws.ToString(received.MessageAttributes[name].StringValue) }
	if sent, err := strconv.ParseInt(received.Attributes["SentTimestamp"], 10, 64); err == nil {
		m.FailedTime = time.UnixMilli(sent).UTC().Format(time.RFC3339)
	}
	if retries, err := strconv.Atoi(attribute("RETRY_ATTEMPTS")); err == nil && retries >= 0 {
		m.Attempts = aws.Int(retries + 1)
	}
	m.ErrorType = attribute("ERROR_CODE")
	m.Error = cmp.Or(attribute("ERROR_MESSAGE"), attribute("EXHAUSTED_RETRY_CONDITION"))
}

// misunderstood notes why a message can't be replayed.
func (m *Message) misunderstood(why string) { m.ErrorType, m.Error = "not understood", why }

// inOrder sorts messages by when their event happened.
func inOrder(messages []Message) {
	slices.SortFunc(messages, func(a, b Message) int {
		return cmp.Or(cmp.Compare(cmp.Or(a.EventTime, a.FailedTime), cmp.Or(b.EventTime, b.FailedTime)), cmp.Compare(a.ID, b.ID))
	})
}
