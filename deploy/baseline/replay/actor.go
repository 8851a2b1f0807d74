package replay

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/trail"
)

// ssoRole is in the ARN of each role that IAM Identity Center makes (IAM Identity Center
// User Guide, "AWS managed roles").
const ssoRole = ":role/aws-reserved/sso.amazonaws.com/"

// actorOf returns who made a call, for people: the ARN of the role or user. A role that
// many people take has the person behind, where whoever began the session could not choose
// the name: the source identity, or the session of IAM Identity Center, which is the
// person's user name.
func actorOf(t trail.Trigger) string {
	who := cmp.Or(t.Principal, t.Actor.ARN, t.Actor.InvokedBy, t.Actor.Type, "not known")
	person := t.Actor.SourceIdentity
	if at := strings.LastIndex(t.Actor.ARN, "/"); person == "" && strings.Contains(t.Principal, ssoRole) && at >= 0 {
		person = t.Actor.ARN[at+1:]
	}
	switch {
	case person != "":
		return fmt.Sprintf("%s (%s)", who, person)
	case t.Actor.InvokedBy != "" && t.Actor.InvokedBy != who:
		return fmt.Sprintf("%s (by %s)", who, t.Actor.InvokedBy)
	}
	return who
}
