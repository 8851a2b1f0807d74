package notify

import (
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

// isOwn reports whether an ARN is of one of the roles, or of a session of one:
// arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION of arn:aws:iam::ACCOUNT:role/PATH/NAME.
func isOwn(arn string, roles []string) bool {
	return slices.ContainsFunc(roles, func(role string) bool {
		before, name, _ := strings.Cut(role, ":role/")
		session := strings.Replace(before, ":iam:", ":sts:", 1) + ":assumed-role/" + name[strings.LastIndex(name, "/")+1:] + "/"
		return arn == role || strings.HasPrefix(arn, session)
	})
}

// disown takes the actor out of an alert that names sgwarden itself. What sgwarden does
// follows what somebody else did.
func disown(a alert.Alert, roles []string) alert.Alert {
	if a.Actor == nil || !isOwn(a.Actor.ARN, roles) {
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
