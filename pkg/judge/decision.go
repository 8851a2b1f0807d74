// Package judge decides what is wrong with a security group and what follows. It
// is pure: values in, one Decision out. It makes no call to AWS and has no clock.
//
// The event, the sweep and the commands all ask this package, so they cannot
// disagree.
package judge

import (
	"slices"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// Decision is what a document says about a group: what is wrong, and what to do
// about it. It says nothing of whether EC2 may be changed at all; that is the
// caller's to know.
type Decision struct {
	Kind alert.Kind
	// Enforce is the document's mode: violations are revoked, not only reported.
	Enforce bool
	// Violations are the live ones in the order of the live rules, and then those
	// that the event names and that are not live.
	Violations []Violation
	// Pending are violations that a trusted principal's call opened. They wait for
	// approval and are not revoked.
	Pending []Violation
	// InGrace are live rules that are permitted only because an earlier version of
	// the baseline permitted them until recently.
	InGrace []InGrace
	// NotCanonical are live rules that have no canonical form. They are reported
	// and never judged.
	NotCanonical []secgroup.LiveRule
	// Protect is approved traffic that of the live rules only violations carry
	// which may have carried it for long. It is authorised before those
	// violations are revoked.
	Protect []secgroup.ApprovedRule
	// Missing are approved rules that were not there before.
	Missing []secgroup.ApprovedRule
	// Restore says that missing rules are to be put back.
	Restore bool
	// Redundant are live, permitted rules that are not written in the baseline and
	// whose traffic other live rules carry that are. Where the group's quota leaves
	// no room for a missing rule, they are revoked to make room.
	Redundant []secgroup.LiveRule
}

// Violation is a rule that is not permitted.
type Violation struct {
	secgroup.LiveRule
	// NotLive says that the rule is not live. It was an exposure all the same.
	NotLive bool
	// MaybeLive says that the rule's id is not among the live rules that were read: the rule
	// may still be live if the answer was an old one.
	MaybeLive bool
	// OpenedByEvent says that the event's call opened the rule, so that it is known
	// who did it and since when the rule was open.
	OpenedByEvent bool
	// Added says that the event's call was an Authorize call which added the rule.
	// Nothing can have relied on the rule before that call.
	Added bool
	// ReportedByRetry says that a retry of the event would report the rule even if the
	// rule is not live by then.
	ReportedByRetry bool

	reason func() string
}

// Reason says in one line why the rule is not permitted. It is made only when it
// is asked for, since the revoke does not wait for it.
func (v Violation) Reason() string { return v.reason() }

// Empty reports whether there is nothing to do and nothing to report.
func (d Decision) Empty() bool {
	return len(d.Violations)+len(d.Pending)+len(d.NotCanonical)+len(d.Missing) == 0
}

// Revokes reports whether there is a violation to revoke: a live one, or one that
// the live rules did not show and that is revoked by its id.
func (d Decision) Revokes() bool {
	return slices.ContainsFunc(d.Violations, func(v Violation) bool { return !v.NotLive || v.MaybeLive })
}
