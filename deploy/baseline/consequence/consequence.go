// Package consequence says what enforcement will do to the live rules of a group, or the
// live entries of a prefix list, once a baseline is written: which go, and when. Package judge does all the judging,
// as it does for the functions.
package consequence

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Live is what becomes of the live rules of a group, or of the live entries of a prefix
// list. Rules are in rule text, entries as in "entry 10.0.0.0/8".
type Live struct {
	// RevokedAtOnce and RevokedAt are live rules that will be revoked.
	RevokedAtOnce []string `json:"revokedAtOnce"`
	RevokedAt     []Later  `json:"revokedAt"`
	// Reported are live rules that are not permitted and stay: the mode is alert.
	Reported []string `json:"reported"`
	// AuthorisedFirst is approved traffic that only rules which go carry now.
	AuthorisedFirst []string `json:"authorisedFirst"`
	// Missing are approved rules that are not live. They stay missing: Restored are
	// those that will be put back.
	Missing  []string `json:"missing"`
	Restored []string `json:"restored"`
	// NotJudged are live rules that have no canonical form.
	NotJudged []string `json:"notJudged"`
	// UnusedApprovals are names of approvals that permit no live rule of the group.
	UnusedApprovals []string `json:"unusedApprovals"`

	reasons  map[string]string // why a rule is not permitted
	reported string            // why what is not permitted is only reported
	words    wording
	pause    *baseline.Pause
}

func newLive(pause *baseline.Pause) Live {
	return Live{
		RevokedAtOnce: []string{}, RevokedAt: []Later{}, Reported: []string{}, AuthorisedFirst: []string{}, Missing: []string{},
		Restored: []string{}, NotJudged: []string{}, UnusedApprovals: []string{}, reasons: map[string]string{}, reported: "mode alert", words: ofRules, pause: pause,
	}
}

// Later is a live rule that will be revoked at a time. An earlier version of the
// baseline permits the rule until then, or sgwarden is paused.
type Later struct {
	Rule    string    `json:"rule"`
	At      time.Time `json:"at"`
	Version int64     `json:"version,omitempty"` // that permits the rule until then; 0: several together, or none

	graceEnd time.Time // zero for a rule that only the pause keeps
}

// Situation is what counts beside a baseline.
type Situation struct {
	Approvals []*baseline.Approval
	Grace     judge.Grace
	// Unknown is until when nothing is revoked since nobody knows what the grace
	// permits; zero otherwise.
	Unknown time.Time
	Pause   *baseline.Pause // in force; nil for none
}

// Of says what enforcing a baseline does to the live rules of its group.
func Of(doc *baseline.Document, s Situation, live []secgroup.LiveRule, now time.Time) Live {
	d := judge.ByBaseline(doc, judge.Grounds{Approvals: s.Approvals, Grace: s.Grace}, trail.Trigger{MayRemove: true}, live, now)
	l := newLive(s.Pause)
	for _, v := range d.Violations {
		l.reasons[v.Rule.String()] = v.Reason()
		l.revoke(d.Enforce, Later{Rule: v.Rule.String(), graceEnd: s.Unknown})
	}
	for _, g := range d.InGrace {
		l.revoke(d.Enforce, Later{Rule: g.Rule.String(), Version: g.Version, graceEnd: g.Until})
	}
	l.AuthorisedFirst = append(l.AuthorisedFirst, textsOf(d.Enforce, d.Protect)...)
	restored := d.Restore && d.Enforce
	l.Restored = append(l.Restored, textsOf(restored, d.Missing)...)
	l.Missing = append(l.Missing, textsOf(!restored, d.Missing)...)
	for _, u := range d.NotCanonical {
		l.NotJudged = append(l.NotJudged, u.Text)
	}
	for _, a := range s.Approvals {
		if a.Active(now) && !Used(a, live) {
			l.UnusedApprovals = append(l.UnusedApprovals, a.Name)
		}
	}
	l.sort()
	return l
}

