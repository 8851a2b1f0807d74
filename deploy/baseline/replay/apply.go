package replay

import (
	"net/netip"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

const createGroup = "CreateSecurityGroup"

// defaultEgress is the rule that EC2 gives each new group (Amazon VPC User Guide, "Security
// group rules"). There is no record of it. A group in a VPC with IPv6 gets egress all all ::/0
// too, and no record says whether the VPC has IPv6.
var defaultEgress = rule.Rule{
	Direction: rule.Egress, Protocol: rule.All, Ports: rule.AllPorts,
	Peer: rule.Peer{Kind: rule.CIDR, Prefix: netip.MustParsePrefix("0.0.0.0/0")},
}

// apply makes the group what the call made of it. It returns the changes of which nobody
// knows the direction, so that no live rule can be made of them.
func (g *group) apply(t trail.Trigger, d details) (unsure []trail.Change) {
	if t.EventName == createGroup {
		g.create(t, d.name)
	}
	for _, c := range t.Changes {
		if c.EitherDirection {
			direction := g.directionOf(c.RuleID)
			if direction == 0 {
				unsure = append(unsure, c)
				continue
			}
			c.Rule.Direction = direction
		}
		g.add(secgroup.LiveRule{ID: c.RuleID, Rule: c.Rule, Description: c.Description}, mark{opener: openerOf(t)})
	}
	g.remove(t, d)
	return unsure
}

// create begins a group. CloudTrail's times are whole seconds, so that calls which the
// same person made right after the creation may stand before it.
func (g *group) create(t trail.Trigger, name string) {
	g.known = created
	if g.name == "" {
		g.name = name
	}
	if !g.removed[defaultEgress] {
		g.add(secgroup.LiveRule{Rule: defaultEgress}, mark{opener: openerOf(t), isNew: true})
	}
	g.removed = nil
}

// directionOf returns the direction of a rule that the group has, or would have without
// sgwarden; 0 where that is not known. The direction of an id never changes.
func (g *group) directionOf(id string) rule.Direction {
	i := slices.IndexFunc(g.live, func(l secgroup.LiveRule) bool { return id != "" && l.ID == id })
	if i >= 0 {
		return g.live[i].Rule.Direction
	}
	return g.revoked[id].Direction
}

// remove takes out what a Revoke call removed: the rules that it names, or the ids.
func (g *group) remove(t trail.Trigger, d details) {
	for _, r := range t.Removed {
		g.removeWhere(func(l secgroup.LiveRule) bool { return l.Rule == r })
		if g.known == assumed && r == defaultEgress {
			g.removed = map[rule.Rule]bool{r: true}
		}
	}
	for _, id := range d.removedIDs {
		g.removeWhere(func(l secgroup.LiveRule) bool { return l.ID == id })
	}
}
