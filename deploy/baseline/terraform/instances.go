package terraform

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
)

// instance is one instance of a managed resource, as it is or is planned.
type instance struct {
	resource
	module  string     // the address of its module instance, empty for the root
	unknown attributes // what of its values is known only after apply
	changes []string   // the attributes of it that a plan changes
}

// address is where a resource stands in the configuration: its module's path
// without instance keys, and the resource's type and name.
type address struct{ module, resource string }

func (in instance) address() address { return address{configPath(in.module), in.Type + "." + in.Name} }

var instanceKey = regexp.MustCompile(`\[("(\\.|[^"\\])*"|\d+)\]`)

// configPath turns module.a["x"].module.b[0] into module.a.module.b.
func configPath(moduleAddress string) string { return instanceKey.ReplaceAllString(moduleAddress, "") }

// instances lists the managed resources of a state; or those there will be when
// a plan is applied.
func (d document) instances() []instance {
	if d.PlannedValues == nil {
		return d.Values.RootModule.instances()
	}
	changed := map[string]resourceChange{}
	touched := map[string]bool{}
	for _, c := range d.ResourceChanges {
		touched[c.PreviousAddress] = true
		if c.Deposed == "" {
			changed[c.Address], touched[c.Address] = c, true
		}
	}
	planned := d.PlannedValues.RootModule.instances()
	for i, in := range planned {
		touched[in.Address] = true
		planned[i].unknown = changed[in.Address].unknown()
		planned[i].changes = changed[in.Address].changes()
	}
	if d.PriorState.Values == nil {
		return planned
	}
	// A plan for chosen targets has nothing on what it leaves as it is.
	return append(planned, slices.DeleteFunc(d.PriorState.Values.RootModule.instances(), func(in instance) bool {
		return touched[in.Address]
	})...)
}

func (m module) instances() []instance {
	var all []instance
	for _, r := range m.Resources {
		if r.Mode == "managed" {
			all = append(all, instance{resource: r, module: m.Address})
		}
	}
	for _, child := range m.ChildModules {
		all = append(all, child.instances()...)
	}
	return all
}

// unknown is what of the values after the change is known only after apply. It
// is false where the resource is deleted.
func (c resourceChange) unknown() attributes {
	var unknown attributes
	if json.Unmarshal(c.Change.AfterUnknown, &unknown) != nil {
		return nil
	}
	return unknown
}

// changes lists the attributes that are different afterwards.
func (c resourceChange) changes() []string {
	var changed []string
	for name, after := range c.Change.After {
		if !reflect.DeepEqual(after, c.Change.Before[name]) {
			changed = append(changed, name)
		}
	}
	return changed
}

// instance is the resource as it is after the change.
func (c resourceChange) instance() instance {
	r := c.resource
	r.Values = c.Change.After
	return instance{resource: r, module: c.ModuleAddress, unknown: c.unknown()}
}
