// Package prefixlist holds the domain types of managed prefix lists: what a list is,
// what an entry is, and what EC2 can answer that is more than a failure. It stands
// below the adapters, so that no adapter imports the logic.
package prefixlist

import (
	"errors"
	"net/netip"
	"strings"
)

// List is a managed prefix list as EC2 says.
type List struct {
	ID, Name string
	// Owner is the account of the list, and AWS for a list that AWS manages.
	Owner   string
	Version int64 // of the entries
	State   string
	// StateMessage says why the last change failed, where it did.
	StateMessage string
	// ManagedByIPAM says that IPAM writes the entries, so that nobody may edit them.
	ManagedByIPAM bool
	MaxEntries    int
	// Tag is the value of the tag secgroup.TagKey, empty without the tag.
	Tag     string
	Entries []Entry
}

// Entry is an entry of a list.
type Entry struct {
	Prefix      netip.Prefix
	Description string
}

// IsChanging reports whether EC2 is carrying a change of the list out. EC2 then takes
// no other change (EC2 API reference, ManagedPrefixList, State).
func (l List) IsChanging() bool { return strings.HasSuffix(l.State, "-in-progress") }

// HasFailed reports whether the last change of the list failed.
func (l List) HasFailed() bool { return strings.HasSuffix(l.State, "-failed") }

// Change is what one call changes about the entries of a list.
type Change struct {
	Add    []Entry
	Remove []netip.Prefix
}

// IsEmpty reports whether the change changes nothing.
func (c Change) IsEmpty() bool { return len(c.Add)+len(c.Remove) == 0 }

// What EC2 can answer that is more than a failure. An error that wraps none of these
// is transient, or is one of package secgroup.
var (
	// ErrMoved says that the list has another version than the one that was read, or
	// that it is changing: read it again.
	ErrMoved = errors.New("the list has changed since it was read, or is changing")
	// ErrFull says that the entries to add do not fit.
	ErrFull = errors.New("the list has no room for the entries to add")
)
