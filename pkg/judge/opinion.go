package judge

import (
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// opinion is what a baseline or the guardrail thinks of single rules.
type opinion struct {
	// guards says whether rules of a direction are judged at all.
	guards func(rule.Direction) bool
	// live, notLive: is the rule permitted, as a live one or as one that is not live?
	live, notLive func(rule.Rule) bool
	// retry: would a retry of the event find the rule permitted, whatever is live
	// by then?
	retry  func(rule.Rule) bool
	reason func(rule.Rule) string
}

// judge puts the live rules and the event's into violations. A live rule that no
// event named is a violation all the same, and one that is not live any more was still
// an exposure.
func (o opinion) judge(hint trail.Trigger, live []secgroup.LiveRule) Decision {
	d := o.judgeLive(hint, live)
	if len(hint.Changes) > 0 {
		d.Violations = append(d.Violations, o.judgeNotLive(hint, live)...)
	}
	return d
}

func (o opinion) judgeLive(hint trail.Trigger, live []secgroup.LiveRule) (d Decision) {
	event := openedRulesOf(hint, o)
	for _, l := range live {
		switch {
		case l.Rule.Direction != 0 && !o.guards(l.Rule.Direction):
			continue
		case l.NotCanonical != nil:
			d.NotCanonical = append(d.NotCanonical, l)
			continue
		case o.live(l.Rule):
			continue
		}
		v := event.violationOf(l)
		v.reason = func() string { return o.reason(l.Rule) }
		if !v.OpenedByEvent && event.anyOpened() {
			v.reason = func() string { return o.reason(l.Rule) + "; this event does not name it" }
		}
		d.Violations = append(d.Violations, v)
	}
	return d
}

// judgeNotLive looks at the rules that the event names and that are not live.
func (o opinion) judgeNotLive(hint trail.Trigger, live []secgroup.LiveRule) []Violation {
	var notLive []Violation
	isLive, directions := map[eventRule]bool{}, map[string]rule.Direction{}
	for _, l := range live {
		isLive[eventRule{l.ID, l.Rule}], isLive[eventRule{"", l.Rule}], directions[l.ID] = true, true, l.Rule.Direction
	}
	for _, c := range hint.Changes {
		direction, seen := directions[c.RuleID]
		v, found := o.violationNotLive(c, direction, isLive)
		if !found {
			continue
		}
		isLive[eventRule{c.RuleID, v.Rule}] = true // an event may name a rule twice
		v.MaybeLive = c.RuleID != "" && !seen && !c.EitherDirection
		v.OpenedByEvent = hint.EventID != ""
		notLive = append(notLive, v)
	}
	return notLive
}

// violationNotLive looks at a rule that an event names and that is not live. Where
// neither the event nor the live rule of the same id says its direction, the rule
// is a violation only if it is not permitted in either direction.
func (o opinion) violationNotLive(c trail.Change, direction rule.Direction, isLive map[eventRule]bool) (Violation, bool) {
	candidates := c.Rules()
	if c.EitherDirection && direction != 0 {
		candidates = []rule.Rule{c.Rule}
		candidates[0].Direction = direction
	}
	for _, r := range candidates {
		// A live rule is not surely the event's rule where two are possible.
		isJudged := len(candidates) == 1 && isLive[eventRule{c.RuleID, r}]
		if isJudged || !o.guards(r.Direction) || o.notLive(r) {
			return Violation{}, false
		}
	}
	r, unsure := candidates[0], ""
	if len(candidates) > 1 {
		unsure = "; the event does not say the direction"
	}
	return Violation{
		LiveRule: secgroup.LiveRule{ID: c.RuleID, Rule: r, Description: c.Description},
		NotLive:  true,
		reason:   func() string { return o.reason(r) + unsure },
	}, true
}
