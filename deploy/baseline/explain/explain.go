// Package explain says of an event, or of a rule, what sgwarden would do and why.
// Package judge does all the judging.
package explain

import (
	"fmt"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Explanation is the answer of explain.
type Explanation struct {
	EventID      string       `json:"eventId,omitempty"`
	EventName    string       `json:"eventName,omitempty"`
	GroupID      string       `json:"groupId,omitempty"`
	JudgedBy     string       `json:"judgedBy,omitempty"` // the file or parameter; absent where nothing judges
	Version      int64        `json:"version,omitempty"`  // of the parameter
	NothingToDo  string       `json:"nothingToDo,omitempty"`
	Rules        []JudgedRule `json:"rules"`
	NotCanonical []string     `json:"unreadable,omitempty"` // what of the event can't be judged
	Notes        []string     `json:"notes,omitempty"`      // what could not be taken into account
}

// JudgedRule is a rule with what was found of it.
type JudgedRule struct {
	Rule    string `json:"rule"`
	RuleID  string `json:"ruleId,omitempty"`
	Verdict string `json:"verdict"` // permitted, violation, removed or unclear
	Reason  string `json:"reason"`
	Would   string `json:"enforcement"` // what enforcement would do
}

// The verdicts.
const (
	verdictPermitted = "permitted"
	VerdictViolation = string(alert.Violation)
	verdictRemoved   = "removed"
	verdictUnclear   = "unclear" // a violation in one direction only, and the event doesn't say which it is
)

// Explain judges what a trigger names.
func (g grounds) Explain(t trail.Trigger, now time.Time) Explanation {
	x := Explanation{EventID: t.EventID, EventName: t.EventName, GroupID: t.GroupID, Rules: []JudgedRule{}}
	for _, err := range t.Unparsed {
		x.NotCanonical = append(x.NotCanonical, err.Error())
	}
	if g.doc == nil && g.guardrail == nil {
		x.NothingToDo = fmt.Sprintf("there is no baseline at %s and no guardrail: the group is left alone", g.from)
		return x
	}
	x.JudgedBy, x.Version, x.Notes = g.from, g.version, g.notes
	verdicts := g.verdicts(t, now)
	for _, c := range t.Changes {
		x.Rules = append(x.Rules, g.judged(c, verdicts))
	}
	for _, r := range t.Removed {
		x.Rules = append(x.Rules, g.removal(r))
	}
	if len(x.Rules) == 0 {
		x.NothingToDo = "the event names no rule: the live rules of the group are judged (see diff)"
	}
	return x
}

// verdict is what was found of one rule in one direction.
type verdict struct {
	violates bool
	reason   string
	would    string
}

func (g grounds) judged(c trail.Change, verdicts map[rule.Rule]verdict) JudgedRule {
	j := JudgedRule{Rule: c.Rule.String(), RuleID: c.RuleID, Verdict: verdictPermitted}
	var permitted, wrong []string
	var leave, act string
	for _, r := range c.Rules() {
		as := ""
		if c.EitherDirection {
			as = "as " + r.Direction.String() + ": "
		}
		if v := verdicts[r]; v.violates {
			wrong, act = append(wrong, as+v.reason), v.would
		} else {
			permitted, leave = append(permitted, as+v.reason), v.would
		}
	}
	j.Reason = strings.Join(append(wrong, permitted...), "; ")
	switch {
	case len(wrong) == 0:
		j.Would = leave
	case len(permitted) == 0:
		j.Verdict, j.Would = VerdictViolation, act
	default:
		j.Verdict, j.Would = verdictUnclear, "look at the live rule, since the event does not say the direction; leave it, or "+act
	}
	return j
}

// removal judges a rule that the event took away.
func (g grounds) removal(r rule.Rule) JudgedRule {
	j := JudgedRule{Rule: r.String(), Verdict: verdictRemoved, Reason: "the baseline does not ask for it", Would: "nothing"}
	if g.doc == nil {
		j.Reason = "the guardrail asks for no rule"
		return j
	}
	var approved []string
	for _, a := range g.doc.PermanentRules() {
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
