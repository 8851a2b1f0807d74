package consequence

import (
	"errors"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/entries"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// ListSituation is what counts beside a prefix list's document.
type ListSituation struct {
	Grace judge.ListGrace
	// Unknown is until when nothing is removed since nobody knows what the grace
	// permits; zero otherwise.
	Unknown time.Time
	Pause   *baseline.Pause // in force; nil for none
	// ReportOnly is why sgwarden can't change the list; empty where it can.
	ReportOnly string
}

// OfList says what enforcing a document does to the live entries of its prefix list.
// Entries are written as in alerts, such as "entry 10.0.0.0/8".
func OfList(doc *baseline.PrefixList, s ListSituation, live []prefixlist.Entry, now time.Time) Live {
	d := judge.ByPrefixList(doc, s.Grace, trail.Trigger{MayRemove: true}, live)
	l := newLive(s.Pause)
	l.words, l.reported = ofEntries, "mode alert"
	enforce := d.Enforce
	if s.ReportOnly != "" {
		enforce, l.reported = false, s.ReportOnly
	}
	for _, v := range d.Violations {
		text := entries.TextOf(v.Prefix)
		l.reasons[text] = v.Reason
		l.revoke(enforce, Later{Rule: text, graceEnd: s.Unknown})
	}
	for _, g := range d.InGrace {
		l.revoke(enforce, Later{Rule: entries.TextOf(g.Prefix), Version: g.Version, graceEnd: s.Grace.Until})
	}
	l.AuthorisedFirst = append(l.AuthorisedFirst, entryTexts(enforce, d.Protect)...)
	restored := d.Restore && enforce
	l.Restored = append(l.Restored, entryTexts(restored, d.Missing)...)
	l.Missing = append(l.Missing, entryTexts(!restored, d.Missing)...)
	l.sort()
	return l
}

func entryTexts(wanted bool, all []prefixlist.Entry) []string {
	var texts []string
	for _, e := range all {
		if wanted {
			texts = append(texts, entries.TextOf(e.Prefix))
		}
	}
	return texts
}

// ListGraceAfter is for a prefix list's document what GraceAfter is for a baseline.
func ListGraceAfter(doc *baseline.PrefixList, inForce baseline.Stored, versions []baseline.Version, otherwise time.Duration, now time.Time) (g judge.ListGrace, unknown time.Time, err error) {
	next, all := nextVersion(inForce, versions, now)
	g, err = judge.ListGraceOf(doc, next, all, otherwise, now)
	if errors.Is(err, judge.ErrUnknownGrace) {
		return judge.ListGrace{}, judge.ListGraceEnd(doc, next, otherwise, now), nil
	}
	if err != nil {
		return judge.ListGrace{}, time.Time{}, fmt.Errorf("tell what stays permitted for the grace of %s: %w", doc.PrefixListID, err)
	}
	return g, time.Time{}, nil
}
