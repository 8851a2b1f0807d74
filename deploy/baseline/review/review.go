// Package review is the monthly review of an account and region: which rules are approved
// by whom and since when, which approvals end when, what differs now, what was reverted.
// It judges nothing and asks nobody: the verb report reads AWS, packages compare and advice
// judge. The review comes out as HTML, CSV and OCSF.
package review

import (
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/advice"
	"github.com/sgwarden/sgwarden/deploy/baseline/overview"
	"github.com/sgwarden/sgwarden/deploy/baseline/review/gitlog"
	"github.com/sgwarden/sgwarden/deploy/baseline/review/reverts"
)

// Review is one review.
type Review struct {
	MadeAt time.Time
	// Since is when the period under review begins: reverts and ends of approvals are listed
	// from then on.
	Since       time.Time
	Where       account.Identity
	PausedUntil *time.Time // nil: sgwarden is not paused
	Remarks     []string   // on all groups, and on what could not be read
	Figures     Figures
	Last        *Saved  // nil: there is no last review
	Groups      []Group // and prefix lists that have a document, by name
	Reverts     reverts.Reverts
	FromArchive bool // Reverts are from an archive of alerts, and not from the log
	// Ended are approvals of the last review that are not in Parameter Store any more.
	// Their names, groups and ends are all that is known of them.
	Ended []SavedApproval
}

// Group is one group, or one prefix list that has a document.
type Group struct {
	overview.Row
	Live    int    // rules that the group has now
	File    string // that holds the group's baseline; empty where no file was given
	Rows    []Rule
	Advice  []advice.Hint // all but what stands in Covered
	Covered []advice.Hint // rules that others cover
}

// Status is how a rule stands.
type Status string

// The statuses of a rule.
const (
	Approved     Status = "approved"   // for good
	Missing      Status = "missing"    // approved, and not live
	Exception    Status = "exception"  // permitted by the baseline until a time
	Approval     Status = "approval"   // permitted by an approval until a time
	Ended        Status = "ended"      // was permitted until a time that has passed
	Violation    Status = "violation"  // live, and nothing permits it
	InGrace      Status = "in-grace"   // live, and only the grace period permits it
	NotCanonical Status = "unreadable" // live, and it can't be judged
)

// IsDrift reports whether a rule of this status differs from what is approved.
func (s Status) IsDrift() bool {
	return s == Missing || s == Violation || s == InGrace || s == NotCanonical
}

// Rule is one rule with how it stands, or one entry of a prefix list.
type Rule struct {
	Text string // rule text, or what EC2 said of a rule that can't be read
	// Direction, Protocol, Ports and Peer are the words of the rule text. Of an entry of a
	// prefix list only Peer is set, of a rule that can't be read none.
	Direction, Protocol, Ports, Peer string
	Description                      string
	Status                           Status
	ForGood                          bool // a baseline approves the rule without an end, whether or not it is live
	Origin                           Origin
	Commit                           *gitlog.Commit // that brought the rule into the file; nil: not known
	Expires                          *time.Time     // when what permits the rule ends; nil: never, or nothing permits it
	Name                             string         // of the approval
	Reason                           string         // of the approval or exception
	ApprovedBy                       string         // whom the exception names
	Says                             string         // what enforcement would do about a rule that differs
}

// Origin is which version of a parameter approved a rule.
type Origin struct {
	By      string    // ARN of who wrote the version; empty: not known
	At      time.Time // zero: not known
	Version int64     // 0: not known
	// OrEarlier says that the version is the oldest that Parameter Store still has, so that
	// the rule may have been approved by somebody else before.
	OrEarlier bool
}

// Known reports whether anything is known.
func (o Origin) Known() bool { return o.Version > 0 }
