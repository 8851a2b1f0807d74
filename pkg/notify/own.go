package notify

import (
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline/principal"
)

// withoutOwnActor takes the actor out of an alert that names sgwarden itself. A call of sgwarden
// follows a call of somebody else.
func withoutOwnActor(a alert.Alert, roles []string) alert.Alert {
	if a.Actor == nil || !slices.Contains(roles, a.Actor.ARN) && !principal.IsSessionOf(a.Actor.ARN, roles) {
		return a
	}
	a.Actor, a.ExposureSeconds = nil, nil
	a.Findings = slices.Clone(a.Findings)
	for i := range a.Findings {
		a.Findings[i].OpenedByEvent = false
	}
	return a
}

// actorKey is the same for the same role and session. It is empty for nobody.
func actorKey(actor *alert.Actor) string {
	switch {
	case actor == nil:
		return ""
	case actor.ARN != "":
		return actor.ARN
	}
	return strings.Join([]string{"without an ARN", actor.Type, actor.InvokedBy, actor.SourceIP}, "\n")
}
