package terraform

import (
	"encoding/json"
	"slices"
	"strings"
)

// homeless lists a rule whose group is known only after apply. It is most likely
// a rule of a group that the plan makes. Where the configuration doesn't show
// that, it may be a rule of any group, and none is safe to write.
func (r *reader) homeless(in instance) {
	r.List("", in.Address, "its group is known only after apply")
	for _, group := range r.suspects(in) {
		r.Withhold(group.Values.text("id"), in.Address, "this may be a rule of "+group.Address+": its group is known only after apply")
	}
}

// suspects returns the groups with a known id that the rule may belong to.
func (r *reader) suspects(in instance) []instance {
	resource := r.config.resource(in.address())
	if resource == nil {
		return r.known(func(instance) bool { return true })
	}
	found := trace{config: r.config, seen: map[string]bool{}}
	found.follow(configPath(in.module), referencesOf(resource.Expressions["security_group_id"]), resource.ForEach)
	if found.hasOthers || len(found.resources)+len(found.locals) == 0 {
		return r.known(func(instance) bool { return true })
	}
	var suspects []instance
	for _, at := range found.resources {
		// A resource with new instances is the likely home; one with none was
		// named for a reason.
		if instances := r.known(func(g instance) bool { return g.address() == at }); len(instances) == r.count(func(g instance) bool { return g.address() == at }) {
			suspects = append(suspects, instances...)
		}
	}
	for _, path := range found.locals {
		suspects = append(suspects, r.suspectsOfLocal(in, path)...)
	}
	return suspects
}

// suspectsOfLocal narrows a local value, whose expression is not in the plan, to
// the groups of its module; if there is a new one among them, otherwise not.
func (r *reader) suspectsOfLocal(in instance, path string) []instance {
	beside := func(g instance) bool {
		if configPath(in.module) == path {
			return g.module == in.module
		}
		return configPath(g.module) == path
	}
	known := r.known(beside)
	if len(known) == r.count(beside) {
		return r.known(func(instance) bool { return true })
	}
	return known
}

func (r *reader) count(which func(instance) bool) int {
	n := 0
	for _, in := range r.instances {
		if isGroup(in.resource) && which(in) {
			n++
		}
	}
	return n
}

func (r *reader) known(which func(instance) bool) []instance {
	var known []instance
	for _, in := range r.instances {
		if isGroup(in.resource) && in.Values.text("id") != "" && which(in) {
			known = append(known, in)
		}
	}
	return known
}

func referencesOf(raw json.RawMessage) []string {
	var e expression
	if json.Unmarshal(raw, &e) != nil {
		return nil
	}
	return e.References
}

// trace follows references through variables and outputs to what they end in.
type trace struct {
	config    *configModule
	seen      map[string]bool
	resources []address
	locals    []string // paths of the modules whose local values are referred to
	hasOthers bool     // something else than managed resources is referred to
}

func (t *trace) follow(path string, references []string, forEach expression) {
	for _, reference := range references {
		words := strings.SplitN(instanceKey.ReplaceAllString(reference, ""), ".", 4)
		key := path + " " + strings.Join(words[:min(3, len(words))], ".")
		if t.seen[key] {
			continue
		}
		t.seen[key] = true
		t.step(path, words, references, forEach)
	}
}

func (t *trace) step(path string, words, all []string, forEach expression) {
	switch {
	case len(words) < 2:
		t.hasOthers = true
	case words[0] == "each":
		t.follow(path, forEach.References, expression{})
	case slices.Contains([]string{"count", "path", "terraform"}, words[0]): // always known
	case words[0] == "var":
		t.variable(path, words[1])
	case words[0] == "local":
		t.locals = append(t.locals, path)
	case words[0] == "module" && len(words) == 2:
		prefix := "module." + words[1] // the short form of a reference to an output
		t.hasOthers = t.hasOthers || !slices.ContainsFunc(all, func(s string) bool {
			return strings.HasPrefix(instanceKey.ReplaceAllString(s, ""), prefix+".")
		})
	case words[0] == "module":
		t.output(path, words[1], words[2])
	case words[0] == "data", words[0] == "self":
		t.hasOthers = true
	default:
		at := address{path, words[0] + "." + words[1]}
		if !slices.Contains(t.resources, at) {
			t.resources = append(t.resources, at)
		}
	}
}

// variable follows what the module's caller passes. A variable of the root
// module, or one that isn't passed, is known.
func (t *trace) variable(path, name string) {
	names := callNames(path)
	if len(names) == 0 {
		return
	}
	parent := strings.TrimSuffix(strings.TrimSuffix(path, "module."+names[len(names)-1]), ".")
	m := t.config.module(parent)
	if m == nil {
		t.hasOthers = true
		return
	}
	call := m.ModuleCalls[names[len(names)-1]]
	t.follow(parent, referencesOf(call.Expressions[name]), call.ForEach)
}

func (t *trace) output(path, call, name string) {
	child := strings.TrimPrefix(path+".module."+call, ".")
	m := t.config.module(child)
	if m == nil {
		t.hasOthers = true
		return
	}
	t.follow(child, m.Outputs[name].Expression.References, expression{})
}
