package deadletters

import (
	"cmp"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sgwarden/sgwarden/pkg/trail"
)

// readEvent reads a message of the remediator's or the sweeper's queues. The envelope of
// EventBridge and the record of Lambda are read here, the event in them by trail.
func (m *Message) readEvent(received types.Message) {
	m.readFailure(received)
	event, record, err := open(m.Body)
	if err != nil {
		m.misunderstood(err.Error())
		return
	}
	m.Understood, m.payload = true, event.raw
	if record.raw != nil {
		m.readRecord(record)
	}
	m.EnvelopeID = event.text("id")
	trigger, nothing := trail.Parse(event.raw)
	m.readTrigger(trigger)
	switch {
	case nothing == nil || trigger.EventName == "":
	case nothing.NeedsSweep:
		m.Unparsed = append(m.Unparsed, nothing.Reason)
	default:
		m.Nothing = nothing.Reason
	}
	m.EventID = cmp.Or(m.EventID, m.EnvelopeID)
	m.EventName = cmp.Or(m.EventName, event.text("detail-type"))
	m.EventTime = cmp.Or(m.EventTime, event.text("time"))
}

// readTrigger notes what trail says of an event.
func (m *Message) readTrigger(t trail.Trigger) {
	m.EventID, m.EventName = t.EventID, t.EventName
	if !t.Time.IsZero() {
		m.EventTime = t.Time.Format(time.RFC3339)
	}
	m.Group = cmp.Or(t.GroupID, t.GroupName, t.VpcID) // of a VPC, whose default group is meant
	if t.Kind == trail.ParameterChanged {
		m.Parameter = joined(t.Operation, t.Parameter)
	}
	for _, c := range t.Changes {
		text := c.Rule.String()
		if c.EitherDirection {
			text = "ingress or egress" + text[len(c.Rule.Direction.String()):]
		}
		m.Rules = append(m.Rules, text)
	}
	for _, r := range t.Removed {
		m.Rules = append(m.Rules, r.String())
	}
	for _, err := range t.Unparsed {
		m.Unparsed = append(m.Unparsed, err.Error())
	}
	m.Actor = cmp.Or(t.Actor.ARN, t.Actor.InvokedBy, t.Actor.Type)
}

// readRecord notes what Lambda's record of a failed invocation says (Lambda Developer
// Guide, "Capturing records of Lambda asynchronous invocations").
func (m *Message) readRecord(record object) {
	context, answer := record.object("requestContext"), record.object("responsePayload")
	m.FailedTime = cmp.Or(record.text("timestamp"), m.FailedTime)
	if count, err := strconv.Atoi(context.text("approximateInvokeCount")); err == nil && count > 0 {
		m.Attempts = aws.Int(count)
	}
	m.ErrorType = cmp.Or(answer.text("errorType"), m.ErrorType)
	m.Error = cmp.Or(answer.text("errorMessage"), record.text("responsePayload"), m.Error, context.text("condition"))
}

// open returns the event in a message. Where the message is Lambda's record of a failed
// invocation, open returns the record too.
func open(body string) (event, record object, err error) {
	event, err = readObject([]byte(body))
	if err == nil && event.has("requestContext") {
		record = event
		event, err = readObject(record.fields["requestPayload"])
	}
	if err != nil {
		return object{}, object{}, err
	}
	for _, field := range []string{"id", "source", "detail-type"} {
		if !event.isString(field) {
			return object{}, object{}, errNoEvent
		}
	}
	return event, record, nil
}

var errNoEvent = errors.New("it holds no event")

// object is an object of JSON of which nothing is taken for granted. Names count with
// their case, as in trail.
type object struct {
	raw    json.RawMessage
	fields map[string]json.RawMessage
}

func readObject(text []byte) (object, error) {
	o := object{raw: text}
	err := json.Unmarshal(text, &o.fields)
	var otherType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &otherType), len(text) == 0 || err == nil && o.fields == nil:
		return object{}, errNoEvent
	case err != nil:
		return object{}, notDecodedError{err}
	}
	return o, nil
}

// notDecodedError is that of a text which is no JSON.
type notDecodedError struct{ error }

func (e notDecodedError) Error() string { return "it can't be read: " + e.error.Error() }

func (o object) has(field string) bool {
	text, found := o.fields[field]
	return found && string(text) != "null"
}

func (o object) isString(field string) bool {
	text := o.fields[field]
	return len(text) > 0 && text[0] == '"'
}

// object returns an object with nothing in it where the field is none.
func (o object) object(field string) object {
	inner, err := readObject(o.fields[field])
	if err != nil {
		return object{}
	}
	return inner
}

// text returns a string or a number as text, and nothing else.
func (o object) text(field string) string {
	var v any
	if json.Unmarshal(o.fields[field], &v) != nil {
		return ""
	}
	switch s := v.(type) {
	case string:
		return s
	case float64:
		return string(o.fields[field])
	}
	return ""
}
