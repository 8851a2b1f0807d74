package lineage

import (
	"slices"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// Verdict is whether a file may replace the version in force.
type Verdict string

// The verdicts.
const (
	New         Verdict = "new"          // there is no baseline yet
	Same        Verdict = "same"         // the file says what is in force
	FastForward Verdict = "fast-forward" // the file undoes nothing that others changed
	Foreign     Verdict = "foreign"      // the file would undo what others changed
)

// Status is how a file stands to the version in force.
type Status struct {
	Verdict Verdict
	// Base is what the last push wrote, nil where no push wrote any version.
	Base *Version
	// Since are the versions that others wrote after Base; without a Base, all.
	Since History
	// Theirs is what changed from Base to the version in force. Without a Base nobody
	// knows who changed what: Theirs is then what the version in force says and the
	// file doesn't, or says otherwise. Undone is which of Theirs the file would undo.
	Theirs, Undone []Change
	// Ours is what changes from Base to the file; without a Base, from the version in
	// force to the file.
	Ours []Change
	// Earlier is an older version that a push wrote and that says what the file says,
	// nil where there is none: the file may be an old checkout, or a revert.
	Earlier *Version
}

// StatusOf judges a file against the history of its group's baseline. stamp is the
// version that a file of an earlier release says it is of, 0 for none. The version in
// force must be readable.
func StatusOf(file *baseline.Document, stamp int64, h History) Status {
	if len(h) == 0 {
		return Status{Verdict: New}
	}
	current := h[len(h)-1]
	base, since, found := h.LastPush()
	s := Status{Since: since}
	if found {
		s.Base = &base
		s.Theirs, s.Ours = Changes(base.Doc, current.Doc), Changes(base.Doc, file)
	} else {
		s.Theirs, s.Ours = saidBy(current.Doc, file), Changes(current.Doc, file)
	}
	s.Undone = Undone(s.Theirs, file)
	if earlier, found := h.Earlier(file); found {
		s.Earlier = &earlier
	}
	switch {
	case Digest(current.Doc) == Digest(file):
		s.Verdict = Same
	case len(s.Undone) == 0, !found && stamp == current.Version.Version:
		s.Verdict = FastForward
	default:
		s.Verdict = Foreign
	}
	return s
}

// saidBy lists what one document says and another doesn't, or says otherwise.
func saidBy(doc, other *baseline.Document) []Change {
	return slices.DeleteFunc(Changes(other, doc), func(c Change) bool { return c.To == nil })
}
