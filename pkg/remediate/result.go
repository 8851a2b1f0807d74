package remediate

import (
	"encoding/json"
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// Result is what became of one message or one group: an alert, or the reason why
// there is none.
type Result struct {
	Alert  *alert.Alert
	Reason string // set where Alert is nil
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

func nothing(reason string) Result { return Result{Reason: reason} }

func told(a alert.Alert) Result { return Result{Alert: &a} }
