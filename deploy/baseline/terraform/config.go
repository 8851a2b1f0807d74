package terraform

import (
	"encoding/json"
	"slices"
	"strings"
)

// configModule is a module as a plan's configuration has it. Expressions in
// dynamic blocks are not in there (JSON output format, expression representation).
type configModule struct {
	Resources   []configResource      `json:"resources"`
	ModuleCalls map[string]moduleCall `json:"module_calls"`
	Outputs     map[string]struct {
		Expression expression `json:"expression"`
	} `json:"outputs"`
}

type configResource struct {
	Mode        string                     `json:"mode"`
	Type        string                     `json:"type"`
	Name        string                     `json:"name"`
	Expressions map[string]json.RawMessage `json:"expressions"`
	ForEach     expression                 `json:"for_each_expression"`
}

type moduleCall struct {
	Expressions map[string]json.RawMessage `json:"expressions"`
	ForEach     expression                 `json:"for_each_expression"`
	Module      configModule               `json:"module"`
}

// expression holds what an expression refers to, each reference also in its
// shorter forms.
type expression struct {
	References []string `json:"references"`
}

// module finds a module by its path.
func (m *configModule) module(path string) *configModule {
	for _, name := range callNames(path) {
		call, ok := m.ModuleCalls[name]
		if !ok {
			return nil
		}
		m = &call.Module
	}
	return m
}

// callNames turns module.a.module.b into a, b.
func callNames(path string) []string {
	var names []string
	for i, word := range strings.Split(path, ".") {
		if i%2 == 1 {
			names = append(names, word)
		}
	}
	return names
}

func (m *configModule) resource(at address) *configResource {
	if m == nil {
		return nil
	}
	if m = m.module(at.module); m == nil {
		return nil
	}
	i := slices.IndexFunc(m.Resources, func(r configResource) bool { return r.Mode == "managed" && r.Type+"."+r.Name == at.resource })
	if i < 0 {
		return nil
	}
	return &m.Resources[i]
}

// writes reports whether the configuration writes an attribute, if it is known.
func (m *configModule) writes(at address, attribute string) (written, known bool) {
	r := m.resource(at)
	if r == nil {
		return false, false
	}
	_, written = r.Expressions[attribute]
	return written, true
}
