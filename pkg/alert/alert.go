// Package alert is what sgwarden tells: the alert as a machine reads it, as a
// person reads it, and as SNS carries it.
package alert

import (
	"fmt"
	"slices"
	"strings"
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
	CanaryKind       Kind = "canary" // sgwarden's own test rule, see CanaryRule
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
	Schema    int      `json:"schema"`
	Kind      Kind     `json:"kind"`
	Outcome   Outcome  `json:"outcome"`
	Severity  Severity `json:"severity"`
	Account   string   `json:"account"`
	Region    string   `json:"region"`
	GroupID   string   `json:"groupId"`
	GroupName string   `json:"groupName"`
	VpcID     string   `json:"vpcId"`
	// Reason says what no finding can: what is wrong with a baseline, or what
	// changed about it.
	Reason string `json:"reason,omitempty"`
	// PermitsMore and PermitsLess compare a changed baseline with the version
	// before, in rule text.
	PermitsMore []string  `json:"permitsMore,omitempty"`
	PermitsLess []string  `json:"permitsLess,omitempty"`
	Event       Event     `json:"event"`
	Actor       Actor     `json:"actor"`
	Findings    []Finding `json:"findings"`
	// ExposureSeconds runs from the event's time to the answer that confirmed
	// the revoke; null where nothing was revoked.
	ExposureSeconds *float64 `json:"exposureSeconds"`
	Baseline        Baseline `json:"baseline"`
	// Weakens says that the guard was weakened: a baseline or the guardrail deleted, a
	// direction no longer guarded, a mode set to alert, a pause, a trust entry.
	Weakens bool `json:"-"`
	// PendingName is the name of the approval under which rules wait.
	PendingName string `json:"-"`
	// MadeAt is when the alert was made: approvals that its commands write end some
	// hours later.
	MadeAt time.Time `json:"-"`
	// Late says that a sweep tells in the place of a run that could not.
	Late bool `json:"-"`
	// Approve is a shell command that permits the violations until 8 hours after the
	// alert, or 89 days where they are pending, and puts back what was revoked. Undo
	// puts back what was revoked, brings back a baseline's version before, or reverts
	// what is pending. Both need the AWS CLI alone.
	Approve string `json:"approve"`
	Undo    string `json:"undo"`
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
}

// Baseline is the parameter that was in force.
type Baseline struct {
	Parameter string `json:"parameter"`
	Version   int64  `json:"version"`
}

// Finding is one single-source rule and what was done about it.
type Finding struct {
	Rule        string  `json:"rule"` // rule text
	RuleID      string  `json:"ruleId"`
	Description string  `json:"description"`
	Verdict     Verdict `json:"verdict"`
	Reason      string  `json:"reason"`
	Action      Action  `json:"action"`
	Error       string  `json:"error"`

	// Canonical is the rule itself; the zero Rule where it could not be read.
	Canonical rule.Rule `json:"-"`
	// Owner is the account of a referenced group, as EC2 names it.
	Owner string `json:"-"`
}

// New completes an alert: schema, severity, and the commands to approve and undo.
// It cuts what may be of any length, so that a message can hold it.
func New(a Alert) Alert {
	a.Schema = SchemaVersion
	a.Reason = cut(a.Reason)
	a.PermitsMore, a.PermitsLess = cutList(a.PermitsMore), cutList(a.PermitsLess)
	a.Severity = severity(a)
	if a.Findings == nil {
		a.Findings = []Finding{}
	}
	a.Approve = strings.Join(append(approve(a), undo(a)...), " && ")
	a.Undo = strings.Join(slices.Concat(undo(a), restorePrevious(a), undoPending(a)), " && ")
	return a
}

const (
	maxReason = 8_000
	maxList   = 1_000
)

func cut(s string) string {
	if len(s) <= maxReason {
		return s
	}
	return strings.ToValidUTF8(s[:maxReason], "") + " ..."
}

func cutList(items []string) []string {
	if len(items) <= maxList {
		return items
	}
	return append(items[:maxList:maxList], fmt.Sprintf("and %d more", len(items)-maxList))
}

// Nothing is the return value of a run that has nothing to report.
type Nothing struct {
	Outcome Outcome `json:"outcome"` // always None
	Reason  string  `json:"reason"`
}
