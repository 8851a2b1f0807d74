package integration

import (
	"testing"

	"github.com/sgwarden/sgwarden/deploy/local/reference"
	"github.com/sgwarden/sgwarden/pkg/alert"
)

// The event of AWS comes some seconds after the call, when all is done. The event of the local AWS comes at once, so an event may come while
// the function still works; hence the events are fed to it again here once it has finished.
func TestTheEventsOfItsOwnCallsComeOutAsNothingToDo(t *testing.T) {
	t.Parallel()
	g := guarded(t, restoring, office, database)
	g.open(t, client, ssh)
	g.has(t, office, database)
	idle(t)
	first := ownEvents(g)
	if len(first) != 1 || first[0].name != "RevokeSecurityGroupIngress" || first[0].outcome != string(alert.None) {
		t.Fatalf("own events %+v, want a revoke that comes to nothing", first)
	}
	g.modify(t, office, world) // it authorises and revokes
	g.has(t, office, database)
	if err := reference.Revoke(t.Context(), client, g.id, database); err != nil { // it authorises
		t.Fatal(err)
	}
	g.has(t, office, database)
	idle(t)

	events, alerts := ownEvents(g), len(g.alerts(t))
	if len(events) < 4 {
		t.Fatalf("own events %+v, want two revokes and two authorisations at least", events)
	}
	for round := range 2 {
		for _, e := range events {
			local.PutEvent(e.event)
		}
		idle(t)
		again := ownEvents(g)[len(events)*(round+1):]
		if len(again) != len(events) {
			t.Errorf("%d own events came of %d that were fed", len(again), len(events))
		}
		for _, e := range again {
			if e.outcome != string(alert.None) {
				t.Errorf("%s came to %s: %s", e.name, e.outcome, e.reason)
			}
		}
	}
	if got := g.alerts(t); len(got) != alerts {
		t.Errorf("alerts besides: %+v", got[alerts:])
	}
	g.has(t, office, database)
}

func ownEvents(g group) []entry {
	var own []entry
	for _, e := range handled.about(g.id) {
		if e.own() {
			own = append(own, e)
		}
	}
	return own
}
