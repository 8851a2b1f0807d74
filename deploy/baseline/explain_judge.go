package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// explanation is the answer of explain.
type explanation struct {
	EventID     string       `json:"eventId,omitempty"`
	EventName   string       `json:"eventName,omitempty"`
	GroupID     string       `json:"groupId,omitempty"`
	JudgedBy    string       `json:"judgedBy,omitempty"` // the file or parameter; absent where nothing judges
	Version     int64        `json:"version,omitempty"`  // of the parameter
	NothingToDo string       `json:"nothingToDo,omitempty"`
	Rules       []judgedRule `json:"rules"`
	Unreadable  []string     `json:"unreadable,omitempty"` // what of the event can't be judged
}

// judgedRule is a rule with what was found of it.
type judgedRule struct {
	Rule    string `json:"rule"`
	RuleID  string `json:"ruleId,omitempty"`
	Verdict string `json:"verdict"` // permitted, violation, removed or unclear
	Reason  string `json:"reason"`
	Would   string `json:"enforcement"` // what enforcement would do
}

// The verdicts.
const (
	verdictPermitted = "permitted"
	verdictViolation = string(alert.Violation)
	verdictRemoved   = "removed"
	verdictUnclear   = "unclear" // a violation in one direction only, and the event doesn't say which it is
)

// explain judges what a trigger names.
func (g grounds) explain(t trail.Trigger, now time.Time) explanation {
	x := explanation{EventID: t.EventID, EventName: t.EventName, GroupID: t.GroupID, Rules: []judgedRule{}}
	for _, err := range t.Unreadable {
		x.Unreadable = append(x.Unreadable, err.Error())
	}
	if g.doc == nil && g.guardrail == nil {
		x.NothingToDo = fmt.Sprintf("there is no baseline at %s and no guardrail: the group is left alone", g.from)
		return x
	}
	x.JudgedBy, x.Version = g.from, g.version
	violations := g.violations(t, now)
	for _, c := range t.Changes {
		x.Rules = append(x.Rules, g.judged(c, violations, now))
	}
	for _, r := range t.Removed {
		x.Rules = append(x.Rules, g.removal(r))
	}
	if len(x.Rules) == 0 {
		x.NothingToDo = "the event names no rule: the live rules of the group are judged (see diff)"
	}
	return x
}

func (g grounds) judged(c trail.Change, violations map[rule.Rule]string, now time.Time) judgedRule {
	j := judgedRule{Rule: c.Rule.String(), RuleID: c.RuleID, Verdict: verdictPermitted, Would: "leave it"}
	var fine, wrong []string
	for _, r := range c.Rules() {
		as := ""
		if c.EitherDirection {
			as = "as " + r.Direction.String() + ": "
		}
		if reason, violates := violations[r]; violates {
			wrong = append(wrong, as+reason)
		} else {
			fine = append(fine, as+g.permits(r, now))
		}
	}
	j.Reason = strings.Join(append(wrong, fine...), "; ")
	switch {
	case len(fine) == 0:
		j.Verdict, j.Would = verdictViolation, g.wouldDo()
	case len(wrong) > 0:
		j.Verdict, j.Would = verdictUnclear, "look at the live rule, since the event does not say the direction; leave it, or "+g.wouldDo()
	}
	return j
}

// permits says why a rule is no violation.
func (g grounds) permits(r rule.Rule, now time.Time) string {
	if g.doc == nil {
		return "there is no baseline, and it breaks nothing of the guardrail"
	}
	if !g.doc.Guards(r.Direction) {
		return fmt.Sprintf("the baseline has no %[1]s list, so %[1]s is not guarded", r.Direction)
	}
	return rule.Compile(g.doc.Permitted(now)).Reason(r, g.doc.Matching())
}

func (g grounds) wouldDo() string {
	if g.doc != nil && g.doc.Enforces() || g.guardrail != nil && g.guardrail.Enforces() {
		return "revoke it, and alert"
	}
	return "alert only (mode: alert)"
}

// removal judges a rule that the event took away.
func (g grounds) removal(r rule.Rule) judgedRule {
	j := judgedRule{Rule: r.String(), Verdict: verdictRemoved, Reason: "the baseline does not ask for it", Would: "nothing"}
	if g.doc == nil {
		j.Reason = "the guardrail asks for no rule"
		return j
	}
	var approved []string
	for _, a := range g.doc.Standing() {
		if rule.Overlap(a, r) {
			approved = append(approved, a.String())
		}
	}
	if len(approved) == 0 {
		return j
	}
	j.Reason = "the baseline approves " + strings.Join(approved, ", ")
	j.Would = "alert that it is missing, unless other live rules permit as much"
	if g.doc.Restore && g.doc.Enforces() {
		j.Would = "put back what is missing, unless other live rules permit as much"
	}
	return j
}

// violations judges the rules of a trigger as if none of them were live, and returns
// the reasons. Rules of which the event doesn't say the direction are judged both
// ways.
func (g grounds) violations(t trail.Trigger, now time.Time) map[rule.Rule]string {
	var changes []trail.Change
	for _, c := range t.Changes {
		for _, r := range c.Rules() {
			changes = append(changes, trail.Change{Rule: r})
		}
	}
	t.Changes = changes
	var decision judge.Decision
	if g.doc != nil {
		decision = judge.ByBaseline(g.doc, t, nil, now)
	} else {
		decision = judge.ByGuardrail(g.guardrail, t, nil)
	}
	reasons := map[rule.Rule]string{}
	for _, v := range decision.Violations {
		reasons[v.Rule] = v.Reason()
	}
	return reasons
}
