package remediate_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// TestEveryWeakeningOfTheGuardIsHigh has beside each change that weakens the guard one
// that does not.
func TestEveryWeakeningOfTheGuardIsHigh(t *testing.T) {
	t.Parallel()
	const (
		groups   = "/sg-baseline/groups/" + group
		rail     = "/sg-baseline/guardrail"
		trust    = "/sg-baseline/trust"
		paused   = "/sg-baseline/pause"
		of       = `{"schema":1,"groupId":"` + group + `",`
		forbids  = `"forbid":[{"direction":"ingress","protocol":"tcp","ports":"22"}]}`
		both     = of + `"ingress":[],"egress":[]}`
		enforces = `{"schema":1,"mode":"enforce",` + forbids
	)
	hour := now.Add(time.Hour)
	for name, c := range map[string]struct {
		parameter, operation string
		versions             []string
		high                 bool
	}{
		"a baseline is deleted":                     {groups, "Delete", nil, true},
		"a baseline is created":                     {groups, "Create", []string{both}, false},
		"egress is not guarded any more":            {groups, "Update", []string{both, of + `"ingress":[]}`}, true},
		"egress becomes guarded":                    {groups, "Update", []string{of + `"ingress":[]}`, both}, false},
		"a baseline only alerts":                    {groups, "Update", []string{both, of + `"mode":"alert","ingress":[],"egress":[]}`}, true},
		"a baseline enforces again":                 {groups, "Update", []string{of + `"mode":"alert","ingress":[],"egress":[]}`, both}, false},
		"a baseline asks for covered, was exact":    {groups, "Update", []string{of + `"match":"exact","ingress":[],"egress":[]}`, both}, true},
		"a baseline asks for exact, was covered":    {groups, "Update", []string{both, of + `"match":"exact","ingress":[],"egress":[]}`}, false},
		"a baseline does not restore any more":      {groups, "Update", []string{of + `"restore":true,"ingress":[],"egress":[]}`, both}, false},
		"a baseline is broken":                      {groups, "Update", []string{both, `{`}, true},
		"the guardrail is deleted":                  {rail, "Delete", nil, true},
		"the guardrail is created":                  {rail, "Create", []string{enforces}, false},
		"the guardrail only alerts":                 {rail, "Update", []string{enforces, `{"schema":1,"mode":"alert",` + forbids}, true},
		"the guardrail enforces":                    {rail, "Update", []string{`{"schema":1,"mode":"alert",` + forbids, enforces}, false},
		"the guardrail forbids less":                {rail, "Update", []string{enforces, `{"schema":1,"mode":"enforce","forbid":[]}`}, true},
		"the guardrail forbids more":                {rail, "Update", []string{`{"schema":1,"mode":"enforce","forbid":[]}`, enforces}, false},
		"the guardrail is broken":                   {rail, "Update", []string{enforces, `{`}, true},
		"somebody is trusted":                       {trust, "Create", []string{trusting(ci)}, true},
		"somebody else is trusted too":              {trust, "Update", []string{`{"schema":1,"principals":[]}`, trusting(ci)}, true},
		"nobody is trusted any more":                {trust, "Update", []string{trusting(ci), `{"schema":1,"principals":[]}`}, false},
		"the trust document is deleted":             {trust, "Delete", nil, false},
		"the trust document is broken, trusts none": {trust, "Update", []string{trusting(ci), `{`}, false},
		"sgwarden is paused":                        {paused, "Create", []string{pausing(hour)}, true},
		"the pause is deleted":                      {paused, "Delete", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS(nil)
			a.history = map[string][]baseline.Version{}
			for i, text := range c.versions {
				a.history[c.parameter] = append(a.history[c.parameter], baseline.Version{Stored: baseline.Stored{
					Parameter: c.parameter, Version: int64(i + 1), Value: []byte(text), ModifiedAt: now.Truncate(time.Second).Add(-time.Hour * time.Duration(len(c.versions)-1-i)),
				}})
				if c.parameter == groups {
					a.document = text
				}
			}
			// That a broken document fails is for other tests: these cases are about what is reported.
			_, _ = a.remediator().Handle(context.Background(), parameterEvent(c.parameter, c.operation))
			got := slices.DeleteFunc(a.alerts(t), func(a alert.Alert) bool { return a.Kind != alert.BaselineChanged && a.Kind != alert.Paused })
			if len(got) != 1 || got[0].Weakens != c.high || (got[0].Severity == alert.High) != c.high {
				t.Errorf("got %+v", got)
			}
		})
	}
}
