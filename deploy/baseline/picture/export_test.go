package picture

import "github.com/sgwarden/sgwarden/pkg/rule"

// Rules are the approved rules of a group.
func (g Group) Rules() []rule.Rule {
	var rules []rule.Rule
	for _, a := range g.Approved {
		rules = append(rules, a.Rule)
	}
	return rules
}
