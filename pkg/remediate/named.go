package remediate

import (
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// names are the rules that a trigger names, and whether a retry would report them
// once they are gone. The id counts only where the rule has no direction: it is
// empty for the others.
type names map[name]bool

type name struct {
	rule rule.Rule
	id   string
}

// namedBy: a sweep isn't retried, and of a gone rule of unknown direction a retry
// can't tell whether a live one is its twin, or which direction is permitted.
func namedBy(t trail.Trigger, o opinion) names {
	named := names{}
	for _, c := range t.Changes {
		if !c.EitherDirection {
			c.RuleID = ""
		}
		for _, r := range c.Rules() {
			key := name{r, c.RuleID}
			named[key] = named[key] || t.EventID != "" && !c.EitherDirection && !o.retry(r)
		}
	}
	return named
}

func (n names) tell(l secgroup.LiveRule) (named, retold bool) {
	for _, id := range []string{"", l.ID} {
		again, found := n[name{l.Rule, id}]
		named, retold = named || found, retold || again
	}
	return named, retold
}
