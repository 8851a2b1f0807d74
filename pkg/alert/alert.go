// Package alert is what sgwarden reports: the alert as a machine reads it, as a
// person reads it, and as SNS carries it.
package alert

import (
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// SchemaVersion is the version of the alert's JSON.
const SchemaVersion = 1

// Kind says what an alert is about.
type Kind string

// The kinds of alert.
const (
	Drift            Kind = "drift"
	GuardrailKind    Kind = "guardrail" // a group without a baseline broke the guardrail
	ExceptionExpired Kind = "exception-expired"
	BaselineError    Kind = "baseline-error"
	BaselineChanged  Kind = "baseline-changed"
	ApprovalChanged  Kind = "approval-changed"
	PendingKind      Kind = "pending" // a trusted principal's change waits for approval
	Paused           Kind = "paused"
	CanaryKind       Kind = "canary"      // sgwarden's own test rule, see CanaryRule
	PrefixListKind   Kind = "prefix-list" // entries of a managed prefix list are not as approved
)

// Outcome says what became of the violations, as a whole.
type Outcome string

// The outcomes of a run.
const (
	Reverted    Outcome = "reverted"
	WouldRevert Outcome = "would-revert" // mode alert
	Partial     Outcome = "partial"
	Failed      Outcome = "failed"
	AlreadyGone Outcome = "already-gone"
	Pending     Outcome = "pending"
	None        Outcome = "none"
)

// Verdict says what is wrong with a rule.
type Verdict string

// Violation is a rule that isn't permitted, Missing an approved one that isn't there.
const (
	Violation Verdict = "violation"
	Missing   Verdict = "missing"
)

// Action says what was done about a finding.
type Action string

// The actions on a finding.
const (
	ActionRevoked     Action = "revoked"
	ActionRestored    Action = "restored"
	ActionNone        Action = "none"
	ActionFailed      Action = "failed"
	ActionAlreadyGone Action = "already-gone"
	ActionPending     Action = "pending"
)

// Alert is the public JSON document. Make it with New, which fills in what
// follows from the rest.
type Alert struct {
	Schema int `json:"schema"`
	// ID is the same for the same facts, so that a repeated delivery can be recognised.
	ID        string   `json:"id"`
	Kind      Kind     `json:"kind"`
	Outcome   Outcome  `json:"outcome"`
	Severity  Severity `json:"severity"`
	Account   string   `json:"account"`
	Region    string   `json:"region"`
	GroupID   string   `json:"groupId"`
	GroupName string   `json:"groupName"`
	VpcID     string   `json:"vpcId"`
	// PrefixListID and PrefixListName are of the managed prefix list that the alert is
	// about. GroupID is empty then.
	PrefixListID   string `json:"prefixListId,omitempty"`
	PrefixListName string `json:"prefixListName,omitempty"`
	// Interfaces says how many network interfaces use the group. It is nil where
	// nobody asked, or where EC2 did not answer in time.
	Interfaces *Interfaces `json:"interfaces,omitempty"`
	// Peers are the names of the security groups that the findings refer to, by id.
	Peers map[string]string `json:"peers,omitempty"`
	// Reason says what no finding can: what is wrong with a baseline, or what
	// changed about it.
	Reason string `json:"reason,omitempty"`
	// PermitsMore and PermitsLess compare a changed baseline with the version
	// before, in rule text.
	PermitsMore []string `json:"permitsMore,omitempty"`
	PermitsLess []string `json:"permitsLess,omitempty"`
	Event       Event    `json:"event"`
	// Actor is who made the event's call. It is nil where the event brought about
	// none of the findings, and where sgwarden itself made the call.
	Actor    *Actor    `json:"actor,omitempty"`
	Findings []Finding `json:"findings"`
	// Closed are findings that earlier alerts reported as open and that are over.
	Closed []Closed `json:"closed,omitempty"`
	// ExposureSeconds runs from the event's time to the answer that confirmed
	// the revoke; null where nothing that the event opened was revoked.
	ExposureSeconds *float64 `json:"exposureSeconds"`
	Baseline        Baseline `json:"baseline"`
	// Weakens says that the guard was weakened: a baseline or the guardrail deleted, a
	// direction no longer guarded, a mode set to alert, a pause, a trust entry.
	Weakens bool `json:"weakens,omitempty"`
	// Broken says that the baseline's parameter holds what is no document that sgwarden
	// can use, or has a name that says nothing to sgwarden. It is false where AWS did not
	// give the document.
	Broken bool `json:"broken,omitempty"`
	// RestoreOff says that missing rules are not put back because the baseline has
	// restore: false.
	RestoreOff bool `json:"restoreOff,omitempty"`
	// PendingName is the name of the approval under which rules wait.
	PendingName string `json:"pendingApproval,omitempty"`
	// MadeAt is when the alert was made: approvals that its commands write end some
	// hours later.
	MadeAt time.Time `json:"madeAt,omitzero"`
	// Late says that a sweep reports what an earlier run could not.
	Late bool `json:"late,omitempty"`
	// Actions are what a person can do now. Each command is complete and needs the AWS
	// CLI alone.
	Actions []Command `json:"actions"`
	// Approve is a shell command that permits the violations until 8 hours after the
	// alert, or 89 days where they are pending, and puts back what was revoked. Undo
	// puts back what was revoked, brings back a baseline's version before, or reverts
	// what is pending. Both repeat commands of Actions, for scripts.
	Approve string `json:"approve"`
	Undo    string `json:"undo"`
}

// Command is one thing that a person can do, as one or more lines for a shell.
type Command struct {
	Label   string `json:"label"`
	Command string `json:"command"`
}

// Interfaces counts the network interfaces that use a group.
type Interfaces struct {
	Total  int `json:"total"`
	Public int `json:"public"` // those with a public IPv4 address or an IPv6 address that is not private
	// More says that the group has more interfaces than one page of
	// DescribeNetworkInterfaces holds, so that the counts are lower bounds.
	More bool `json:"more,omitempty"`
}

// Closed is a finding that was reported as open and is over: the rule is not live any
// more, is permitted now, or is back; or the document can be used again.
type Closed struct {
	// How says how it ended: "not live any more", "permitted now", "live again", "can be
	// used again", "as approved again".
	How     string    `json:"how"`
	Rule    string    `json:"rule,omitempty"` // rule text; empty where a document was the problem
	Verdict Verdict   `json:"verdict,omitempty"`
	Since   time.Time `json:"since"` // when it was reported first
}

// Event is the call that led to the alert.
type Event struct {
	ID   string    `json:"id"`
	Name string    `json:"name"`
	Time time.Time `json:"time,omitzero"`
}

// Actor is who made the call, as CloudTrail says.
type Actor struct {
	Type      string `json:"type"`
	ARN       string `json:"arn"`
	SourceIP  string `json:"sourceIp"`
	UserAgent string `json:"userAgent"`
	InvokedBy string `json:"invokedBy"`
	// SourceIdentity is what was set when a role was assumed, such as a person's name.
	// No session that follows can change that. Often empty.
	SourceIdentity string `json:"sourceIdentity"`
}

// Baseline is the parameter that was in force.
type Baseline struct {
	Parameter string `json:"parameter"`
	Version   int64  `json:"version"`
}

// Finding is one single-source rule and what was done about it.
type Finding struct {
	Rule        string  `json:"rule"` // rule text, or the text of a prefix list's entry, see EntryText
	RuleID      string  `json:"ruleId"`
	Description string  `json:"description"`
	Verdict     Verdict `json:"verdict"`
	// OpenedByEvent says that the event's call brought the finding about: it opened the
	// violation, or it revoked the missing rule.
	OpenedByEvent bool   `json:"openedByEvent"`
	Reason        string `json:"reason"`
	Action        Action `json:"action"`
	Error         string `json:"error"`

	// Owner is the account of a referenced group, as EC2 names it.
	Owner string `json:"peerOwner,omitempty"`
	// OpensPublic says of an entry of a prefix list that it opens the world, or public
	// addresses that are not approved.
	OpensPublic bool `json:"opensPublic,omitempty"`
	// Canonical is the rule itself; the zero Rule where it could not be read.
	Canonical rule.Rule `json:"-"`
}

// Nothing is the return value of a run that has nothing to report.
type Nothing struct {
	Outcome Outcome `json:"outcome"` // always None
	Reason  string  `json:"reason"`
}
