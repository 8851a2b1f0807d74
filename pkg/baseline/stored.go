package baseline

import "time"

// Stored is a document as the store holds it, before it is decoded. The zero
// value, with version 0, says that there is none.
type Stored struct {
	Parameter string // the parameter's full name
	Version   int64
	Value     []byte
	Secure    bool // a SecureString
	// ModifiedAt is when this version was written.
	ModifiedAt time.Time
	// Unreadable says why the store did not give the value. The parameter may exist.
	Unreadable error
}

// Exists reports whether there is a document. No document is not an empty one, and
// one that can't be read is one.
func (s Stored) Exists() bool { return s.Version > 0 || s.Unreadable != nil }

// Version is one of the versions that the store keeps of a document.
type Version struct {
	Stored
	ModifiedBy string // ARN of who wrote it
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

// GroupDocument is a group's baseline as a list over all groups gives it.
type GroupDocument struct {
	GroupID string
	Stored  Stored
}
