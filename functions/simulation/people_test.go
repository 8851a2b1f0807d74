package simulation

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/functions/simulation/naive"
)

// schedulePeople has people act throughout a history, often several at once.
func (w *world) schedulePeople(t throw, span time.Duration) {
	var at time.Duration
	for n := range 4 + t.IntN(11) {
		if n == 0 || t.chance(0.5) {
			at = t.between(0, span)
		} else {
			at += t.between(0, 4*time.Second)
		}
		time.AfterFunc(at, func() { w.locked(func() { w.act(w.dice.throw(time.Now(), "people", n)) }) })
	}
}

// act lets somebody do something.
func (w *world) act(t throw) {
	w.tally.counts[countActions]++
	groups := w.ec2.living()
	if len(groups) == 0 {
		w.people("CreateSecurityGroup", url.Values{"GroupName": {"another"}})
		return
	}
	g := pick(t, groups)
	switch n := t.IntN(125); {
	case n < 32:
		w.authorize(t, g)
	case n < 45:
		w.modify(t, g)
	case n < 57:
		w.takeAway(t, g)
	case n < 60:
		w.people("CreateSecurityGroup", url.Values{"GroupName": {fmt.Sprintf("group-%d", len(w.ec2.groups))}})
	case n < 64:
		w.people("DeleteSecurityGroup", g.form(t))
	case n < 92:
		w.changeBaseline(t, g)
	case n < 96:
		w.changeGuardrail(t)
	case n < 100:
		w.unwrite(guardrailName)
	case n < 106:
		w.changePause(t)
	case n < 122:
		w.changeApproval(t, g)
	default:
		w.changeTrust(t)
	}
}

// people make a call to EC2. What they do to a managed group, its service does for
// them.
func (w *world) people(action string, form url.Values) {
	c := &call{service: "ec2", action: action, form: form}
	_, err := w.writeEC2(c)
	w.note(people, "%v: %v", c, err)
}

// form names a group, and by its name at times, which EC2 takes in the default VPC.
func (g *group) form(t throw) url.Values {
	if t.chance(0.08) {
		return url.Values{"GroupName": {g.name}}
	}
	return url.Values{"GroupId": {g.id}}
}

// halves break the guardrail only together.
var halves = []string{"ingress tcp 22 20.40.60.0/24", "ingress tcp 22 20.40.61.0/24"}

// authorize opens some rules, and sometimes closes them soon.
func (w *world) authorize(t throw, g *group) {
	egress := t.chance(0.25)
	candidates := append(t.originalRules(), t.originalRule())
	if w.ssm.value(groupsPath+g.id) == "" && t.chance(0.8) {
		egress, candidates = false, append([]int{naive.Index(pick(t, halves))}, candidates...)
	}
	var rules []int
	for _, r := range candidates {
		there := slices.Contains(g.universe(), r) || slices.Contains(rules, r)
		if naive.Universe[r].Egress == egress && (!there || t.chance(0.05)) {
			rules = append(rules, r)
		}
		if len(rules) > 0 && t.chance(0.6) {
			break
		}
	}
	before := g.rules
	w.people("AuthorizeSecurityGroup"+direction(egress), authorizeForm(g.form(t), rules))
	made := opened(before, g.rules)
	if len(made) == 0 || t.chance(0.6) {
		return
	}
	time.AfterFunc(t.between(time.Second, 2*time.Minute), func() {
		w.locked(func() { w.people("RevokeSecurityGroup"+direction(egress), revokeForm(g.form(t), ids(made))) })
	})
}

func direction(egress bool) string { return map[bool]string{false: "Ingress", true: "Egress"}[egress] }

func ids(rules []owned) []string {
	all := make([]string, len(rules))
	for i, r := range rules {
		all[i] = r.id
	}
	return all
}

// modify makes another rule of one under the same id, and sometimes turns it
// back.
func (w *world) modify(t throw, g *group) {
	if len(g.rules) == 0 {
		return
	}
	o := pick(t, g.rules)
	r := t.originalRule()
	for naive.Universe[r].Egress != naive.Universe[o.rule].Egress {
		r = t.originalRule()
	}
	w.people("ModifySecurityGroupRules", modifyForm(g.id, o.id, r))
	if t.chance(0.3) {
		time.AfterFunc(t.between(time.Second, 2*time.Minute), func() {
			w.locked(func() { w.people("ModifySecurityGroupRules", modifyForm(g.id, o.id, o.rule)) })
		})
	}
}

// takeAway revokes rules of one direction.
func (w *world) takeAway(t throw, g *group) {
	if len(g.rules) == 0 {
		return
	}
	egress := naive.Universe[pick(t, g.rules).rule].Egress
	var revoked []owned
	for _, o := range g.rules {
		if naive.Universe[o.rule].Egress == egress && (len(revoked) == 0 || t.chance(0.3)) {
			revoked = append(revoked, o)
		}
	}
	w.people("RevokeSecurityGroup"+direction(egress), revokeForm(g.form(t), ids(revoked)))
}
