package integration

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/sweep"
)

// The tests in this file are not parallel, so that they run before all others: a sweep, and a guardrail, is about every
// group of the region.

func runSweep(t *testing.T) sweep.Summary {
	t.Helper()
	deliveries, err := local.RunSchedules(t.Context())
	if err != nil || len(deliveries) != 1 || deliveries[0].Result.Error != nil {
		t.Fatalf("deliveries %+v, error %v", deliveries, err)
	}
	var summary sweep.Summary
	if err := json.Unmarshal(deliveries[0].Result.Payload, &summary); err != nil {
		t.Fatal(err)
	}
	idle(t)
	return summary
}

func TestASweepFindsWhatNoEventReported(t *testing.T) {
	drifted, kept := guarded(t, nil, office), guarded(t, nil, office)
	expired, ending, broken, lacking := unguarded(t, office, database), unguarded(t, database), unguarded(t, ssh), guarded(t, nil, office)
	idle(t)
	now := time.Now()
	drifted.open(t, unheard, ssh)
	withExpired := expired.document(t, office)
	withExpired.AllowUntil(parse(t, database), "", now.Add(-time.Second), "INC-1 repair", "ana@example.com")
	put(t, unheardParameters, withExpired)
	withEnding := ending.document(t)
	withEnding.AllowUntil(parse(t, database), "", now.Add(5*time.Hour), "INC-2 repair", "bob@example.com")
	put(t, unheardParameters, withEnding)
	putText(t, unheardParameters, broken.parameter(), "{", ssmtypes.ParameterTypeString)
	put(t, unheardParameters, lacking.document(t, office, "egress tcp 443 0.0.0.0/0"))
	idle(t)
	drifted.has(t, office, ssh)

	summary := runSweep(t)
	drifted.has(t, office)
	kept.has(t, office)
	expired.has(t, office)
	ending.has(t, database)
	broken.has(t, ssh)
	lacking.has(t, office)

	a := drifted.reported(t, alert.Drift)
	want(t, "drift", []string{"violation: revoked: " + ssh}, actions(a))
	if a.Event.Name != sweep.EventName || a.Outcome != alert.Reverted {
		t.Errorf("alert %+v", a)
	}
	a = expired.reported(t, alert.ExceptionExpired)
	want(t, "expired exception", []string{"violation: revoked: " + database}, actions(a))
	for _, about := range []string{"INC-1 repair", "ana@example.com"} {
		if !strings.Contains(a.Findings[0].Reason, about) {
			t.Errorf("reason %q lacks %s", a.Findings[0].Reason, about)
		}
	}
	broken.reported(t, alert.BaselineError)
	want(t, "missing", []string{"missing: none: egress tcp 443 0.0.0.0/0"}, actions(lacking.reported(t, alert.Drift)))
	kept.quiet(t)
	ending.quiet(t)

	if summary.Drifting != 4 || summary.Baselines != 6 || summary.Errors != 0 || summary.Outcomes[alert.Reverted] != 2 {
		t.Errorf("summary %+v", summary)
	}
	if got := strings.Join(summary.EndingSoon, "\n"); len(summary.EndingSoon) != 1 || !strings.Contains(got, ending.id) || !strings.Contains(got, "INC-2") {
		t.Errorf("ending soon: %q", summary.EndingSoon)
	}
	for _, g := range []group{drifted, expired} {
		for _, e := range ownEvents(g) {
			if e.outcome != string(alert.None) {
				t.Errorf("its own %s came to %s: %s", e.name, e.outcome, e.reason)
			}
		}
	}
	if again := runSweep(t); again.Drifting != 2 || again.Outcomes[alert.Reverted] != 0 {
		t.Errorf("the next sweep: %+v", again)
	}
	for _, g := range []group{drifted, kept, expired, ending, broken, lacking} {
		remove(t, g.parameter())
	}
	idle(t)
}

func TestTheGuardrailHoldsForGroupsWithoutABaseline(t *testing.T) {
	const parameter = prefix + "/guardrail"
	before := guardrailChanges(t)
	for _, mode := range []string{"alert", "enforce"} {
		t.Run(mode, func(t *testing.T) {
			open, tight, halves, swept := unguarded(t), unguarded(t), unguarded(t), unguarded(t, ssh)
			withBaseline := guarded(t, nil, ssh)
			putText(t, parameters, parameter, fmt.Sprintf(`{"schema":1,"mode":%q,"forbid":[{"direction":"ingress","protocol":"tcp","ports":"22"}]}`, mode), ssmtypes.ParameterTypeString)
			t.Cleanup(func() {
				remove(t, withBaseline.parameter())
				remove(t, parameter)
			})
			idle(t)
			open.open(t, client, ssh)
			tight.open(t, client, "ingress tcp 22 203.0.113.0/24")
			halves.open(t, client, "ingress tcp 22 0.0.0.0/1")
			halves.open(t, client, "ingress tcp 22 128.0.0.0/1")
			idle(t)
			if mode == "enforce" {
				open.has(t)
			} else {
				open.has(t, ssh)
			}
			outcome := map[string]alert.Outcome{"alert": alert.WouldRevert, "enforce": alert.Reverted}[mode]
			if a := open.reported(t, alert.GuardrailKind); a.Outcome != outcome || a.Baseline.Parameter != parameter {
				t.Errorf("alert %+v", a)
			}
			tight.quiet(t)
			tight.has(t, "ingress tcp 22 203.0.113.0/24")
			if mode == "enforce" && len(halves.live(t)) == 2 {
				t.Errorf("two halves of the world are left: %q", halves.live(t))
			}
			swept.quiet(t)
			runSweep(t)
			if a := swept.reported(t, alert.GuardrailKind); a.Outcome != outcome || a.Event.Name != sweep.EventName {
				t.Errorf("alert %+v", a)
			}
			withBaseline.quiet(t)
			withBaseline.has(t, ssh)
		})
	}
	idle(t)
	want(t, "alerts that the guardrail changed", before+4, guardrailChanges(t))
}

// guardrailChanges counts the alerts that the guardrail was changed.
func guardrailChanges(t *testing.T) int {
	t.Helper()
	n := 0
	for _, message := range local.Alerts() {
		if a := decode(t, message.JSON); a.Kind == alert.BaselineChanged && a.Baseline.Parameter == prefix+"/guardrail" {
			n++
		}
	}
	return n
}
