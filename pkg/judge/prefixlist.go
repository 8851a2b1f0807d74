package judge

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// ListDecision is what a document says about a managed prefix list. As with Decision,
// whether EC2 may be changed at all is the caller's to know.
type ListDecision struct {
	// Enforce is the document's mode: violations are taken out, not only reported.
	Enforce bool
	// Restore says that missing entries are to be put back.
	Restore bool
	// Violations are the live ones in the order of the live entries, and then those
	// that the event added and that are not live.
	Violations []EntryViolation
	// Protect are approved addresses that of the live entries only violations hold.
	// They are added in the call that takes the violations out.
	Protect []prefixlist.Entry
	// Missing are approved entries that the live ones do not cover, and that no entry
	// of Protect makes good.
	Missing []prefixlist.Entry
	// InGrace are live entries that are permitted only because an earlier version of
	// the document permitted them until recently.
	InGrace []EntryInGrace
}

// EntryViolation is an entry that is not permitted.
type EntryViolation struct {
	prefixlist.Entry
	// NotLive says that the event added the entry and that it is not live any more.
	NotLive bool
	// OpenedByEvent says that the event's call added the entry.
	OpenedByEvent bool
	// Public says that the entry opens the world, or public addresses that are not
	// approved.
	Public bool
	// Reason says in one line why the entry is not permitted.
	Reason string
}

// EntryInGrace is a live entry that only the grace permits.
type EntryInGrace struct {
	prefixlist.Entry
	Version int64 // the newest that permitted the entry; 0 where only several together did
}

// Empty reports whether there is nothing to do and nothing to report.
func (d ListDecision) Empty() bool { return len(d.Violations)+len(d.Missing) == 0 }

// ByPrefixList judges a managed prefix list by its document. hint is what is known of
// how the entries came about: the event, or a trigger without an event's id for a
// sweep. live are all entries of the list. takenOut are violations that the caller has
// taken out just now: the approved addresses in them are protected too.
func ByPrefixList(doc *baseline.PrefixList, grace ListGrace, hint trail.Trigger, live []prefixlist.Entry, takenOut ...EntryViolation) ListDecision {
	approved := newEntries(doc.Prefixes())
	former := grace.ready(approved)
	d := ListDecision{Enforce: doc.Enforces(), Restore: doc.Restore}
	var kept []netip.Prefix
	carriers := slices.Clone(takenOut)
	isLive := map[netip.Prefix]bool{}
	for _, e := range live {
		isLive[e.Prefix] = true
		version, inGrace := former.permits(e.Prefix)
		switch {
		case approved.cover(e.Prefix):
			kept = append(kept, e.Prefix)
		case inGrace:
			kept = append(kept, e.Prefix)
			d.InGrace = append(d.InGrace, EntryInGrace{e, version})
		default:
			v := approved.violation(e, hint)
			d.Violations, carriers = append(d.Violations, v), append(carriers, v)
		}
	}
	d.addNotLive(approved, former, hint, isLive)
	d.Protect = approved.protect(doc, newEntries(kept), carriers, hint)
	d.Missing = slices.DeleteFunc(missingEntries(doc, kept, carriers, d.Protect), func(e prefixlist.Entry) bool {
		return !d.Restore && !mayHaveTakenOut(hint, e.Prefix)
	})
	return d
}

// mayHaveTakenOut keeps a missing entry from being reported with each event that has
// nothing to do with the entry.
func mayHaveTakenOut(hint trail.Trigger, p netip.Prefix) bool {
	removed := hint.Entries.Removed
	return hint.MayRemove && (len(removed) == 0 || slices.ContainsFunc(removed, p.Overlaps))
}

// addNotLive adds what the event added, and what is neither permitted nor live.
func (d *ListDecision) addNotLive(approved entries, former formerEntries, hint trail.Trigger, isLive map[netip.Prefix]bool) {
	for _, p := range hint.Entries.Added {
		if _, inGrace := former.permits(p); isLive[p] || inGrace || approved.cover(p) {
			continue
		}
		v := approved.violation(prefixlist.Entry{Prefix: p}, hint)
		v.NotLive = true
		d.Violations = append(d.Violations, v)
		isLive[p] = true // an event may name an entry twice
	}
}

