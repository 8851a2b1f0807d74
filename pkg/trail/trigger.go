// Package trail turns the message that EventBridge hands to a function into a
// Trigger, or into "nothing to do" with the reason. It never fails and never
// panics, whatever the message holds.
package trail

import (
	"net/netip"
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Kind says what a trigger asks for.
type Kind uint8

// The kinds of trigger.
const (
	// RulesChanged: judge the group.
	RulesChanged Kind = iota
	// GroupDeleted: report it, if the group has a baseline.
	GroupDeleted
	// VPCCreated: judge the default security group of the VPC, which was created with the VPC.
	VPCCreated
	// VPCDeleted: the VPC's default security group was deleted too. Nobody knows its id.
	VPCDeleted
	// UseChanged: report it, if the group is guarded. It can be used in another VPC, or no longer.
	UseChanged
	// ParameterChanged: report what changed, and judge the group if it is a baseline's.
	ParameterChanged
	// PrefixListChanged: judge the managed prefix list.
	PrefixListChanged
	// PrefixListDeleted: report it, if the managed prefix list has a document.
	PrefixListDeleted
)

// Trigger asks to judge one security group or one prefix list, and says what is known
// of the change and of who made it. One of GroupID and GroupName is set where Kind is
// RulesChanged, GroupDeleted or UseChanged, VpcID where Kind is VPCCreated or VPCDeleted,
// and PrefixListID where a prefix list changed. Every other field may be empty.
type Trigger struct {
	Kind      Kind
	EventID   string // CloudTrail's eventID: the same in every delivery of one call
	EventName string
	Time      time.Time // when the call was made, in whole seconds
	Account   string
	Region    string
	Actor     Actor
	// Principal is the ARN of the IAM role or user that acted, whatever a session
	// is called. Empty where CloudTrail names none, as for a service of AWS.
	Principal string
	GroupID   string
	// GroupName stands in for the id where the call named the group by name,
	// which EC2 allows in the default VPC only.
	GroupName string
	// VpcID is of the VPC that was created or deleted, or in which the group can be used.
	VpcID string
	// LookedUp says that GroupID was found by the name. A retry may find no group of
	// that name any more.
	LookedUp bool
	Changes  []Change
	// MayRemove says that the call can have taken approved rules away; Removed
	// which ones, where the event names them.
	MayRemove bool
	Removed   []rule.Rule
	// PrefixListID is the managed prefix list that changed, and Entries says which
	// entries the call named.
	PrefixListID string
	Entries      EntryChanges
	// Parameter and Operation (Create, Update, Delete) are those of a changed parameter.
	Parameter, Operation string
	// Late says that a sweep found the change of the parameter, and that no event reported it.
	Late bool
	// Unparsed holds what the event says that has no canonical rule. The live
	// rules decide all the same.
	Unparsed []error
}

// Actor is who made the call, as CloudTrail's userIdentity says.
type Actor struct {
	Type      string
	ARN       string
	SourceIP  string // an address, or a service such as cloudformation.amazonaws.com
	UserAgent string
	InvokedBy string
	// SourceIdentity is what was set for a role's session when the role was assumed,
	// such as a person's name. No session that follows can change that (IAM User
	// Guide, "Monitor and control actions taken with assumed roles"). Often empty.
	SourceIdentity string
}

// Change is one single-source rule that an event names.
type Change struct {
	Rule        rule.Rule
	RuleID      string // sgr-…, or empty where the event does not have it
	Description string
	// EitherDirection is set where the event does not say the direction; Rule
	// then has Ingress.
	EitherDirection bool
}

// EntryChanges are the entries of a prefix list that an event names. A call that
// restores an earlier version names none.
type EntryChanges struct{ Added, Removed []netip.Prefix }

// Nothing is why a message is not a trigger.
type Nothing struct {
	Reason string
	// Cause is the reason as one of a few words, for counting.
	Cause Cause
	// NeedsSweep is set where a group did change and the event does not say which.
	NeedsSweep bool
}

// Rules returns the rules that the change may stand for: one, or one for each
// direction where the event does not say which.
func (c Change) Rules() []rule.Rule {
	if !c.EitherDirection {
		return []rule.Rule{c.Rule}
	}
	egress := c.Rule
	egress.Direction = rule.Egress
	return []rule.Rule{c.Rule, egress}
}
