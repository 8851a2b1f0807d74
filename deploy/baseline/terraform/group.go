package terraform

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/rule"
)

// group adds a group and its inline rules.
func (r *reader) group(in instance) {
	id := in.Values.text("id")
	if id == "" {
		r.List("", in.Address, "its id is known only after apply: apply, then import the state")
		return
	}
	r.Add(id, nameOf(in), in.Address)
	for _, direction := range []rule.Direction{rule.Ingress, rule.Egress} {
		name := direction.String()
		if path := in.unknown.unknownAmong(name); path != "" {
			r.Withhold(id, in.Address, path+" is known only after apply")
			continue
		}
		blocks, err := in.Values.blocks(name)
		if err != nil {
			r.Withhold(id, in.Address, err.Error())
		}
		for i, block := range blocks {
			rules, err := rulesOf(direction, id, block)
			if err != nil {
				r.Withhold(id, in.Address, fmt.Sprintf("%s[%d]: %v", name, i, err))
				continue
			}
			for _, spelled := range rules {
				r.inline(in, sided{id, direction}, spelled, block.text("description"))
			}
		}
	}
}

func nameOf(in instance) string {
	if in.Type == defaultGroup {
		return cmp.Or(in.Values.text("name"), "default")
	}
	return in.Values.text("name")
}

// inline adds an inline rule. Where the configuration writes none, the provider
// fills the blocks with whatever the group had when it last looked: the rules of
// single resources, those that this plan takes away, and what others have added.
// Dynamic blocks are not in a plan's configuration; that it changes the blocks
// shows that something writes them.
func (r *reader) inline(in instance, at sided, spelled rule.EC2, description string) {
	canonical, err := spelled.Canonical()
	writes, known := r.config.writes(in.address(), at.direction.String())
	computed := !writes && !slices.Contains(in.changes, at.direction.String())
	if err == nil && computed && !r.written[at][canonical] {
		if r.removed[at][canonical] {
			return
		}
		switch {
		case len(r.written[at])+len(r.removed[at]) > 0:
			r.List(at.group, in.Address, fmt.Sprintf("%s is in the group, but the resources here that write its %s rules don't write this one: see whether it belongs there",
				canonical, at.direction))
		case known:
			r.List(at.group, in.Address, fmt.Sprintf("%s is in the group, but nothing here writes its %s rules, unless a dynamic block does: see whether it belongs there",
				canonical, at.direction))
		}
	}
	r.Rule(at.group, in.Address, spelled, description)
}
