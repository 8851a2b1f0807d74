package judge

import (
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// ByBaseline judges a group by its baseline and by what counts beside it. hint is
// what is known of how the rules came about: the event, or a trigger without an
// event's id for a sweep. live are all rules of the group. now is when the documents
// were read: exceptions and approvals that have ended by then permit nothing.
func ByBaseline(doc *baseline.Document, grounds Grounds, hint trail.Trigger, live []secgroup.LiveRule, now time.Time) Decision {
	approved := rule.Compile(slices.Concat(doc.Permitted(now), grounds.approved(now)))
	exceptions := newExpired(doc, grounds.Approvals, approved, now)
	match := doc.Matching()
	former := newGrace(grounds.Grace, approved.Rules(), match, now)
	permits := func(r rule.Rule) bool {
		if approved.Permits(r, match) {
			return true
		}
		_, inGrace := former.permits(r)
		return inGrace
	}
	o := opinion{
		guards: doc.Guards, live: permits, notLive: permits,
		retry:  func(r rule.Rule) bool { return !doc.Guards(r.Direction) || permits(r) },
		reason: func(r rule.Rule) string { return exceptions.reason(r) + approved.Reason(r, match) },
	}
	d := o.judge(hint, live)
	d.Kind, d.Enforce, d.Restore = alert.Drift, doc.Enforces(), doc.Restore
	if exceptions.explains(d.Violations) {
		d.Kind = alert.ExceptionExpired
	}
	if grounds.Trusted {
		d.separatePending(grounds, now)
	}
	for _, l := range live {
		if version, inGrace := former.permits(l.Rule); inGrace && l.NotCanonical == nil && doc.Guards(l.Rule.Direction) && !approved.Permits(l.Rule, match) {
			d.InGrace = append(d.InGrace, InGrace{l, version, grounds.Grace.Until})
		}
	}
	kept, carriers := d.split(live)
	if len(carriers) == 0 && !d.Restore && !hint.MayRemove {
		return d // no approved traffic can be interrupted or missing: save the time
	}
	w := writing{doc: doc, live: live, written: approved.Rules()}
	if len(carriers) > 0 {
		d.Protect = w.describe(protect(approved, match, rule.Compile(kept), carriers))
	}
	missing := rule.Missing(doc.PermanentRules(), rule.Compile(slices.Concat(kept, carriers)))
	d.Missing = w.describe(slices.DeleteFunc(missing, func(r rule.Rule) bool {
		return contains(d.Protect, r) || !d.Restore && !mayHaveRemoved(hint, r)
	}))
	if d.Restore && len(d.Missing) > 0 {
		d.Redundant = w.redundant(d)
	}
	return d
}

// mayHaveRemoved keeps a missing rule from being reported with each event that
// has nothing to do with the rule, such as the event of a revoke of sgwarden's own.
func mayHaveRemoved(hint trail.Trigger, r rule.Rule) bool {
	overlaps := func(removed rule.Rule) bool { return rule.Overlap(removed, r) }
	return hint.MayRemove && (len(hint.Removed) == 0 || slices.ContainsFunc(hint.Removed, overlaps))
}

// RemovedBy reports whether the event says that its call revoked the rule, or a part
// of it.
func RemovedBy(event trail.Trigger, r rule.Rule) bool {
	return event.EventID != "" && slices.ContainsFunc(event.Removed, func(removed rule.Rule) bool { return rule.Overlap(removed, r) })
}

// split returns the live rules that stay, and those violations on which something
// may have relied. A violation that the event's own Authorize call added is in
// neither list: before the call it carried nothing.
func (d Decision) split(live []secgroup.LiveRule) (kept, carriers []rule.Rule) {
	violation := map[rule.Rule]bool{}
	for _, v := range d.Violations {
		if v.NotLive {
			continue
		}
		violation[v.Rule] = true
		if !v.Added {
			carriers = append(carriers, v.Rule)
		}
	}
	for _, l := range live {
		if l.NotCanonical == nil && !violation[l.Rule] {
			kept = append(kept, l.Rule)
		}
	}
	return kept, carriers
}

// writing is how the document writes rules, and what the live rules show of them.
type writing struct {
	doc     *baseline.Document
	live    []secgroup.LiveRule
	written []rule.Rule // what the baseline and the approvals permit now
}

// describe adds what a call to EC2 needs: the descriptions that the baseline
// gives, and who owns a group, which live rules that refer to the group show.
func (w writing) describe(rules []rule.Rule) []secgroup.ApprovedRule {
	if len(rules) == 0 {
		return nil
	}
	descriptions, owners := map[rule.Rule]string{}, map[string]string{}
	for _, entries := range [][]baseline.Entry{w.doc.Egress, w.doc.Ingress} {
		for _, e := range entries {
			for _, r := range e.Rules() {
				descriptions[r] = e.Description
			}
		}
	}
	for _, l := range w.live {
		if l.Owner != "" {
			owners[l.Rule.Peer.ID] = l.Owner
		}
	}
	approved := make([]secgroup.ApprovedRule, len(rules))
	for i, r := range rules {
		approved[i] = secgroup.ApprovedRule{Rule: r, Description: descriptions[r], Owner: owners[r.Peer.ID]}
	}
	return approved
}

// redundant lists the permitted live rules that nobody wrote into the baseline and
// that live rules which are written there cover.
func (w writing) redundant(d Decision) []secgroup.LiveRule {
	written := map[rule.Rule]bool{}
	for _, r := range w.written {
		written[r] = true
	}
	violation := map[rule.Rule]bool{}
	for _, v := range d.Violations {
		violation[v.Rule] = true
	}
	var writtenLive []rule.Rule
	var others []secgroup.LiveRule
	for _, l := range w.live {
		switch {
		case l.NotCanonical != nil || violation[l.Rule] || !w.doc.Guards(l.Rule.Direction):
		case written[l.Rule]:
			writtenLive = append(writtenLive, l.Rule)
		default:
			others = append(others, l)
		}
	}
	covering := rule.Compile(writtenLive)
	return slices.DeleteFunc(others, func(l secgroup.LiveRule) bool { return !covering.Permits(l.Rule, rule.Covered) })
}

func contains(approved []secgroup.ApprovedRule, r rule.Rule) bool {
	return slices.ContainsFunc(approved, func(a secgroup.ApprovedRule) bool { return a.Rule == r })
}
