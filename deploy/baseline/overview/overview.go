// Package overview is what all groups of an account and region look like at a glance. It
// judges nothing: package compare does.
package overview

import (
	"cmp"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Overview is all groups with what holds for all of them.
type Overview struct {
	Identity    account.Identity `json:"identity"`
	PausedUntil *time.Time       `json:"pausedUntil,omitempty"` // absent: sgwarden is not paused
	Remarks     []string         `json:"remarks,omitempty"`     // on all groups, or on documents that can't be used
	Groups      []Row            `json:"groups"`                // and prefix lists, until they are shown
	Lists       []Row            `json:"prefixLists,omitempty"`

	// Broken says that a document which is for all groups can't be used.
	Broken bool `json:"-"`
}

// Status says what guards a group.
type Status string

// The statuses.
const (
	Guarded    Status = "guarded"     // by its baseline
	NoBaseline Status = "no-baseline" // the guardrail judges it
	NoGroup    Status = "no-group"    // there is a baseline, and no such group
	NoList     Status = "no-list"     // there is a document, and no such prefix list
	Broken     Status = "broken"      // the baseline can't be used, so nothing is revoked
)

// Row is one group, or one prefix list that has a document.
type Row struct {
	GroupID        string               `json:"groupId,omitempty"`
	GroupName      string               `json:"groupName,omitempty"`
	PrefixListID   string               `json:"prefixListId,omitempty"`
	PrefixListName string               `json:"prefixListName,omitempty"`
	VpcID          string               `json:"vpcId,omitempty"`
	Status         Status               `json:"status"`
	Mode           string               `json:"mode,omitempty"`   // of the baseline, or of the guardrail for a group without one
	Guards         []string             `json:"guards,omitempty"` // directions
	Rules          int                  `json:"rules"`            // that the baseline permits for good, or approved entries
	Drift          compare.Drift        `json:"drift"`
	Changes        []compare.Difference `json:"changes,omitempty"` // what differs
	Remarks        []string             `json:"remarks,omitempty"`
	Approvals      int                  `json:"approvals"`                 // in force
	NextEnd        *time.Time           `json:"nextApprovalEnd,omitempty"` // of the approval that ends first
	Baseline       *Written             `json:"baseline,omitempty"`
}

// Written is who wrote a baseline when.
type Written struct {
	Parameter  string    `json:"parameter"`
	Version    int64     `json:"version"`
	ModifiedAt time.Time `json:"modifiedAt"`
	ModifiedBy string    `json:"modifiedBy,omitempty"` // an ARN; absent: not known
}

// ID returns the id of the group or prefix list.
func (r Row) ID() string { return cmp.Or(r.PrefixListID, r.GroupID) }

// Name returns the name of the group or prefix list.
func (r Row) Name() string { return cmp.Or(r.PrefixListName, r.GroupName) }

// IsList reports whether the row is about a prefix list.
func (r Row) IsList() bool { return r.PrefixListID != "" }

// Differs reports whether somebody should look at the group.
func (r Row) Differs() bool {
	return r.Status == NoGroup || r.Status == NoList || r.Status == Broken || !r.Drift.None() || len(r.Remarks) > 0
}

// SetBaseline takes over what a baseline says.
func (r *Row) SetBaseline(doc *baseline.Document) {
	r.Mode = string(cmp.Or(doc.Mode, baseline.Enforce))
	for _, direction := range []rule.Direction{rule.Ingress, rule.Egress} {
		if doc.Guards(direction) {
			r.Guards = append(r.Guards, direction.String())
		}
	}
	r.Rules = len(doc.PermanentRules())
}

// SetList takes over what the document of a prefix list says.
func (r *Row) SetList(doc *baseline.PrefixList) {
	r.Mode = string(cmp.Or(doc.Mode, baseline.Enforce))
	r.Guards, r.Rules = []string{"entries"}, len(doc.Entries)
}

// SetApprovals counts the approvals that are in force.
func (r *Row) SetApprovals(approvals []*baseline.Approval, now time.Time) {
	for _, a := range approvals {
		if !a.Active(now) {
			continue
		}
		r.Approvals++
		if r.NextEnd == nil || a.Expires.Before(*r.NextEnd) {
			r.NextEnd = &a.Expires
		}
	}
}

// Sort puts the groups in order: by name and id.
func (o *Overview) Sort() {
	slices.SortFunc(o.Groups, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Name(), b.Name()), cmp.Compare(a.ID(), b.ID()))
	})
}

// Differs reports whether somebody should look at something.
func (o *Overview) Differs() bool { return o.Broken || slices.ContainsFunc(o.Groups, Row.Differs) }

// OnlyDiffering leaves out the groups at which nobody has to look.
func (o *Overview) OnlyDiffering() {
	o.Groups = slices.DeleteFunc(o.Groups, func(r Row) bool { return !r.Differs() })
}
