package picture

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// endWithRules is an end of steps, with the rules of a group of the picture.
type endWithRules struct {
	End
	endpoint
	group *Group  // nil for what is no group of the picture
	rules []drawn // those that carry traffic
	wide  map[rule.Rule]bool
}

// admits returns the rules of a group, in one direction, that are for another end.
func (p endWithRules) admits(d rule.Direction, other endWithRules) []admission {
	if p.group == nil {
		return nil
	}
	var all []admission
	for _, r := range p.rules {
		if r.Direction != d {
			continue
		}
		how := other.matches(r.Peer)
		if other.kind == Internet && p.wide[r.Rule] {
			how = surely
		}
		if how != no {
			all = append(all, admission{r, how})
		}
	}
	return all
}

// admission is a rule that is for an end.
type admission struct {
	drawn
	how how
}

// step returns what one end may send to another, and whether there is anything.
func step(from, to endWithRules) (Step, bool) {
	s := Step{From: from.End, To: to.End}
	in, out := to.admits(rule.Ingress, from), from.admits(rule.Egress, to)
	asksIn, asksOut := to.group != nil && to.group.knows(rule.Ingress), from.group != nil && from.group.knows(rule.Egress)
	switch {
	case asksIn && asksOut:
		return s.ofBoth(in, out)
	case len(in) > 0:
		return s.ofOne(in, to.ID, unknownSide(from, rule.Egress)), true
	case len(out) > 0 && !asksIn:
		return s.ofOne(out, from.ID, unknownSide(to, rule.Ingress)), true
	}
	return s, false
}

// unknownSide says that the rules of a group are not known, and nothing of other ends.
func unknownSide(p endWithRules, d rule.Direction) string {
	if p.group == nil || p.group.knows(d) {
		return ""
	}
	return fmt.Sprintf("if %s permits it, which is not known: no baseline guards its %s", p.End, d)
}

// ofOne is a step that one group decides.
func (s Step) ofOne(all []admission, owner, unknown string) Step {
	sure := slices.DeleteFunc(slices.Clone(all), func(a admission) bool { return a.how != surely })
	if len(sure) > 0 {
		all = sure
	}
	var traffic []rule.Rule
	for _, a := range all {
		traffic = append(traffic, a.Rule)
		s.Rules = append(s.Rules, a.line(owner))
	}
	s.Ports, s.If = portsText(traffic), unknown
	if len(sure) == 0 {
		s.If = strings.TrimPrefix(unknown+"; "+s.ifAddresses(all), "; ")
	}
	return s
}

// ofBoth is a step that both groups decide: what both permit passes. Where there are pairs
// of rules that are for these groups for sure, others are left out.
func (s Step) ofBoth(in, out []admission) (Step, bool) {
	for _, least := range []how{surely, perhaps} {
		var traffic []rule.Rule
		var used [2][]admission
		for _, i := range in {
			for _, o := range out {
				both := shared(i.Rule, o.Rule)
				if i.how < least || o.how < least || len(both) == 0 {
					continue
				}
				traffic = append(traffic, both...)
				used[0], used[1] = append(used[0], i), append(used[1], o)
			}
		}
		if len(traffic) == 0 {
			continue
		}
		s.Ports = portsText(traffic)
		s.Rules = append(lines(used[0], s.To.ID), lines(used[1], s.From.ID)...)
		if least == perhaps {
			s.If = s.ifAddresses(slices.Concat(used[0], used[1]))
		}
		return s, true
	}
	return s, false
}

// lines are the rules of a group, each once.
func lines(all []admission, owner string) []Line {
	var found []Line
	seen := map[rule.Rule]bool{}
	for _, a := range all {
		if !seen[a.Rule] {
			seen[a.Rule] = true
			found = append(found, a.line(owner))
		}
	}
	return found
}

// ifAddresses says which addresses a step depends on.
func (s Step) ifAddresses(all []admission) string {
	var peers []string
	for _, a := range all {
		if a.how == perhaps && !slices.Contains(peers, a.Peer.String()) {
			peers = append(peers, a.Peer.String())
		}
	}
	return "if the addresses lie in " + strings.Join(peers, ", ")
}

// String is an end in text.
func (p End) String() string {
	return Node{Key: p.ID, Name: p.Name, Kind: kindOf(p.ID)}.String()
}

func kindOf(id string) Kind {
	if id == internet {
		return Internet
	}
	return Grouped
}
