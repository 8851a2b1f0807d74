package judge

import (
	"slices"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// protect returns the approved traffic that the carriers carry and the kept rules
// don't: what revoking the carriers would cut off. It is never more than what is
// approved and carried:
//
//	approved      |----- 10.0.0.0/8, 443 -----|      |-- 172.16.0.0/12, all --|
//	violation          |--------------- 0.0.0.0/0, tcp 22-8443 -------------------|
//	protected     |----- 10.0.0.0/8, 443 -----|      |-- 172.16.0.0/12, 22-8443 --|
//
// With match exact a part of an approved rule would itself be a violation, so the
// approved rules themselves are returned.
func protect(approved *rule.Set, match rule.Match, kept *rule.Set, carriers []rule.Rule) []rule.Rule {
	var parts []rule.Rule
	seen := map[rule.Rule]bool{}
	for _, a := range approved.Rules() {
		for _, c := range carriers {
			part, carries := rule.Carried(a, c)
			if !carries || kept.Permits(part, rule.Covered) {
				continue
			}
			if match == rule.Exact {
				part = a
			}
			if !seen[part] {
				seen[part] = true
				parts = append(parts, part)
			}
		}
	}
	return widest(parts)
}

// widest leaves out the rules that lie inside another one of the list.
func widest(rules []rule.Rule) []rule.Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r rule.Rule) bool {
		return slices.ContainsFunc(rules, func(other rule.Rule) bool { return other != r && rule.Inside(r, other) })
	})
}
