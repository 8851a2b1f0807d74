package judge

import (
	"net/netip"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// ListGrace is what the versions of a prefix list's document permitted that were in
// force until recently, as Grace is of a baseline's. The zero value is none.
type ListGrace struct {
	Former []FormerList
	// Until is when the grace ends.
	Until time.Time
}

// FormerList is a version of the document that was in force until recently.
type FormerList struct {
	Version  int64
	Document *baseline.PrefixList
}

// ListGraceEnd is for a prefix list's document what GraceEnd is for a baseline.
func ListGraceEnd(doc *baseline.PrefixList, current baseline.Stored, otherwise time.Duration, now time.Time) time.Time {
	return endOf(doc.Grace(otherwise), current, now)
}

// ListGraceOf is for a prefix list's document what GraceOf is for a baseline.
func ListGraceOf(doc *baseline.PrefixList, current baseline.Stored, versions []baseline.Version, otherwise time.Duration, now time.Time) (ListGrace, error) {
	end := ListGraceEnd(doc, current, otherwise, now)
	if end.IsZero() {
		return ListGrace{}, nil
	}
	recent, err := recentVersions(current, versions, now.Add(-doc.Grace(otherwise)))
	if err != nil {
		return ListGrace{}, err
	}
	g := ListGrace{Until: end}
	for _, v := range recent {
		if former, err := baseline.DecodePrefixList(v.Value, doc.PrefixListID); err == nil {
			g.Former = append(g.Former, FormerList{Version: v.Version, Document: former})
		}
	}
	return g, nil
}

// formerEntries is a ListGrace made ready for judging.
type formerEntries struct {
	of       ListGrace
	versions []entries // of each former version
	together entries   // of all versions and of the one in force
}

// ready makes a grace ready. approved is what the version in force permits.
func (g ListGrace) ready(approved entries) formerEntries {
	f := formerEntries{of: g}
	together := slices.Clone(approved.prefixes)
	for _, former := range g.Former {
		prefixes := former.Document.Prefixes()
		f.versions = append(f.versions, newEntries(prefixes))
		together = append(together, prefixes...)
	}
	f.together = newEntries(together)
	return f
}

// permits reports whether former versions permitted a prefix, and the newest that did.
func (f formerEntries) permits(p netip.Prefix) (version int64, permitted bool) {
	for i := len(f.versions) - 1; i >= 0; i-- {
		if f.versions[i].cover(p) {
			return f.of.Former[i].Version, true
		}
	}
	return 0, len(f.versions) > 0 && f.together.cover(p)
}
