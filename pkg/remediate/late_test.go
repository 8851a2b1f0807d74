package remediate_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

func TestAVersionThatASweepFoundIsReportedAsLateAndJudgesNothing(t *testing.T) {
	t.Parallel()
	written := now.Add(-time.Hour)
	approval := `{"schema":1,"rules":["` + ssh + `"],"expires":"2026-11-22T00:00:00Z","reason":"INC-1"}`
	for name, c := range map[string]struct {
		value string
		kind  alert.Kind
	}{
		"groups/" + group:                {document(), alert.BaselineChanged},
		"guardrail":                      {`{"schema":1,"forbid":[]}`, alert.BaselineChanged},
		"trust":                          {`{"schema":1,"principals":[]}`, alert.BaselineChanged},
		"pause":                          {`{"schema":1,"until":"2026-11-22T00:00:00Z","reason":"CHG-1"}`, alert.Paused},
		"approvals/" + group + "/oncall": {approval, alert.ApprovalChanged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS([]string{ssh})
			parameter := "/sg-baseline/" + name
			v := version(1, c.value, written)
			v.Parameter = parameter
			a.history = map[string][]baseline.Version{parameter: {v}}
			trigger := trail.Trigger{
				Kind: trail.ParameterChanged, EventName: trail.ParameterEvent, Late: true, Operation: "Create",
				Parameter: parameter, Time: written.Truncate(time.Second), Account: "111122223333", Region: "us-east-1",
			}
			if _, err := a.remediator().ReportVersion(t.Context(), trigger); err != nil {
				t.Fatal(err)
			}
			reported := a.alerts(t)
			if len(reported) != 1 || reported[0].Kind != c.kind || !reported[0].Late || reported[0].Baseline.Version != 1 || reported[0].Baseline.Parameter != parameter ||
				reported[0].Actor == nil || reported[0].Actor.ARN != v.ModifiedBy {
				t.Errorf("got %+v", reported)
			}
			if len(a.live) != 1 || slices.Contains(a.calls, "revoke "+ssh) {
				t.Errorf("it changed the group: %v", a.calls)
			}
		})
	}
}
