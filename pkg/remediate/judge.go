package remediate

import (
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// verdict is what the live rules and the event's are found to be.
type verdict struct {
	kind       alert.Kind
	violations []violation // the live ones first, then those already gone
	unreadable []secgroup.LiveRule
	// cut is approved traffic that only violations carry: it is authorised
	// before they are revoked.
	cut []secgroup.ApprovedRule
	// missing are approved rules that were not there before.
	missing []secgroup.ApprovedRule
	restore bool // put back what is missing
	enforce bool
}

// violation is a rule that isn't permitted. It can't be revoked when it is gone.
type violation struct {
	secgroup.LiveRule
	reason func() string // told after the revoke, which doesn't wait for it
	gone   bool
	// named says that the event opened it, so that it is known since when it was open.
	named bool
	// retold says that a retry of the event reports it even if it is gone by then.
	retold bool
}

func (v verdict) empty() bool {
	return len(v.violations)+len(v.unreadable)+len(v.missing) == 0
}

// judge is pure. It takes the rules that an event names and the live rules
// together: a live one that no event named is a violation all the same, and one
// that is gone already was still an exposure.
func judge(t trail.Trigger, live []secgroup.LiveRule, doc *baseline.Document, now time.Time) verdict {
	approved := rule.Compile(doc.Permitted(now))
	exceptions := newExpired(doc, approved, now)
	match := doc.Matching()
	v := sift(t, live, opinion{
		permits: func(r rule.Rule, _ bool) bool { return approved.Permits(r, match) },
		retry:   func(r rule.Rule) bool { return approved.Permits(r, match) },
		reason:  func(r rule.Rule) string { return exceptions.reason(r) + approved.Reason(r, match) },
	})
	v.kind = alert.Drift
	if len(v.violations) > 0 && !slices.ContainsFunc(v.violations, func(x violation) bool { return exceptions.covering(x.Rule) == nil }) {
		v.kind = alert.ExceptionExpired
	}
	v.restore = doc.Restore
	kept, going := v.split(live)
	if len(going) == 0 && !v.restore && !t.MayRemove {
		return v // nothing can be cut or missed: spare the time
	}
	if len(going) > 0 {
		v.cut = describe(doc, live, rule.Cut(approved, rule.Compile(kept), going))
	}
	missing := rule.Missing(doc.Standing(), rule.Compile(slices.Concat(kept, going)))
	v.missing = describe(doc, live, slices.DeleteFunc(missing, func(r rule.Rule) bool {
		return contains(v.cut, r) || !v.restore && !mayHaveRemoved(t, r)
	}))
	return v
}

// mayHaveRemoved keeps a missing rule from being reported with each event that
// has nothing to do with it, such as that of a revoke of sgwarden's own.
func mayHaveRemoved(t trail.Trigger, r rule.Rule) bool {
	overlaps := func(removed rule.Rule) bool { return rule.Overlap(removed, r) }
	return t.MayRemove && (len(t.Removed) == 0 || slices.ContainsFunc(t.Removed, overlaps))
}

// opinion is what a baseline or the guardrail thinks of rules, live or gone.
type opinion struct {
	permits func(r rule.Rule, gone bool) bool
	// retry is permits for a rule that is gone with all the live ones.
	retry  func(r rule.Rule) bool
	reason func(r rule.Rule) string
}

// sift puts the live rules and the event's into a verdict.
func sift(t trail.Trigger, live []secgroup.LiveRule, o opinion) verdict {
	var v verdict
	named := namedBy(t, o)
	isLive, directions := map[rule.Rule]bool{}, map[string]rule.Direction{}
	for _, l := range live {
		if l.Unreadable != nil {
			v.unreadable = append(v.unreadable, l)
			continue
		}
		isLive[l.Rule], directions[l.ID] = true, l.Rule.Direction
		if !o.permits(l.Rule, false) {
			addition := ""
			isNamed, retold := named.tell(l)
			if t.EventID != "" && len(t.Changes) > 0 && !isNamed {
				addition = "; it was there before this event"
			}
			v.violations = append(v.violations, violation{LiveRule: l, reason: func() string { return o.reason(l.Rule) + addition }, named: isNamed, retold: retold})
		}
	}
	for _, c := range t.Changes {
		if r, unsure, found := wasViolation(c, directions[c.RuleID], isLive, o); found {
			isLive[r] = true // an event may name a rule twice
			gone := secgroup.LiveRule{ID: c.RuleID, Rule: r, Description: c.Description}
			v.violations = append(v.violations, violation{LiveRule: gone, reason: func() string { return o.reason(r) + unsure }, gone: true})
		}
	}
	return v
}

// wasViolation looks at a rule that an event names and that isn't live any more.
// Where neither the event nor the live rule of the same id says its direction,
// it is one only if it isn't permitted in either.
func wasViolation(c trail.Change, direction rule.Direction, isLive map[rule.Rule]bool, o opinion) (r rule.Rule, unsure string, found bool) {
	candidates := c.Rules()
	if c.EitherDirection && direction != 0 {
		candidates = []rule.Rule{c.Rule}
		candidates[0].Direction = direction
	}
	for _, r := range candidates {
		if isLive[r] || o.permits(r, true) {
			return r, "", false
		}
	}
	if len(candidates) > 1 {
		unsure = "; the event does not say the direction"
	}
	return candidates[0], unsure, true
}

// split returns the live rules that stay and those that are to be revoked.
func (v verdict) split(live []secgroup.LiveRule) (kept, going []rule.Rule) {
	ids := map[string]bool{}
	for _, violation := range v.violations {
		if !violation.gone {
			ids[violation.ID] = true
		}
	}
	for _, l := range live {
		switch {
		case l.Unreadable != nil:
		case ids[l.ID]:
			going = append(going, l.Rule)
		default:
			kept = append(kept, l.Rule)
		}
	}
	return kept, going
}

// describe adds what a call to EC2 needs: the descriptions that the baseline
// gives, and who owns a group, which live rules that refer to it tell.
func describe(doc *baseline.Document, live []secgroup.LiveRule, rules []rule.Rule) []secgroup.ApprovedRule {
	descriptions, owners := map[rule.Rule]string{}, map[string]string{}
	for _, entries := range [][]baseline.Entry{doc.Egress, doc.Ingress} {
		for _, e := range entries {
			for _, r := range e.Rules() {
				descriptions[r] = e.Description
			}
		}
	}
	for _, l := range live {
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

func contains(approved []secgroup.ApprovedRule, r rule.Rule) bool {
	return slices.ContainsFunc(approved, func(a secgroup.ApprovedRule) bool { return a.Rule == r })
}
