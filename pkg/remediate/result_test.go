package remediate

import (
	"testing"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

func TestDelayedRevokesCountsTheRevokesThatWaitForAnotherTry(t *testing.T) {
	t.Parallel()
	delayed := alert.Finding{Action: alert.ActionFailed, Error: errDelayed.Error()}
	failed := alert.Finding{Action: alert.ActionFailed, Error: "denied"}
	for name, c := range map[string]struct {
		result Result
		want   int
	}{
		"no alert":                   {Result{}, 0},
		"none of the failed":         {resultOf(alert.Alert{Findings: []alert.Finding{failed}}), 0},
		"two of three that are open": {resultOf(alert.Alert{Findings: []alert.Finding{delayed, failed, delayed}}), 2},
	} {
		if got := c.result.DelayedRevokes(); got != c.want {
			t.Errorf("%s: %d delayed", name, got)
		}
	}
}
