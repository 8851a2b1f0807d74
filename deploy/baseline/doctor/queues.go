package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// DeadLetters checks that no message waits in a dead-letter queue.
func DeadLetters(ctx context.Context, desk deadletters.Desk, stack deadletters.Stack) []Check {
	var problems []Check
	for _, q := range stack.Queues {
		name := "queue " + q.Name
		visible, inFlight, err := desk.Waiting(ctx, q)
		switch {
		case err != nil:
			problems = append(problems, unknown(name, "sqs:GetQueueAttributes", err))
		case visible+inFlight > 0:
			problems = append(problems, Check{name, Fail, fmt.Sprintf("%s nobody could deal with", words.Count(visible+inFlight, "message")), command(stack, "deploy/redrive.sh")})
		}
	}
	return orPassed(problems, passed("queues", "%s: all empty", words.Count(len(stack.Queues), "dead-letter queue")))
}

// oldestAlert is how long an alert may wait to become a mail: as long as the template's
// AlertQueueAgeAlarm allows.
const oldestAlert = 20 * time.Minute

// AlertQueue checks that alerts become mails in time. SQS reports the age of its oldest message
// only as a metric.
func AlertQueue(ctx context.Context, client Metrics, stack deadletters.Stack, now time.Time) []Check {
	const name = "alert queue"
	url := stack.Outputs["AlertQueueUrl"]
	age := metric{namespace: "AWS/SQS", name: "ApproximateAgeOfOldestMessage", dimension: "QueueName", value: url[strings.LastIndex(url, "/")+1:], stat: "Maximum"}
	series, err := read(ctx, client, now.Add(-15*time.Minute), now, age)
	if err != nil {
		return []Check{unknown(name, "cloudwatch:GetMetricData", err)}
	}
	// SQS publishes nothing of a queue that was empty for 6 hours (SQS Developer Guide,
	// "Monitoring Amazon SQS queues using CloudWatch").
	latest, is := series[0].latest()
	if wait := time.Duration(latest.value) * time.Second; is && wait > oldestAlert {
		return []Check{{
			name, Fail, fmt.Sprintf("an alert has waited for %s to become a mail", words.Length(wait)),
			"deploy/RUNBOOK.md#alertqueueagealarm",
		}}
	}
	return []Check{passed(name, "no alert has waited for more than %s to become a mail", words.Length(oldestAlert))}
}