// entries are prefixes made ready for judging.
type entries struct {
	prefixes []netip.Prefix
	set      *rule.Set
}

func newEntries(prefixes []netip.Prefix) entries {
	return entries{prefixes, rule.CompileAddresses(prefixes)}
}

// cover reports whether the entries together hold all addresses of a prefix.
func (e entries) cover(p netip.Prefix) bool { return e.set.Permits(rule.OfAddresses(p), rule.Covered) }

func (e entries) violation(of prefixlist.Entry, hint trail.Trigger) EntryViolation {
	return EntryViolation{
		Entry: of, OpenedByEvent: hint.EventID != "" && slices.Contains(hint.Entries.Added, of.Prefix),
		Public: rule.OpensPublicBeyond(of.Prefix, e.prefixes), Reason: e.reason(of.Prefix),
	}
}

// maxListed bounds how many approved entries a reason names.
const maxListed = 3

// reason says why the entries do not cover a prefix.
func (e entries) reason(p netip.Prefix) string {
	var within []string
	for _, a := range e.prefixes {
		if a.Overlaps(p) {
			within = append(within, a.String())
		}
	}
	if len(within) == 0 {
		return fmt.Sprintf("no approved entry covers %s", p)
	}
	more := ""
	if len(within) > maxListed {
		more = fmt.Sprintf(" and %d more", len(within)-maxListed)
		within = within[:maxListed]
	}
	return fmt.Sprintf("only part of %s is approved: %s%s", p, strings.Join(within, ", "), more)
}

// protect returns the approved addresses that of the live entries only violations
// hold, as entries. Entries that the event's own call added carried nothing before that call,
// except for what the same call took out:
//
//	approved     10.0.0.0/8
//	live before  10.1.0.0/16
//	the event    takes 10.1.0.0/16 out and adds 10.0.0.0/7
//	protected    10.1.0.0/16
func (e entries) protect(doc *baseline.PrefixList, kept entries, violations []EntryViolation, hint trail.Trigger) []prefixlist.Entry {
	var carriers []rule.Rule
	for _, v := range violations {
		if !v.OpenedByEvent {
			carriers = append(carriers, rule.OfAddresses(v.Prefix))
			continue
		}
		for _, removed := range hint.Entries.Removed {
			if carried, ok := rule.Carried(rule.OfAddresses(removed), rule.OfAddresses(v.Prefix)); ok {
				carriers = append(carriers, carried)
			}
		}
	}
	var all []prefixlist.Entry
	for _, r := range protect(e.set, rule.Covered, kept.set, carriers) {
		all = append(all, prefixlist.Entry{Prefix: r.Peer.Prefix, Description: descriptionOf(doc, r.Peer.Prefix)})
	}
	return all
}

// descriptionOf returns the description of the first approved entry that a prefix
// lies in.
func descriptionOf(doc *baseline.PrefixList, p netip.Prefix) string {
	i := slices.IndexFunc(doc.Entries, func(e baseline.PrefixListEntry) bool { return e.Prefix().Overlaps(p) })
	if i < 0 {
		return ""
	}
	return doc.Entries[i].Description
}

// missingEntries returns the approved entries that are not covered by the live ones,
// once the violations are out and what is to be protected is in.
func missingEntries(doc *baseline.PrefixList, kept []netip.Prefix, carriers []EntryViolation, protect []prefixlist.Entry) []prefixlist.Entry {
	before := slices.Clone(kept)
	for _, v := range carriers {
		before = append(before, v.Prefix)
	}
	after := slices.Clone(kept)
	for _, p := range protect {
		after = append(after, p.Prefix)
	}
	live, left := newEntries(before), newEntries(after)
	var missing []prefixlist.Entry
	for _, a := range doc.Entries {
		if !live.cover(a.Prefix()) || doc.Restore && !left.cover(a.Prefix()) {
			missing = append(missing, prefixlist.Entry{Prefix: a.Prefix(), Description: a.Description})
		}
	}
	return missing
}
