package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/metrics"
	"github.com/sgwarden/sgwarden/pkg/notify"
)

// queueEvent is what an event source mapping hands over (Lambda Developer Guide, "Using
// Lambda with Amazon SQS"). The types of aws-lambda-go would bring those of all other
// events' services along.
type queueEvent struct {
	Records []struct {
		MessageID string `json:"messageId"`
		Body      string `json:"body"`
	} `json:"Records"`
}

// queueAnswer names the messages that the queue has to deliver again, which
// ReportBatchItemFailures asks for. The others are deleted.
type queueAnswer struct {
	Failures []failure `json:"batchItemFailures"`
}

type failure struct {
	MessageID string `json:"itemIdentifier"`
}

type handler struct{ notifier *notify.Notifier }

// Invoke notifies people of a batch of alerts.
func (h handler) Invoke(ctx context.Context, message []byte) ([]byte, error) {
	var event queueEvent
	if err := json.Unmarshal(message, &event); err != nil {
		return nil, fmt.Errorf("read the messages of the queue: %w", err)
	}
	messages := make([]notify.Message, len(event.Records))
	for i, r := range event.Records {
		messages[i] = notify.Message{ID: r.MessageID, Body: r.Body}
	}
	report := h.notifier.Notify(ctx, messages)
	note(metrics.From(ctx), report)
	answer := queueAnswer{Failures: []failure{}}
	for _, id := range report.Failed {
		answer.Failures = append(answer.Failures, failure{id})
	}
	return json.Marshal(answer)
}

// note puts what became of a batch into the line of the invocation.
func note(line *metrics.Line, r notify.Report) {
	line.Set("alerts", r.Alerts)
	line.Set("deliverAgain", len(r.Failed))
	line.Set("memoryFailed", r.MemoryFailed)
	line.Set("forwarded", r.Forwarded)
	line.Add(metrics.MailsSent, float64(r.MailsSent))
	line.Add(metrics.MailsFailed, float64(r.MailsLost+r.NotForwarded))
	line.Add(metrics.Contention, float64(r.Contention))
}
