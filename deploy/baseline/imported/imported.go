// Package imported is what an import of infrastructure code comes to: groups
// with all the rules they are to have, and what could not be resolved. It is
// what every format's parser returns.
//
// A baseline that misses a rule would have that rule revoked. So a group of
// which any rule can't be known is not among the groups: it is withheld, with
// the reasons.
package imported

import (
	"cmp"
	"maps"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Group is a security group of which every rule is known.
type Group struct {
	ID, Name string
	Address  string // of its resource in the document
	Rules    []baseline.Described
	// Default are rules that EC2 may have given the group by itself, which the
	// document can't say: they belong to it if it has them. Leftover are such
	// rules that something in the document should have taken away.
	Default, Leftover []rule.Rule
}

// Unresolved is something in the document that did not become part of a
// baseline, or that somebody should look at.
type Unresolved struct {
	Address  string `json:"address"`           // of the resource in the document
	GroupID  string `json:"groupId,omitempty"` // the group concerned, where it is known
	Reason   string `json:"reason"`
	Withheld bool   `json:"withheld"` // no baseline is made of GroupID
}

// Result is what a document comes to, in a stable order.
type Result struct {
	Groups     []Group
	Unresolved []Unresolved
}

// Collector gathers a Result. The zero value is ready.
type Collector struct {
	groups     map[string]*Group
	rules      map[string]map[rule.Rule]string // by group; the description
	strangers  map[string]string               // groups that have rules: the address of one
	withheld   map[string]bool
	unresolved []Unresolved
}

// Add adds a group, of which the document has all rules.
func (c *Collector) Add(id, name, address string) {
	if c.groups == nil {
		c.groups = map[string]*Group{}
	}
	if c.groups[id] == nil {
		c.groups[id] = &Group{ID: id, Name: name, Address: address}
	}
}

// Default notes rules that a group may have from EC2 itself.
func (c *Collector) Default(id string, rules ...rule.Rule) { c.groups[id].Default = rules }

// Leftover notes rules from EC2 itself that a group should not have any more.
func (c *Collector) Leftover(id string, rules ...rule.Rule) { c.groups[id].Leftover = rules }

// Has reports whether a group was added.
func (c *Collector) Has(id string) bool { return c.groups[id] != nil }

// Rule adds a rule of a group, which may be added later. One that several
// resources write is one rule. A rule with no canonical form withholds the group.
func (c *Collector) Rule(id, address string, spelled rule.EC2, description string) {
	r, err := spelled.Canonical()
	if err != nil {
		c.Withhold(id, address, err.Error())
		return
	}
	if c.rules == nil {
		c.rules, c.strangers = map[string]map[rule.Rule]string{}, map[string]string{}
	}
	if c.rules[id] == nil {
		c.rules[id], c.strangers[id] = map[rule.Rule]string{}, address
	}
	c.rules[id][r] = cmp.Or(c.rules[id][r], description)
}

// Withhold lists what can't be resolved, and makes sure that no baseline is made
// of the group it belongs to. The id is empty where the group isn't known.
func (c *Collector) Withhold(id, address, reason string) {
	if c.withheld == nil {
		c.withheld = map[string]bool{}
	}
	c.withheld[id] = true
	c.List(id, address, reason)
}

// List lists something to look at.
func (c *Collector) List(id, address, reason string) {
	c.unresolved = append(c.unresolved, Unresolved{Address: address, GroupID: id, Reason: reason})
}

// Result returns what was gathered.
func (c *Collector) Result() Result {
	for _, id := range slices.Sorted(maps.Keys(c.rules)) {
		if !c.Has(id) {
			c.Withhold(id, c.strangers[id], "the group itself is not in here, so neither are all of its rules")
		}
	}
	var result Result
	for _, id := range slices.Sorted(maps.Keys(c.groups)) {
		if !c.withheld[id] {
			result.Groups = append(result.Groups, c.complete(*c.groups[id]))
		}
	}
	for _, u := range c.unresolved {
		u.Withheld = u.GroupID != "" && c.withheld[u.GroupID]
		result.Unresolved = append(result.Unresolved, u)
	}
	slices.SortFunc(result.Unresolved, func(a, b Unresolved) int {
		return cmp.Or(cmp.Compare(a.Address, b.Address), cmp.Compare(a.GroupID, b.GroupID), cmp.Compare(a.Reason, b.Reason))
	})
	result.Unresolved = slices.Compact(result.Unresolved)
	return result
}

func (c *Collector) complete(g Group) Group {
	for r, description := range c.rules[g.ID] {
		g.Rules = append(g.Rules, baseline.Described{Rule: r, Description: description})
	}
	slices.SortFunc(g.Rules, func(a, b baseline.Described) int {
		return cmp.Or(cmp.Compare(a.Rule.Direction, b.Rule.Direction), cmp.Compare(a.Rule.String(), b.Rule.String()))
	})
	return g
}
