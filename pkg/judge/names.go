package judge

import (
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// names are the rules that an event names as opened. A Modify event does not say
// the direction of its rules. Such a rule counts only for the live rule of its id,
// and a retry tells of it only if it is a violation in both directions.
type names struct {
	isEvent bool
	byRule  map[rule.Rule]name
	byID    map[string]map[rule.Rule]name
}

type name struct {
	ids         map[string]bool // of the event's rules; "" where the event has none
	toldByRetry bool
}

func namesOf(hint trail.Trigger, o opinion) names {
	n := names{isEvent: hint.EventID != "", byRule: map[rule.Rule]name{}, byID: map[string]map[rule.Rule]name{}}
	for _, c := range hint.Changes {
		if c.EitherDirection {
			if n.byID[c.RuleID] == nil {
				n.byID[c.RuleID] = map[rule.Rule]name{}
			}
			told := n.isEvent
			for _, r := range c.Rules() {
				told = told && !o.retry(r)
			}
			for _, r := range c.Rules() {
				n.byID[c.RuleID][r] = name{toldByRetry: told}
			}
			continue
		}
		named := n.byRule[c.Rule]
		if named.ids == nil {
			named.ids = map[string]bool{}
		}
		named.ids[c.RuleID] = true
		// A sweep is not retried.
		named.toldByRetry = n.isEvent && !o.retry(c.Rule)
		n.byRule[c.Rule] = named
	}
	return n
}

// anyOpened reports whether the event says which rules its call opened.
func (n names) anyOpened() bool { return n.isEvent && len(n.byRule)+len(n.byID) > 0 }

// tell says of a live violation what the event knows of it. A rule that has come
// back under another id was not added by the event's call.
func (n names) tell(l secgroup.LiveRule) Violation {
	v := Violation{LiveRule: l}
	modification, modified := n.byID[l.ID][l.Rule]
	named, isNamed := n.byRule[l.Rule]
	v.Added = n.isEvent && isNamed && (named.ids[""] || named.ids[l.ID])
	v.OpenedByEvent = n.isEvent && (modified || v.Added)
	v.ToldByRetry = isNamed && named.toldByRetry || modified && modification.toldByRetry
	return v
}
