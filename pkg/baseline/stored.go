package baseline

import (
	"strings"
	"time"
)

// Stored is a document as the store holds it, before it is decoded. The zero
// value, with version 0, says that there is none.
type Stored struct {
	Parameter string // the parameter's full name
	Version   int64
	Value     []byte
	Secure    bool // a SecureString
	// ModifiedAt is when this version was written.
	ModifiedAt time.Time
	// ReadError says why the store did not give the value. The parameter may exist.
	ReadError error
}

// Exists reports whether there is a document. No document is not an empty one, and
// one that can't be read is one.
func (s Stored) Exists() bool { return s.Version > 0 || s.ReadError != nil }

// Name is the last part of the parameter's name, such as that of an approval.
func (s Stored) Name() string { return s.Parameter[strings.LastIndex(s.Parameter, "/")+1:] }

// Approval decodes an approval of a name. The error is an *Error, or why the store
// did not give the value.
func (s Stored) Approval(name string, now time.Time) (*Approval, error) {
	if s.ReadError != nil {
		return nil, s.ReadError
	}
	return DecodeApproval(s.Value, name, s.writtenAt(now))
}

// Pause decodes a pause. See Approval for the errors.
func (s Stored) Pause(now time.Time) (*Pause, error) {
	if s.ReadError != nil {
		return nil, s.ReadError
	}
	return DecodePause(s.Value, s.writtenAt(now))
}

// Trust decodes a trust document. See Approval for the errors.
func (s Stored) Trust() (*Trust, error) {
	if s.ReadError != nil {
		return nil, s.ReadError
	}
	return DecodeTrust(s.Value)
}

// PrefixList decodes the approved entries of the prefix list with an id. See Approval
// for the errors.
func (s Stored) PrefixList(id string) (*PrefixList, error) {
	if s.ReadError != nil {
		return nil, s.ReadError
	}
	return DecodePrefixList(s.Value, id)
}

// writtenAt is now where the store does not say when the document was written.
func (s Stored) writtenAt(now time.Time) time.Time {
	if s.ModifiedAt.IsZero() {
		return now
	}
	return s.ModifiedAt
}

// Version is one of the versions that the store keeps of a document.
type Version struct {
	Stored
	ModifiedBy string // ARN of who wrote it
	// Description is what the parameter's description said of this version.
	Description string
}

// Documents are all that a group is judged by, as the store holds them. What does
// not exist is the zero value.
type Documents struct {
	Group, Guardrail, Pause, Trust Stored
	Approvals                      []Stored // each in a parameter of its own
}

// GroupApproval is an approval as a list over all groups gives it.
type GroupApproval struct {
	GroupID string
	Name    string
	Stored  Stored
}

// ListDocument is the document of a managed prefix list as a list over all of them
// gives it.
type ListDocument struct {
	PrefixListID string
	Stored       Stored
}

// GroupDocument is a group's baseline as a list over all groups gives it.
type GroupDocument struct {
	GroupID string
	Stored  Stored
}
