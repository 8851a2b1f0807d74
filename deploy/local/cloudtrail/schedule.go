package cloudtrail

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Scheduled returns the message with which a rule on a schedule invokes its targets:
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
// Account and region are those of the rule's ARN, arn:aws:events:REGION:ACCOUNT:rule/NAME. It fails for what isn't one,
// and without id or time.
func Scheduled(ruleARN, envelopeID string, at time.Time) (json.RawMessage, error) {
	parts := strings.SplitN(ruleARN, ":", 6)
	if len(parts) != 6 || parts[2] != "events" {
		return nil, fmt.Errorf("make the event of schedule %q: that is no ARN of a rule", ruleARN)
	}
	message, err := envelope{
		ID: envelopeID, DetailType: "Scheduled Event", Source: "aws.events", Account: parts[4], Region: parts[3],
		Time: at, Resources: []string{ruleARN}, Detail: object{},
	}.message()
	if err != nil {
		return nil, fmt.Errorf("make the event of schedule %s: %w", ruleARN, err)
	}
	return message, nil
}
