package iam

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// elements are those that a statement may have here. NotAction, NotResource and
// NotPrincipal are missing on purpose: they permit whatever nobody thought of.
var elements = []string{"Action", "Condition", "Effect", "Principal", "Resource", "Sid"}

// Parse reads a policy document of maps, lists and texts, as JSON decodes to. It reports
// everything that it does not know.
func Parse(document any) ([]Statement, error) {
	policy, ok := document.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("a policy is a mapping, not %T", document)
	}
	if policy["Version"] != "2012-10-17" {
		return nil, fmt.Errorf("the policy's Version is %v: want 2012-10-17", policy["Version"])
	}
	var statements []Statement
	var errs []error
	for _, each := range items(policy["Statement"]) {
		s, err := statement(each)
		statements, errs = append(statements, s), append(errs, err)
	}
	return statements, errors.Join(errs...)
}

func statement(document any) (s Statement, err error) {
	written, ok := document.(map[string]any)
	if !ok {
		return s, fmt.Errorf("a statement is a mapping, not %T", document)
	}
	s.Sid, _ = written["Sid"].(string)
	defer func() {
		if err != nil {
			err = fmt.Errorf("statement %q: %w", s.Sid, err)
		}
	}()
	for element := range written {
		if !slices.Contains(elements, element) {
			return s, fmt.Errorf("the element %s is not known here", element)
		}
	}
	effect := written["Effect"]
	if s.Deny = effect == "Deny"; !s.Deny && effect != "Allow" {
		return s, fmt.Errorf("the Effect is %v: want Allow or Deny", effect)
	}
	var errs [4]error
	s.Actions, errs[0] = texts("Action", written["Action"])
	s.Resources, errs[1] = texts("Resource", written["Resource"])
	s.Principals, errs[2] = principals(written["Principal"])
	s.Conditions, errs[3] = conditions(written["Condition"])
	return s, errors.Join(errs[:]...)
}

func principals(written any) (all []Principal, err error) {
	if written == nil {
		return nil, nil
	}
	if written == "*" {
		return []Principal{{"AWS", "*"}}, nil
	}
	kinds, ok := written.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the Principal is %v: want a mapping or *", written)
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		ids, err := texts("Principal "+kind, kinds[kind])
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			all = append(all, Principal{kind, id})
		}
	}
	return all, nil
}

func conditions(written any) (all []Condition, err error) {
	if written == nil {
		return nil, nil
	}
	operators, ok := written.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the Condition is %T: want a mapping", written)
	}
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		keys, ok := operators[operator].(map[string]any)
		if !ok || len(keys) == 0 {
			return nil, fmt.Errorf("the condition %s is %v: want keys with values", operator, operators[operator])
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			values, err := texts("Condition "+operator+" "+key, keys[key])
			if err != nil {
				return nil, err
			}
			all = append(all, Condition{operator, key, values})
		}
	}
	return all, nil
}

// texts reads a text or a list of texts, at least one.
func texts(element string, written any) (all []string, err error) {
	for _, item := range items(written) {
		text, ok := item.(string)
		if !ok {
			return nil, fmt.Errorf("%s has %v: want a text", element, item)
		}
		all = append(all, text)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s is missing", element)
	}
	return all, nil
}

// items are those of a list. A single value stands for a list of one.
func items(written any) []any {
	switch w := written.(type) {
	case nil:
		return nil
	case []any:
		return w
	}
	return []any{written}
}
