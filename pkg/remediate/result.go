package remediate

import (
	"encoding/json"
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Result is what became of one message or one group: an alert, or the reason why
// there is none.
type Result struct {
	Alert  *alert.Alert
	Reason string // set where Alert is nil
	// Cause is the reason as one of a few words. It is empty where Alert is not nil.
	Cause trail.Cause
	// Subject is of the message that Handle took, also where nothing had to be done.
	Subject Subject
}

// Subject says which message a result is of. Each field may be empty.
type Subject struct {
	EventID, EventName string
	GroupID            string
	PrefixListID       string
	ActorARN           string
}

// DelayedRevokes counts the findings whose revoke is delayed: approved traffic that the
// rules carry could not be authorised first, and is tried again.
func (r Result) DelayedRevokes() (delayed int) {
	if r.Alert == nil {
		return 0
	}
	for _, f := range r.Alert.Findings {
		if f.Error == errDelayed.Error() {
			delayed++
		}
	}
	return delayed
}

// Outcome is the alert's, and none where there is no alert.
func (r Result) Outcome() alert.Outcome {
	if r.Alert == nil {
		return alert.None
	}
	return r.Alert.Outcome
}

// maxAnswered is how many findings a function's answer lists. Lambda takes at most
// 6 MB (Lambda quotas, "Invocation payload"); the alerts on the topic hold them all.
const maxAnswered = 2000

// MarshalJSON writes the alert, or {"outcome":"none","reason":"…"}.
func (r Result) MarshalJSON() ([]byte, error) {
	if r.Alert == nil {
		return json.Marshal(alert.Nothing{Outcome: alert.None, Reason: r.Reason})
	}
	answered := *r.Alert
	if more := len(answered.Findings) - maxAnswered; more > 0 {
		answered.Findings = answered.Findings[:maxAnswered]
		answered.Reason = fmt.Sprintf("%d more findings are in the alerts on the topic", more)
		outcome := answered.Severity
		answered = alert.New(answered)
		answered.Severity = outcome // of all findings
	}
	return json.Marshal(answered)
}

func nothing(cause trail.Cause, reason string) Result { return Result{Cause: cause, Reason: reason} }

func resultOf(a alert.Alert) Result { return Result{Alert: &a} }
