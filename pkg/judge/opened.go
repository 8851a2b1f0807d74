package judge

import (
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// openedRules are the rules that an event names as opened, and whether a retry of the
// event would report them once they are not live. Where the event names a rule's id,
// only the live rule of that id is meant: one of another id with the same text was
// made by another call, and approved traffic may rely on it. An event without ids
// means the live rule that reads the same, since EC2 has no two such rules.
//
// A Modify event does not say the direction of its rules. Such a rule counts only
// for the live rule of its id, and a retry reports it only if it is a violation in
// both directions.
type openedRules struct {
	isEvent         bool
	added, modified map[eventRule]bool
}

// eventRule is a rule as an event names it: id is empty where the event names none.
type eventRule struct {
	id   string
	rule rule.Rule
}

func openedRulesOf(hint trail.Trigger, o opinion) openedRules {
	n := openedRules{isEvent: hint.EventID != ""}
	if len(hint.Changes) == 0 {
		return n
	}
	n.added, n.modified = map[eventRule]bool{}, map[eventRule]bool{}
	for _, c := range hint.Changes {
		// A sweep is not retried, and a retry may not find the group by its name.
		reportedByRetry := n.isEvent && !hint.LookedUp
		for _, r := range c.Rules() {
			reportedByRetry = reportedByRetry && !o.retry(r)
		}
		if !c.EitherDirection {
			n.added[eventRule{c.RuleID, c.Rule}] = reportedByRetry
			continue
		}
		for _, r := range c.Rules() {
			n.modified[eventRule{c.RuleID, r}] = reportedByRetry
		}
	}
	return n
}

// anyOpened reports whether the event says which rules its call opened.
func (n openedRules) anyOpened() bool { return n.isEvent && len(n.added)+len(n.modified) > 0 }

// violationOf says of a live violation what the event knows of it.
func (n openedRules) violationOf(l secgroup.LiveRule) Violation {
	addedReported, added := n.added[eventRule{l.ID, l.Rule}]
	if !added {
		addedReported, added = n.added[eventRule{"", l.Rule}]
	}
	modifiedReported, modified := n.modified[eventRule{l.ID, l.Rule}]
	return Violation{
		LiveRule:        l,
		OpenedByEvent:   n.isEvent && (added || modified),
		Added:           n.isEvent && added,
		ReportedByRetry: addedReported || modifiedReported,
	}
}
