package trail_test

import (
	"slices"
	"testing"

	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

func TestEachMessageThatAsksForNothingHasACauseOfTheList(t *testing.T) {
	t.Parallel()
	seen := map[trail.Cause]bool{}
	messages := [][]byte{[]byte("{")}
	for _, name := range events.Names() {
		messages = append(messages, events.MustRead(name))
	}
	for _, message := range messages {
		_, nothing := trail.Parse(message)
		if nothing == nil {
			continue
		}
		seen[nothing.Cause] = true
		if !slices.Contains(trail.Causes(), nothing.Cause) {
			t.Errorf("%q is the cause of %s", nothing.Cause, nothing.Reason)
		}
	}
	for _, cause := range []trail.Cause{trail.Unrelated, trail.FailedCall, trail.NotJSON} {
		if !seen[cause] {
			t.Errorf("no message has the cause %s", cause)
		}
	}
}

func TestAFailedCallKeepsItsEventAndItsActor(t *testing.T) {
	t.Parallel()
	trigger, nothing := trail.Parse(events.MustRead("authorize-ingress-failed"))
	if nothing == nil || trigger.EventID == "" || trigger.EventName != "AuthorizeSecurityGroupIngress" || trigger.Actor.ARN == "" {
		t.Errorf("got %+v, %v", trigger, nothing)
	}
}
