// Package picture draws security groups and who may reach whom on what, as text, Mermaid,
// DOT and SVG, and lists the paths from one of them to another. It is pure: values in,
// text out. It judges no rule: Group.Marks are what package judge said.
package picture

import (
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// Group is a security group as the picture is to show it. A group with the id of a prefix
// list stands for that list: it has a name and no rules.
type Group struct {
	ID   string // sg-…, or name:… in files that name groups
	Name string // empty where nobody knows it
	VPC  string // empty where nobody knows it
	Tags map[string]string

	HasBaseline bool
	// Guarded are the directions that the baseline lists rules for.
	Guarded []rule.Direction
	// Approved are the rules that the baseline permits for good.
	Approved []secgroup.ApprovedRule
	// Approvals are what permits rules until a time: approvals, and exceptions of the
	// baseline. Those that have ended are not drawn.
	Approvals []Approval

	// LiveRead says that Live are the rules that EC2 has for the group. Then these are
	// drawn, and of the approved ones only those that Marks call missing.
	LiveRead bool
	Live     []secgroup.LiveRule
	// Marks say what package judge said of live rules and of missing ones. A live rule
	// without a mark is permitted for good, or nobody guards its direction.
	Marks map[rule.Rule]Mark

	// Remarks are what people have to know of the group, such as a baseline that can't
	// be read.
	Remarks []string
}

// Approval permits some rules until a time.
type Approval struct {
	Name   string // of the parameter; empty for an exception of the baseline
	Rules  []rule.Rule
	Until  time.Time
	Reason string
}

// State says what a rule is, according to the document of its group.
type State string

// The states of rules.
const (
	Permitted State = "permitted" // for good
	Unguarded State = "unguarded" // live, and no baseline says whether it may be
	Ending    State = "ending"    // permitted until a time: by an approval, an exception or the grace
	Violating State = "violating" // live, and not permitted
	Missing   State = "missing"   // permitted for good, and not live
)

// Mark is what is said of one rule.
type Mark struct {
	State State
	Until time.Time // of Ending
	Grace bool      // of Ending: nothing but the grace permits the rule
	Says  string    // such as what enforcement would do; may be empty
}

// drawn is a rule of a group as the picture shows it.
type drawn struct {
	rule.Rule
	Mark
	owner string // account of a referenced group, where that is another account
}

// carries reports whether traffic passes the rule: a missing rule lets nothing pass.
func (d drawn) carries() bool { return d.State != Missing }

// isList reports whether the group stands for a prefix list.
func (g Group) isList() bool { return rule.IsPrefixListID(g.ID) }

// knows reports whether all rules of a direction are known.
func (g Group) knows(d rule.Direction) bool { return g.LiveRead || slices.Contains(g.Guarded, d) }

// drawn returns the rules to draw, sorted.
func (g Group) drawn(now time.Time) []drawn {
	var all []drawn
	if g.LiveRead {
		all = g.liveDrawn()
	} else {
		all = g.approvedDrawn(now)
	}
	slices.SortStableFunc(all, func(a, b drawn) int { return compareRules(a.Rule, b.Rule) })
	return slices.CompactFunc(all, func(a, b drawn) bool { return a.Rule == b.Rule })
}

func (g Group) liveDrawn() []drawn {
	var all []drawn
	for _, l := range g.Live {
		if l.NotCanonical != nil {
			continue
		}
		d := drawn{Rule: l.Rule, Mark: Mark{State: Unguarded}}
		if mark, marked := g.Marks[l.Rule]; marked {
			d.Mark = mark
		} else if g.HasBaseline && slices.Contains(g.Guarded, l.Rule.Direction) {
			d.Mark.State = Permitted
		}
		if secgroup.IsForeign(l.Owner, l.GroupOwner) {
			d.owner = l.Owner
		}
		all = append(all, d)
	}
	for r, mark := range g.Marks {
		if mark.State == Missing {
			all = append(all, drawn{Rule: r, Mark: mark})
		}
	}
	return all
}

func (g Group) approvedDrawn(now time.Time) []drawn {
	var all []drawn
	for _, a := range g.Approved {
		all = append(all, drawn{Rule: a.Rule, Mark: Mark{State: Permitted}, owner: a.Owner})
	}
	latest := map[rule.Rule]Mark{}
	for _, a := range g.Approvals {
		if !now.Before(a.Until) {
			continue
		}
		for _, r := range a.Rules {
			if a.Until.After(latest[r].Until) {
				latest[r] = Mark{State: Ending, Until: a.Until, Says: a.Reason}
			}
		}
	}
	for r, mark := range latest {
		all = append(all, drawn{Rule: r, Mark: mark})
	}
	return all
}
