package lineage

import (
	"slices"

	"github.com/sgwarden/sgwarden/deploy/baseline/entries"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// Version is a version of a group's baseline, decoded.
type Version struct {
	baseline.Version
	Doc    *baseline.Document // nil where the version is broken or can't be read
	Pushed bool               // a push of a file wrote it: its record counts
}

// History are the versions of one group's baseline that Parameter Store still has,
// oldest first. The last one is in force.
type History []Version

// Decode returns the history of a group's baseline, or of a prefix list's document, from
// what ssmstore.Store.History returned. Of a prefix list's, each Doc is as
// entries.AsBaseline has it.
func Decode(id string, versions []baseline.Version) History {
	h := make(History, len(versions))
	for i, v := range versions {
		h[i] = Version{Version: v}
		doc, err := entries.Decode(v.Value, id)
		if err != nil || v.ReadError != nil {
			continue // a push writes only baselines that can be read
		}
		record, found := ParseRecord(v.Description)
		h[i].Doc, h[i].Pushed = doc, found && record.Wrote == Digest(doc)
	}
	return h
}

// LastPush returns the newest version that a push wrote, and the versions since, which
// others wrote. found is false where no push wrote any of the versions.
func (h History) LastPush() (base Version, since History, found bool) {
	for i := len(h) - 1; i >= 0; i-- {
		if h[i].Pushed {
			return h[i], h[i+1:], true
		}
	}
	return Version{}, h, false
}

// Earlier returns the newest version before the one in force that a push wrote and
// that says the same as a document.
func (h History) Earlier(doc *baseline.Document) (v Version, found bool) {
	digest := Digest(doc)
	for _, v := range slices.Backward(h[:max(0, len(h)-1)]) {
		if v.Pushed && Digest(v.Doc) == digest {
			return v, true
		}
	}
	return Version{}, false
}