// sort makes the order independent of the order in which EC2 lists rules.
func (l *Live) sort() {
	for _, texts := range [][]string{l.RevokedAtOnce, l.Reported, l.AuthorisedFirst, l.Missing, l.Restored, l.NotJudged, l.UnusedApprovals} {
		slices.Sort(texts)
	}
	slices.SortFunc(l.RevokedAt, func(a, b Later) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Rule, b.Rule)) })
}

// revoke takes up a rule that is to go.
func (l *Live) revoke(enforce bool, rule Later) {
	rule.At = rule.graceEnd
	if l.pause != nil && l.pause.Until.After(rule.At) {
		rule.At = l.pause.Until
	}
	switch {
	case !enforce:
		l.Reported = append(l.Reported, rule.Rule)
	case rule.At.IsZero():
		l.RevokedAtOnce = append(l.RevokedAtOnce, rule.Rule)
	default:
		l.RevokedAt = append(l.RevokedAt, rule)
	}
}

func textsOf(wanted bool, rules []secgroup.ApprovedRule) []string {
	var texts []string
	for _, r := range rules {
		if wanted {
			texts = append(texts, r.Rule.String())
		}
	}
	return texts
}

// Revokes counts the live rules that will be revoked, at once or later.
func (l Live) Revokes() int { return len(l.RevokedAtOnce) + len(l.RevokedAt) }

// Finds reports whether a live rule is not permitted.
func (l Live) Finds() bool { return l.Revokes()+len(l.Reported) > 0 }

// Delayed returns the same for a baseline that is written later than was thought: its
// grace ends later by as much.
func (l Live) Delayed(by time.Duration) Live {
	l.RevokedAt = slices.Clone(l.RevokedAt)
	for i := range l.RevokedAt {
		r := &l.RevokedAt[i]
		if r.graceEnd.IsZero() {
			continue
		}
		r.graceEnd = r.graceEnd.Add(by)
		if r.At = r.graceEnd; l.pause != nil && l.pause.Until.After(r.At) {
			r.At = l.pause.Until
		}
	}
	return l
}

// Used reports whether an approval permits something of the live rules.
func Used(a *baseline.Approval, live []secgroup.LiveRule) bool {
	return slices.ContainsFunc(live, func(l secgroup.LiveRule) bool {
		return l.NotCanonical == nil && slices.ContainsFunc(a.Rules, func(r rule.Rule) bool { return rule.Overlap(r, l.Rule) })
	})
}

// GraceAfter returns the grace that begins when a baseline is written now over the
// version in force, given the versions that Parameter Store has, oldest first. It asks
// judge.GraceOf as enforcement will. Where an earlier version can't be read, nothing is
// revoked until unknown. otherwise is the length for a baseline that does not say one.
func GraceAfter(doc *baseline.Document, inForce baseline.Stored, versions []baseline.Version, otherwise time.Duration, now time.Time) (g judge.Grace, unknown time.Time, err error) {
	next, all := nextVersion(inForce, versions, now)
	g, err = judge.GraceOf(doc, next, all, otherwise, now)
	if errors.Is(err, judge.ErrUnknownGrace) {
		return judge.Grace{}, judge.GraceEnd(doc, next, otherwise, now), nil
	}
	if err != nil {
		return judge.Grace{}, time.Time{}, fmt.Errorf("tell what stays permitted for the grace of %s: %w", doc.GroupID, err)
	}
	return g, time.Time{}, nil
}

// nextVersion returns the version that is written now over the one in force, and all
// versions then.
func nextVersion(inForce baseline.Stored, versions []baseline.Version, now time.Time) (baseline.Stored, []baseline.Version) {
	next := baseline.Stored{Parameter: inForce.Parameter, Version: inForce.Version + 1, ModifiedAt: now}
	return next, append(slices.Clone(versions), baseline.Version{Stored: next})
}
