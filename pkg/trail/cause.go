package trail

// Cause is why nothing is to do, as one word out of few: a metric has it as a
// dimension, so that no text of an event may be in it. The zero Cause is none.
type Cause string

// The causes that follow from a message alone.
const (
	// Unrelated: the message is not about security-group rules or sgwarden's documents.
	Unrelated Cause = "unrelated"
	// FailedCall: the call, or the change of a parameter, failed and changed nothing.
	FailedCall Cause = "failed-call"
	// NotJSON: the message is no JSON.
	NotJSON Cause = "not-json"
	// UnknownGroup: a group did change, and nobody knows which. A sweep finds it.
	UnknownGroup Cause = "unknown-group"
)

// The causes that are known only once a group or a document was looked at.
const (
	// Permitted: every rule of the group is permitted.
	Permitted Cause = "permitted"
	// Unguarded: the group has no baseline, and there is no guardrail.
	Unguarded Cause = "unguarded"
	// ForeignGroup: the group belongs to another account, which shares it through AWS RAM.
	ForeignGroup Cause = "foreign-group"
	// SweepAsked: no group is known to look at, and a sweep was asked for.
	SweepAsked Cause = "sweep-asked"
	// OwnChange: sgwarden wrote the document itself and has reported that.
	OwnChange Cause = "own-change"
	// NoDocument: the parameter is no document of sgwarden's, or was deleted.
	NoDocument Cause = "no-document"
	// TriedAgain: something could not be read, and the event is delivered again.
	TriedAgain Cause = "tried-again"
)

// Causes are all of them.
func Causes() []Cause {
	return []Cause{Unrelated, FailedCall, NotJSON, UnknownGroup, Permitted, Unguarded, ForeignGroup, SweepAsked, OwnChange, NoDocument, TriedAgain}
}
