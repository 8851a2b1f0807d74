package replay

import (
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

// Description is what EC2 said of groups at a time: all rules of each of them.
type Description struct {
	At     time.Time
	Groups []DescribedGroup
}

// DescribedGroup is a group with all its rules. Rules of DescribeSecurityGroups have no ids.
type DescribedGroup struct {
	ID, Name string
	Account  string // the owner; empty where EC2 did not say
	Live     []secgroup.LiveRule
}

// learnNames remembers what groups are called.
func (r *Replay) learnNames(d Description) {
	for _, g := range d.Groups {
		r.learnName(trail.Trigger{Account: g.Account, Region: r.options.Region, GroupID: g.ID}, g.Name)
	}
}

// describe takes a description over: from then on the groups have these rules, but for
// those that sgwarden would have revoked before. The groups are judged, as in a sweep.
func (r *Replay) describe(d Description) error {
	for _, described := range d.Groups {
		if !r.isGuarded(described.ID) {
			continue
		}
		g := r.group(described.ID, trail.Trigger{Account: described.Account, Region: r.options.Region, Time: d.At})
		if g.name == "" {
			g.name = described.Name
		}
		g.takeOver(described.Live)
		if err := r.sweep(g, d.At); err != nil {
			return err
		}
	}
	return nil
}

// takeOver replaces the rules. Of a rule that was there before, it stays known who opened
// the rule, and whether that was reported.
func (g *group) takeOver(live []secgroup.LiveRule) {
	before, marks := g.live, g.marks
	g.live, g.marks, g.known = nil, nil, described
	for _, l := range live {
		if g.wasRevoked(l) {
			continue
		}
		m := mark{}
		if i := slices.IndexFunc(before, func(b secgroup.LiveRule) bool { return b.Rule == l.Rule }); i >= 0 {
			m = marks[i]
		}
		g.live, g.marks = append(g.live, l), append(g.marks, m)
	}
}
