package terraform

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// attributes are those of a resource or of a block in it. An attribute that is not set is
// absent, null or empty, by the provider's version.
type attributes map[string]any

// text returns a string, which is empty if it isn't set.
func (a attributes) text(name string) string {
	s, _ := a[name].(string)
	return s
}

// texts returns the strings of a list, a set or a single attribute.
func (a attributes) texts(name string) ([]string, error) {
	switch v := a[name].(type) {
	case nil:
		return nil, nil
	case string:
		if v == "" {
			return nil, nil
		}
		return []string{v}, nil
	case []any:
		var all []string
		for _, each := range v {
			s, ok := each.(string)
			if !ok || s == "" {
				return nil, fmt.Errorf("%s holds %v, which is not a string", name, each)
			}
			all = append(all, s)
		}
		return all, nil
	}
	return nil, fmt.Errorf("%s is %v, which is neither a string nor a list", name, a[name])
}

// blocks returns the blocks of a name.
func (a attributes) blocks(name string) ([]attributes, error) {
	list, ok := a[name].([]any)
	if !ok && a[name] != nil {
		return nil, fmt.Errorf("%s is %v, which is not a list", name, a[name])
	}
	var all []attributes
	for i, each := range list {
		block, ok := each.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s[%d] is %v, which is not a block", name, i, each)
		}
		all = append(all, block)
	}
	return all, nil
}

// number returns a whole number, nil if it isn't set. JSON has only floats.
func (a attributes) number(name string) (*int, error) {
	switch v := a[name].(type) {
	case nil:
		return nil, nil
	case float64:
		if n := int(v); float64(n) == v {
			return &n, nil
		}
	case string:
		if n, err := strconv.Atoi(v); err == nil {
			return &n, nil
		}
	}
	return nil, fmt.Errorf("%s is %v, which is not a whole number", name, a[name])
}

// unknownAmong returns the path of something under the names that is known only
// after apply, or nothing. Descriptions don't count: they are not part of a rule.
func (a attributes) unknownAmong(names ...string) string {
	for _, name := range names {
		if path := unknownAt(name, a[name]); path != "" {
			return path
		}
	}
	return ""
}

func unknownAt(path string, v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return path
		}
	case []any:
		for i, each := range v {
			if found := unknownAt(fmt.Sprintf("%s[%d]", path, i), each); found != "" {
				return found
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if name == "description" {
				continue
			}
			if found := unknownAt(path+"."+name, v[name]); found != "" {
				return found
			}
		}
	}
	return ""
}
