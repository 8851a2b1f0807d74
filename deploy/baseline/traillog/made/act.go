package made

import (
	"fmt"
	"math/bits"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// form is how a request names its rules.
type form uint8

const (
	permissions form = iota // ipPermissions
	flat                    // ipProtocol, cidrIp beside the group
	byRuleID                // securityGroupRuleIds
	old                     // ipPermissions, and an answer without rules, as before September 2021
)

// shape is all that the records of one template have in common.
type shape struct {
	name     string
	rules    [2]int8 // positions in the pool, -1 for none
	form     form
	identity uint8
	failed   bool
}

// act does something to a group. The creation of a group can bring the group's first rule with it.
func (w *world) act(g *group) []record {
	if !g.exists {
		return w.create(g)
	}
	switch n := w.random.IntN(100); {
	case n < 4:
		return []record{w.delete(g)}
	case n < 10:
		return []record{w.record(g, shape{name: "UpdateSecurityGroupRuleDescriptionsIngress", rules: one(2)}, 0, 0)}
	case n < 18:
		return []record{w.modify(g)}
	case n < 25:
		return []record{w.refused(g)}
	case n < 55 && g.open != 0:
		return []record{w.revoke(g)}
	}
	return []record{w.authorize(g)}
}

func (w *world) create(g *group) []record {
	w.name(g)
	g.exists, g.open = true, 0
	w.openAll(g, 1<<defaultEgress) // EC2 permits all outgoing traffic of a new group
	made := []record{w.record(g, shape{name: "CreateSecurityGroup", rules: none}, 1<<defaultEgress, 0)}
	if w.random.IntN(3) == 0 {
		made = append(made, w.authorize(g))
	}
	return made
}

func (w *world) delete(g *group) record {
	made := w.record(g, shape{name: "DeleteSecurityGroup", rules: none}, 0, g.open)
	g.exists, g.open = false, 0
	return made
}

// authorize opens one rule, or two of one direction.
func (w *world) authorize(g *group) record {
	i := w.closed(g)
	if i < 0 {
		return w.revoke(g)
	}
	s := shape{rules: one(i), form: w.oneOf(permissions, permissions, old)}
	if j := (i + 1) % len(pool); g.open&(1<<j) == 0 && pool[i].Direction == pool[j].Direction && w.random.IntN(3) == 0 {
		s.rules[1] = int8(j)
	} else if pool[i].Peer.Kind == rule.CIDR && pool[i].Peer.Prefix.Addr().Is4() && w.random.IntN(4) == 0 {
		s.form = flat
	}
	s.name = "AuthorizeSecurityGroup" + side(i)
	w.openAll(g, s.mask())
	return w.record(g, s, s.mask(), 0)
}

func (w *world) revoke(g *group) record {
	i := w.opened(g)
	s := shape{name: "RevokeSecurityGroup" + side(i), rules: one(i), form: w.oneOf(permissions, byRuleID, old)}
	made := w.record(g, s, 0, s.mask())
	g.open &^= s.mask()
	return made
}

// modify makes another rule of one, under the same id. A rule can't change its direction.
func (w *world) modify(g *group) record {
	from, to := -1, w.closed(g)
	for i := range pool {
		if to >= 0 && g.open&(1<<i) != 0 && pool[i].Direction == pool[to].Direction {
			from = i
		}
	}
	if from < 0 {
		return w.refused(g)
	}
	g.ruleIDs[to] = g.ruleIDs[from]
	g.open = g.open&^(1<<from) | 1<<to
	return w.record(g, shape{name: "ModifySecurityGroupRules", rules: one(to)}, 1<<to, 1<<from)
}

// refused is a call that fails.
func (w *world) refused(g *group) record {
	i := w.random.IntN(len(pool))
	made := w.record(g, shape{name: "AuthorizeSecurityGroup" + side(i), rules: one(i), failed: true}, 0, 0)
	made.call.Failed = true
	return made
}

func (w *world) record(g *group, s shape, opens, closes uint64) record {
	s.identity = uint8(w.random.IntN(len(identities)))
	id := w.random.Uint64()
	made := record{shape: s, account: g.account, region: g.region, time: w.now, groupID: g.id, eventID: id}
	for n, i := range s.rules {
		if i >= 0 {
			made.ruleIDs[n] = g.ruleIDs[i]
		}
	}
	arn, principal := identities[s.identity].arns(g.account)
	made.call = &Call{
		Time: w.now, Account: g.account, Region: g.region, GroupID: g.id, Actor: arn, Principal: principal, Name: s.name,
		Opens: g.rules(opens), Closes: g.rules(closes), EventID: eventID(id),
	}
	return made
}

// eventID writes a number in the form of a UUID, which CloudTrail's ids have.
func eventID(n uint64) string {
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", n>>32, n>>16&0xffff, n>>4&0xfff, n&0xfff, n&0xffffffffffff)
}

func (s shape) mask() (mask uint64) {
	for _, i := range s.rules {
		if i >= 0 {
			mask |= 1 << i
		}
	}
	return mask
}

// closed returns a rule of the pool that the group does not have, or -1.
func (w *world) closed(g *group) int { return w.bit(^g.open & (1<<len(pool) - 1)) }

// opened returns a rule of the pool that the group has, or -1.
func (w *world) opened(g *group) int { return w.bit(g.open) }

func (w *world) bit(mask uint64) int {
	if mask == 0 {
		return -1
	}
	for n := w.random.IntN(bits.OnesCount64(mask)); n > 0; n-- {
		mask &= mask - 1
	}
	return bits.TrailingZeros64(mask)
}

func (w *world) oneOf(forms ...form) form { return forms[w.random.IntN(len(forms))] }

var none = [2]int8{-1, -1}

func one(i int) [2]int8 { return [2]int8{int8(i), -1} }

func side(i int) string {
	if pool[i].Direction == rule.Egress {
		return "Egress"
	}
	return "Ingress"
}
