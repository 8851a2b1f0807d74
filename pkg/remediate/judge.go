package remediate

import (
	"time"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// verdict is what the live rules and the event's are found to be, measured by
// the baseline.
type verdict struct {
	violations []violation
	unreadable []LiveRule
	// cut is approved traffic that only violations carry: it is authorised
	// before they are revoked.
	cut []Approved
}

// violation is a rule that the baseline does not permit. It has no ID to revoke
// when it is gone already.
type violation struct {
	LiveRule
	reason string
	gone   bool
}

// judge is pure. It takes the rules that an event names and the live rules
// together: a live one that no event named is a violation all the same, and one
// that is gone already was still an exposure.
func judge(changes []trail.Change, live []LiveRule, doc *baseline.Document, now time.Time) verdict {
	approved := rule.Compile(doc.Permitted(now))
	match := doc.Matching()
	named := make(map[rule.Rule]bool, len(changes))
	for _, c := range changes {
		named[c.Rule] = true
	}
	var v verdict
	var kept, going []rule.Rule
	isLive := make(map[rule.Rule]bool, len(live))
	for _, l := range live {
		isLive[l.Rule] = true
		switch {
		case l.Unreadable != nil:
			v.unreadable = append(v.unreadable, l)
		case approved.Permits(l.Rule, match):
			kept = append(kept, l.Rule)
		default:
			going = append(going, l.Rule)
			v.violations = append(v.violations, violation{LiveRule: l, reason: reason(approved, l.Rule, match, len(changes) == 0 || named[l.Rule])})
		}
	}
	for _, c := range changes {
		if !isLive[c.Rule] && !approved.Permits(c.Rule, match) {
			isLive[c.Rule] = true // an event may name a rule twice
			gone := LiveRule{ID: c.RuleID, Rule: c.Rule, Description: c.Description}
			v.violations = append(v.violations, violation{LiveRule: gone, reason: approved.Reason(c.Rule, match), gone: true})
		}
	}
	if len(going) > 0 {
		v.cut = describe(doc, rule.Cut(approved, rule.Compile(append(going, kept...)), rule.Compile(kept), going))
	}
	return v
}

func reason(approved *rule.Set, r rule.Rule, match rule.Match, named bool) string {
	text := approved.Reason(r, match)
	if !named {
		text += "; it was there before this event"
	}
	return text
}

// describe finds the descriptions that the baseline gives to rules.
func describe(doc *baseline.Document, rules []rule.Rule) []Approved {
	descriptions := map[rule.Rule]string{}
	for _, entries := range [][]baseline.Entry{doc.Egress, doc.Ingress} {
		for _, e := range entries {
			for _, r := range e.Rules() {
				descriptions[r] = e.Description
			}
		}
	}
	approved := make([]Approved, len(rules))
	for i, r := range rules {
		approved[i] = Approved{Rule: r, Description: descriptions[r]}
	}
	return approved
}
