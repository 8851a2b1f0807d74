// Package secgroup holds the domain types of security groups: what a live rule is,
// what a group is, a rule to authorise, and what AWS can answer that is more than
// a failure. It stands below the adapters, so that no adapter imports the logic.
package secgroup

import (
	"errors"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// LiveRule is a rule that EC2 says a group has.
type LiveRule struct {
	ID          string // sgr-…
	Rule        rule.Rule
	Description string
	Owner       string // account of a referenced group; empty once that group is deleted
	GroupOwner  string // account of the rule's own group; empty where EC2 does not say
	// NotCanonical says why the rule has no canonical form; Text then is what EC2
	// said. Such a rule is reported and never judged.
	NotCanonical error
	Text         string
}

// GroupRule is a live rule with the id of its group, as a list over all groups
// gives it.
type GroupRule struct {
	GroupID string
	LiveRule
}

// IsForeign reports whether a group belongs to another account than the one given. Other
// accounts share groups and VPCs through AWS RAM, and AWS does not document whether EC2
// shows such groups' rules here. Where either account is not known, IsForeign is false.
func IsForeign(owner, account string) bool {
	return owner != "" && account != "" && owner != account
}

// Group is what an alert says of a security group, and its tag.
type Group struct {
	ID, Name, VpcID string
	Tag             string // value of the group's tag TagKey; empty where the group has none
}

// TagKey is the key of the tag that can limit which groups sgwarden changes. The policies
// of the template name the same key.
const TagKey = "sgwarden"

// Interfaces counts the network interfaces that use a group.
type Interfaces struct {
	Total  int
	Public int  // those with a public address
	More   bool // there are more than were counted
}

// ApprovedRule is a rule that can be authorised: the rule, the description that
// the baseline gives it, and the owner of a referenced group.
type ApprovedRule struct {
	Rule        rule.Rule
	Description string
	Owner       string // account of a referenced group; empty where nobody knows it
}

// What AWS can answer that is more than a failure. An error that wraps none of
// these is transient: the call was throttled, or it failed in a way that may pass.
var (
	// ErrNotFound says that the rule or the group does not exist any more. For a revoke
	// this is success.
	ErrNotFound = errors.New("it does not exist any more")
	// ErrDuplicate says that a rule of an authorise call exists already. EC2 then
	// authorises none of the call's rules.
	ErrDuplicate = errors.New("one of the rules exists already")
	// ErrFull says that the group has as many rules as EC2 allows.
	ErrFull = errors.New("the group's quota of rules is used up")
	// ErrManaged says that an AWS service manages the group, and that EC2 lets
	// nobody edit the group.
	ErrManaged = errors.New("the group is managed by an AWS service, which lets nobody edit it")
	// ErrRejected says that EC2 rejects a change of a group for good, for a reason that
	// is not known here. AWS does not document how EC2 refuses to change a group that an
	// AWS service manages, so the reason may be that one.
	ErrRejected = errors.New("EC2 rejects the change for good, as it may do where an AWS service manages the group")
	// ErrRefused says that AWS denies the call, or that the call can never succeed.
	// People are notified at once, since no retry helps.
	ErrRefused = errors.New("AWS refuses the call")
)

// IsTransient reports whether an error may pass by itself: a call that was
// throttled, answered with a 5xx, or broken off.
func IsTransient(err error) bool {
	if err == nil {
		return false
	}
	for _, final := range []error{ErrNotFound, ErrDuplicate, ErrFull, ErrManaged, ErrRejected, ErrRefused} {
		if errors.Is(err, final) {
			return false
		}
	}
	return true
}

// IsUnchangeable reports whether an error says that EC2 lets nobody change the group as
// asked. People are notified, and no retry is asked for. The next sweep tries again.
func IsUnchangeable(err error) bool {
	return errors.Is(err, ErrManaged) || errors.Is(err, ErrRejected)
}
