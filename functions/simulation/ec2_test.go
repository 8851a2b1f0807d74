package simulation

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// ec2 is the security groups of a region. Its semantics are those of the EC2 API
// reference: calls are atomic, one unknown id or one duplicate rejects a whole
// call, and a deleted group has no rules.
type ec2 struct {
	groups  []*group
	changes []change
	lastID  int
	pages   int // rules a page, if less than the caller asks for
	quota   int // rules a group may have in each direction
}

type group struct {
	id, name string
	managed  bool // by an AWS service, which alone may edit it
	deleted  bool
	rules    []owned // in the order of their ids
	past     []past
}

// usualQuota is EC2's default for the rules of a group in each direction (Amazon
// VPC User Guide, "Amazon VPC quotas").
const usualQuota = 60

// owned is a rule that a group has.
type owned struct {
	id   string
	rule int // in the universe
}

func (o owned) String() string { return o.id + " " + naive.Universe[o.rule].Text }

// past is what a group's rules were from a time on.
type past struct {
	from  time.Time
	rules []owned
}

// change is what became of one rule by one call. -1 is no rule.
type change struct {
	at            time.Time
	group, id     string
	by            *invocation
	before, after int
}

func (e *ec2) group(id string) *group {
	for _, g := range e.groups {
		if g.id == id {
			return g
		}
	}
	return nil
}

// groupByName finds a group as a call names it: by its id, or by its name.
func (e *ec2) groupByName(form url.Values) *group {
	if id := form.Get("GroupId"); id != "" {
		return e.group(id)
	}
	return e.byName(form.Get("GroupName"))
}

// byName finds a group of the default VPC, in which all groups are.
func (e *ec2) byName(name string) *group {
	for _, g := range e.living() {
		if g.name == name {
			return g
		}
	}
	return nil
}

// living returns the groups that exist.
func (e *ec2) living() []*group {
	return slices.DeleteFunc(slices.Clone(e.groups), func(g *group) bool { return g.deleted })
}

// asOf are the rules that a group had at a time.
func (g *group) asOf(at time.Time) []owned {
	var rules []owned
	for _, p := range g.past {
		if p.from.After(at) {
			break
		}
		rules = p.rules
	}
	return rules
}

func (g *group) universe() []int { return rulesOf(g.rules) }

func (g *group) has(o owned) bool { return slices.Contains(g.rules, o) }

func rulesOf(all []owned) []int {
	rules := make([]int, len(all))
	for i, r := range all {
		rules[i] = r.rule
	}
	return rules
}

// become sets a group's rules and keeps track of what changed.
func (e *ec2) become(g *group, rules []owned, by *invocation, at time.Time) {
	was, is := map[string]int{}, map[string]int{}
	for _, r := range rules {
		is[r.id] = r.rule
	}
	for _, r := range g.rules {
		was[r.id] = r.rule
		if after, found := is[r.id]; !found {
			e.changes = append(e.changes, change{at, g.id, r.id, by, r.rule, -1})
		} else if after != r.rule {
			e.changes = append(e.changes, change{at, g.id, r.id, by, r.rule, after})
		}
	}
	for _, r := range rules {
		if _, found := was[r.id]; !found {
			e.changes = append(e.changes, change{at, g.id, r.id, by, -1, r.rule})
		}
	}
	g.rules = rules
	g.past = append(g.past, past{at, rules})
}

func (e *ec2) newID(prefix string) string {
	e.lastID++
	return fmt.Sprintf("%s-%017x", prefix, e.lastID)
}
