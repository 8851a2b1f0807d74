package remediate_test

import (
	"testing"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Somebody approved the canary's rule: that it is missing is nothing of the canary's.
func TestAMissingCanaryIsDrift(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]error{"missing": nil, "its group was deleted": secgroup.ErrNotFound} {
		a := newAWS(nil, alert.CanaryRule.String())
		a.fail("group", fault)
		r := a.remediator()
		r.CanaryGroup = group
		if _, err := r.Reconcile(t.Context(), trail.Trigger{GroupID: group, MayRemove: true}); err != nil {
			t.Fatal(err)
		}
		if got := a.alerts(t); len(got) != 1 || got[0].Kind != alert.Drift {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestOnlyTheCanarysRuleOnItsGroupIsTheCanarys(t *testing.T) {
	t.Parallel()
	canary := alert.CanaryRule.String()
	cases := map[string]struct {
		group string
		live  []string
		want  alert.Kind
	}{
		"its rule on its group":          {group, []string{canary}, alert.CanaryKind},
		"another rule on its group":      {group, []string{ssh}, alert.Drift},
		"another rule beside the canary": {group, []string{canary, ssh}, alert.Drift},
		"its rule on another group":      {"sg-0b", []string{canary}, alert.Drift},
		"no canary":                      {"", []string{canary}, alert.Drift},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAWS(c.live)
			r := a.remediator()
			r.CanaryGroup = c.group
			if _, err := r.Handle(t.Context(), events.MustRead("create-group")); err != nil {
				t.Fatal(err)
			}
			got := a.alerts(t)
			if len(got) != 1 || got[0].Kind != c.want || got[0].Outcome != alert.Reverted {
				t.Errorf("got %+v", got)
			}
		})
	}
}
