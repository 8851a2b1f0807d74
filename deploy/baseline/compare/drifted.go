package compare

import (
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Drifted is a rule by which a group differs from what is approved.
type Drifted struct {
	Rule    rule.Rule
	Missing bool       // approved and not live; false: live and not permitted
	Until   *time.Time // when the grace ends that alone permits a live rule; nil for others
	Says    string     // what enforcement would do
}

// Drifted returns the rules by which a group differs that was compared with its live
// rules. Live rules that can't be read are not among them.
func (g Group) Drifted() []Drifted {
	var all []Drifted
	for _, c := range g.Changes {
		if c.Kind == ruleAdded || c.Kind == ruleRemoved {
			all = append(all, Drifted{c.order, c.Kind == ruleRemoved, c.Until, c.Says})
		}
	}
	return all
}
