package main

import (
	"context"

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

// Handle tells people of a batch of alerts.
func (h handler) Handle(ctx context.Context, event queueEvent) (queueAnswer, error) {
	messages := make([]notify.Message, len(event.Records))
	for i, r := range event.Records {
		messages[i] = notify.Message{ID: r.MessageID, Body: r.Body}
	}
	report := h.notifier.Notify(ctx, messages)
	answer := queueAnswer{Failures: []failure{}}
	for _, id := range report.Failed {
		answer.Failures = append(answer.Failures, failure{id})
	}
	return answer, nil
}
