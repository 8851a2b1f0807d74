package baseline

import "time"

// Stored is a document as the store holds it, before it is decoded. The zero
// value, with version 0, says that there is none.
type Stored struct {
	Parameter string // the parameter's full name
	Version   int64
	Value     []byte
	Secure    bool // a SecureString
	// Unreadable says why the store did not give the value. The parameter may exist.
	Unreadable error
}

// Exists reports whether there is a document. No document is not an empty one, and
// one that can't be read is one.
func (s Stored) Exists() bool { return s.Version > 0 || s.Unreadable != nil }

// Version is one of the versions that the store keeps of a document.
type Version struct {
	Stored
	ModifiedAt time.Time
	ModifiedBy string // ARN of who wrote it
}

// GroupDocument is a group's baseline as a list over all groups gives it.
type GroupDocument struct {
	GroupID string
	Stored  Stored
}
