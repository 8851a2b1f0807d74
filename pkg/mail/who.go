package mail

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/alert"
)

const (
	unknown = "not known from an event"
	// parameterEvent is the detail-type of EventBridge's events of Parameter Store.
	parameterEvent = "Parameter Store Change"
)

// who says who did it, as far as an event names somebody.
func (v *view) who() string {
	a := v.actor()
	switch {
	case a != nil && v.worst.Actor != nil && v.situation == documentBroken && v.worst.Event.Name != parameterEvent:
		return "not known who wrote the document. The rules were changed by " + actorText(*a, v.worst.Account) + "."
	case a != nil && v.found() > 0:
		n := v.found()
		return fmt.Sprintf("%s, for %d of %s. No event says who brought about %s.", actorText(*a, v.worst.Account), len(v.items)-n, v.things(len(v.items), ""), either(n == 1, "the other one", fmt.Sprintf("the other %d", n)))
	case a != nil:
		return actorText(*a, v.worst.Account)
	case v.situation == canaryPassed || v.worst.Kind == alert.CanaryKind:
		return "nobody. The canary is sgwarden's own test."
	case v.situation == over && v.closedCount() > 0:
		return unknown + ". The alert that told of the finding says who brought it about, where that is known."
	case v.reasonBegins("the pause ended at"):
		return "nobody. The pause ended at its time."
	case v.expired():
		return "nobody. What permitted the rules ended at its time."
	case v.change != nil && strings.Contains(v.change.Reason, "CloudTrail's DeleteParameter"):
		return unknown + ". The event DeleteParameter in CloudTrail says who it was."
	}
	if v.isUnrelatedEvent() {
		return unknown + ". The event in the details did not bring about " + either(len(v.items) == 1, "the "+v.thing(), "the "+either(v.thing() == "rule", "rules", "entries")) + "."
	}
	return unknown
}

// isUnrelatedEvent reports whether an event led to the alert and brought about none of the
// rules.
func (v *view) isUnrelatedEvent() bool {
	return v.change == nil && v.worst.Event.ID != "" && (v.worst.Kind == alert.Drift || v.worst.Kind == alert.GuardrailKind) &&
		len(v.items) > 0 && !slices.ContainsFunc(v.items, func(i item) bool { return i.OpenedByEvent })
}

// found counts the rules that no event brought about, where events brought about others.
func (v *view) found() (n int) {
	for _, i := range v.items {
		if !i.OpenedByEvent {
			n++
		}
	}
	if v.change != nil || n == len(v.items) {
		return 0
	}
	return n
}

// actor is the first one that an alert names.
func (v *view) actor() *alert.Actor {
	for _, a := range v.story.Alerts {
		if a.Actor != nil && *a.Actor != (alert.Actor{}) {
			return a.Actor
		}
	}
	return nil
}

func (v *view) reasonBegins(text string) bool {
	return slices.ContainsFunc(v.story.Alerts, func(a alert.Alert) bool { return strings.HasPrefix(a.Reason, text) })
}

// identity is what an actor's ARN says.
type identity struct{ account, role, session, user, other string }

// identityOf reads the ARNs of the IAM User Guide, "IAM identifiers": an assumed
// role's session, a user, a federated user.
func identityOf(arn string) (i identity) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return identity{other: arn}
	}
	i.account = parts[4]
	kind, rest, _ := strings.Cut(parts[5], "/")
	last := rest[strings.LastIndex(rest, "/")+1:]
	switch kind {
	case "assumed-role":
		i.role, i.session, _ = strings.Cut(rest, "/")
	case "role":
		i.role = last
	case "user", "federated-user":
		i.user = last
	default:
		i.other = arn
	}
	return i
}

// actorText names an actor: the role and the session, a user, root, or a service by
// its name.
func actorText(a alert.Actor, account string) string {
	i := identityOf(a.ARN)
	var parts []string
	switch {
	case isService(a, i):
		parts = append(parts, "service "+name(a.InvokedBy))
	case a.Type == "Root" || strings.HasSuffix(a.ARN, ":root"):
		parts = append(parts, "the root user of the account")
	case i.role != "":
		parts = append(parts, "role "+name(i.role))
		if i.session != "" {
			parts = append(parts, "session "+name(i.session))
		}
	case i.user != "":
		parts = append(parts, either(strings.Contains(a.ARN, ":federated-user/"), "federated user ", "IAM user ")+name(i.user))
	case i.other != "":
		parts = append(parts, name(i.other))
	case a.Type != "":
		parts = append(parts, "an identity of type "+name(a.Type)+" (the event names no ARN)")
	case a.InvokedBy == "":
		parts = append(parts, "an identity that the event does not name")
	}
	if i.account != "" && account != "" && i.account != account {
		parts = append(parts, "account "+name(i.account))
	}
	return strings.Join(append(parts, actorDetails(a, i)...), ", ")
}

// actorDetails say who stands behind an actor, and from where the call came.
func actorDetails(a alert.Actor, i identity) (parts []string) {
	if a.SourceIdentity != "" {
		parts = append(parts, "source identity "+name(a.SourceIdentity))
	}
	switch {
	case a.InvokedBy == "" || isService(a, i):
	case a.InvokedBy == "signin.amazonaws.com":
		parts = append(parts, "through the AWS console")
	default:
		parts = append(parts, "through "+name(a.InvokedBy))
	}
	if a.SourceIP != "" && a.SourceIP != a.InvokedBy {
		parts = append(parts, "from "+name(a.SourceIP))
	}
	return parts
}

// isService reports whether an AWS service acted by itself: without an ARN, or by its
// service-linked role.
func isService(a alert.Actor, i identity) bool {
	return a.InvokedBy != "" && (a.ARN == "" || strings.HasPrefix(i.role, "AWSServiceRoleFor"))
}

// anonymousSession is session names made up by tools, not by people: they name nobody whom one could ask.
var anonymousSession = lazily(`(?i)^(botocore-session-.*|aws-?sdk-.*|aws-?cli-.*|awscli.*|i-[0-9a-f]+|[0-9._-]+|[0-9a-f-]{20,})$`)

// askWhom is whom a person can ask about it: "ana", "the owner of role terraform-ci".
func askWhom(a *alert.Actor) string {
	if a == nil {
		return ""
	}
	i := identityOf(a.ARN)
	switch {
	case isService(*a, i):
		return ""
	case a.SourceIdentity != "":
		return name(a.SourceIdentity)
	case i.user != "":
		return name(i.user)
	case i.session != "" && !anonymousSession().MatchString(i.session):
		return name(i.session)
	case i.role != "":
		return "the owner of role " + name(i.role)
	case a.Type == "Root" || strings.HasSuffix(a.ARN, ":root"):
		return "those who may use the root user"
	}
	return ""
}
