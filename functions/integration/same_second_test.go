package integration

import (
	"slices"
	"testing"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

func TestTwoChangesOfABaselineInOneSecondAreReportedBoth(t *testing.T) {
	t.Parallel()
	g := guarded(t, nil, office)
	nextSecond(t)
	put(t, parameters, g.document(t, office, ssh)) // permits ssh from the world ...
	put(t, parameters, g.document(t, office))      // ... and hides it
	idle(t)
	for _, a := range g.alerts(t) {
		t.Logf("%s version %d: %s; more %q less %q", a.Event.ID, a.Baseline.Version, a.Reason, a.PermitsMore, a.PermitsLess)
		if a.Kind == alert.BaselineChanged && slices.Contains(a.PermitsMore, ssh) {
			return
		}
	}
	t.Error("no alert says that the world was permitted to use ssh")
}
