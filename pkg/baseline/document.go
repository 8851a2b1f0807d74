// Package baseline is the document that says which rules a security group may
// have: its shape, its strict decoding, and the rules it permits at a time.
package baseline

import (
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// SchemaVersion is the only version of the document there is so far.
const SchemaVersion = 1

// MaxGraceMinutes is a day: the longest grace, of a baseline and of GRACE_MINUTES.
const MaxGraceMinutes = 1440

// Mode says what to do about a violation.
type Mode string

// The modes. Alert reports what would be done and changes nothing in EC2.
const (
	Enforce Mode = "enforce"
	Alert   Mode = "alert"
)

// Document is a decoded baseline. Decode makes only valid ones.
//
// A nil Ingress or Egress says that the direction is not guarded: whatever rules
// it has are left alone. An empty list that is not nil says that none is
// permitted. Encode and EncodeYAML distinguish the two.
type Document struct {
	Schema       int         `json:"schema"`
	GroupID      string      `json:"groupId"`
	GroupName    string      `json:"groupName,omitempty"` // for people; never compared
	Mode         Mode        `json:"mode,omitempty"`
	Match        string      `json:"match,omitempty"` // covered or exact
	Restore      bool        `json:"restore,omitempty"`
	GraceMinutes *int        `json:"graceMinutes,omitempty"` // 0 to 1440; nil: Grace's default holds
	Ingress      []Entry     `json:"ingress,omitzero"`
	Egress       []Entry     `json:"egress,omitzero"`
	Exceptions   []Exception `json:"exceptions,omitempty"`

	at position
}

// Entry permits one protocol and port range for one or more peers: sources of
// an ingress entry, destinations of an egress entry.
type Entry struct {
	Protocol     string   `json:"protocol"`
	Ports        string   `json:"ports,omitempty"`
	Sources      []string `json:"sources,omitempty"`
	Destinations []string `json:"destinations,omitempty"`
	Description  string   `json:"description,omitempty"`

	rules []rule.Rule
	at    position
}

// position is where something stands in a file, counted from 1.
type position struct{ line, column int }

// Exception is an entry that is permitted until it expires.
type Exception struct {
	Direction string `json:"direction"`
	Entry
	Expires    time.Time `json:"expires"`
	Reason     string    `json:"reason,omitempty"`
	ApprovedBy string    `json:"approvedBy,omitempty"`
}

// Rules returns the entry's canonical single-source rules.
func (e Entry) Rules() []rule.Rule { return e.rules }

// Position returns the line and column, counted from 1, at which the entry
// stands in what it was decoded from; both are 0 for one that was made here.
func (e Entry) Position() (line, column int) { return e.at.line, e.at.column }

// Position returns the line and column, counted from 1, at which the document
// begins in what it was decoded from; both are 0 for one that was made here.
func (d *Document) Position() (line, column int) { return d.at.line, d.at.column }

// Guards reports whether the document says which rules of a direction are
// permitted. It has a list for the direction then, which may be empty. Rules of
// a direction that is not guarded are left alone.
func (d *Document) Guards(direction rule.Direction) bool { return *d.list(direction) != nil }

func (d *Document) list(direction rule.Direction) *[]Entry {
	if direction == rule.Egress {
		return &d.Egress
	}
	return &d.Ingress
}

// PermanentRules returns the rules permitted for good, in the document's order.
func (d *Document) PermanentRules() []rule.Rule {
	var rules []rule.Rule
	for _, entries := range [][]Entry{d.Ingress, d.Egress} {
		for _, e := range entries {
			rules = append(rules, e.rules...)
		}
	}
	return rules
}

// Permitted returns the rules permitted at a time: the standing ones and those
// of exceptions that have not expired.
func (d *Document) Permitted(now time.Time) []rule.Rule {
	rules := d.PermanentRules()
	for _, e := range d.Exceptions {
		if now.Before(e.Expires) {
			rules = append(rules, e.rules...)
		}
	}
	return rules
}

// Expired returns the exceptions that expired by a time.
func (d *Document) Expired(now time.Time) []Exception {
	var expired []Exception
	for _, e := range d.Exceptions {
		if !now.Before(e.Expires) {
			expired = append(expired, e)
		}
	}
	return expired
}

// Matching returns what it takes for a rule to be permitted.
func (d *Document) Matching() rule.Match {
	if d.Match == "exact" {
		return rule.Exact
	}
	return rule.Covered
}

// Grace returns for how long the rules that the version before this document
// permitted stay permitted. A document without graceMinutes leaves that to
// otherwise.
func (d *Document) Grace(otherwise time.Duration) time.Duration {
	return graceOr(d.GraceMinutes, otherwise)
}

func graceOr(minutes *int, otherwise time.Duration) time.Duration {
	if minutes == nil {
		return otherwise
	}
	return time.Duration(*minutes) * time.Minute
}

// Enforces reports whether violations are to be revoked.
func (d *Document) Enforces() bool { return d.Mode != Alert }
