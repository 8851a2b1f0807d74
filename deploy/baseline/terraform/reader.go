package terraform

import (
	"slices"

	"github.com/sgwarden/sgwarden/deploy/baseline/imported"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

const (
	securityGroup = "aws_security_group"
	defaultGroup  = "aws_default_security_group"
	groupRule     = "aws_security_group_rule"
	ingressRule   = "aws_vpc_security_group_ingress_rule"
	egressRule    = "aws_vpc_security_group_egress_rule"
)

var (
	groupTypes = []string{securityGroup, defaultGroup}
	ruleTypes  = []string{groupRule, ingressRule, egressRule}
	// otherTypes make groups and rules too, but write them differently.
	otherTypes = []string{"awscc_ec2_security_group", "awscc_ec2_security_group_ingress", "awscc_ec2_security_group_egress"}
)

func isGroup(r resource) bool { return slices.Contains(groupTypes, r.Type) }
func isRule(r resource) bool  { return slices.Contains(ruleTypes, r.Type) }

// reader collects groups and rules from the instances of a document.
type reader struct {
	imported.Collector
	config    *configModule // nil for a state
	instances []instance
	written   map[sided]map[rule.Rule]bool // by resources for single rules
	removed   map[sided]map[rule.Rule]bool // by such resources before they change
}

// sided is one side of a group.
type sided struct {
	group     string
	direction rule.Direction
}

func (r *reader) read(doc document) {
	r.written, r.removed = map[sided]map[rule.Rule]bool{}, map[sided]map[rule.Rule]bool{}
	for _, in := range r.instances {
		if isRule(in.resource) {
			r.rule(in)
		}
	}
	for _, c := range doc.ResourceChanges {
		r.before(c)
	}
	var homeless []instance
	for _, in := range r.instances {
		switch {
		case isGroup(in.resource):
			r.group(in)
		case isRule(in.resource) && in.Values.text("security_group_id") == "":
			homeless = append(homeless, in)
		case slices.Contains(otherTypes, in.Type):
			r.Withhold(in.Values.text("group_id"), in.Address, "resources of type "+in.Type+" are not read: capture the group")
		}
	}
	for _, c := range doc.DeferredChanges {
		homeless = append(homeless, r.deferred(c.ResourceChange)...)
	}
	for _, in := range homeless {
		r.homeless(in)
	}
}

// rule adds the rules of a resource for single rules.
func (r *reader) rule(in instance) {
	id := in.Values.text("security_group_id")
	if id == "" {
		return
	}
	if path := r.unknownOfRule(in); path != "" {
		r.Withhold(id, in.Address, path+" is known only after apply")
		return
	}
	direction, err := directionOf(in)
	if err != nil {
		r.Withhold(id, in.Address, err.Error())
		return
	}
	rules, err := rulesOf(direction, id, in.Values)
	if err != nil {
		r.Withhold(id, in.Address, err.Error())
		return
	}
	for _, spelled := range rules {
		r.Rule(id, in.Address, spelled, in.Values.text("description"))
		note(r.written, sided{id, direction}, spelled)
	}
}

// unknownOfRule returns what makes the rule unknown. The provider computes
// source_security_group_id where it isn't set, so that a new rule from a CIDR
// has it unknown too.
func (r *reader) unknownOfRule(in instance) string {
	const computed = "source_security_group_id"
	path := in.unknown.unknownAmong(slices.DeleteFunc(slices.Clone(ruleAttributes), func(name string) bool { return name == computed })...)
	if path != "" || in.unknown[computed] != true {
		return path
	}
	written, known := r.config.writes(in.address(), computed)
	cidrs := len(withoutError(in.Values.texts("cidr_blocks")))+len(withoutError(in.Values.texts("ipv6_cidr_blocks"))) > 0
	if known && !written || cidrs || in.Values["self"] == true {
		return ""
	}
	return computed
}

func withoutError(all []string, _ error) []string { return all }

func note(notes map[sided]map[rule.Rule]bool, at sided, spelled rule.EC2) {
	if canonical, err := spelled.Canonical(); err == nil {
		if notes[at] == nil {
			notes[at] = map[rule.Rule]bool{}
		}
		notes[at][canonical] = true
	}
}

// before notes the rules that a change takes away.
func (r *reader) before(c resourceChange) {
	id := c.Change.Before.text("security_group_id")
	if !isRule(c.resource) || id == "" {
		return
	}
	if slices.Contains(c.Change.Actions, "forget") {
		r.Withhold(id, c.Address, "Terraform forgets this rule and leaves it in EC2")
	}
	was := instance{resource: c.resource}
	was.Values = c.Change.Before
	direction, err := directionOf(was)
	if err != nil {
		return
	}
	rules, err := rulesOf(direction, id, was.Values)
	if err != nil {
		return
	}
	for _, spelled := range rules {
		note(r.removed, sided{id, direction}, spelled)
	}
}

// deferred lists a change that a later plan will make. It returns a rule of
// which the group isn't known.
func (r *reader) deferred(c resourceChange) []instance {
	in := c.instance()
	const reason = "its change is deferred to a later plan"
	switch id := in.Values.text("security_group_id"); {
	case isGroup(in.resource):
		r.Withhold(in.Values.text("id"), in.Address, reason)
	case isRule(in.resource) && id != "":
		r.Withhold(id, in.Address, reason)
	case isRule(in.resource):
		return []instance{in}
	}
	return nil
}
