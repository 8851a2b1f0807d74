package cfn

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// NoValue is what !Ref AWS::NoValue comes to. The property, or the item of a list, that has it is left out.
type NoValue struct{}

// Scope is what functions come to. The functions of a Scope return errors that say which name they don't know.
type Scope struct {
	Conditions map[string]any // the template's section, as decoded
	Ref        func(name string) (any, error)
	GetAtt     func(logical, attribute string) (any, error)
}

// Resolve returns a value with the results instead of its functions: Ref, GetAtt, Sub, Split, Select and If. Another
// one is an error.
func (s Scope) Resolve(written any) (any, error) { return s.walk(written, s.evaluate) }

// Decide returns a value with the branch that holds instead of each If. Other functions stay.
func (s Scope) Decide(written any) (any, error) { return s.walk(written, s.decide) }

// Present returns the items of a section that have no condition, or one that holds.
func (s Scope) Present(section map[string]any) (map[string]any, error) {
	present := map[string]any{}
	for name, item := range section {
		holds := true
		if condition, conditional := Get(item, "Condition").(string); conditional {
			var err error
			if holds, err = s.Holds(condition); err != nil {
				return nil, err
			}
		}
		if holds {
			present[name] = item
		}
	}
	return present, nil
}

// walk returns a value with what evaluate returns instead of each call, and without what is NoValue.
func (s Scope) walk(written any, evaluate func(Call) (any, error)) (any, error) {
	switch written := written.(type) {
	case Call:
		return evaluate(written)
	case map[string]any:
		mapping := map[string]any{}
		for name, item := range written {
			v, err := s.walk(item, evaluate)
			if err != nil {
				return nil, err
			}
			if v != (NoValue{}) {
				mapping[name] = v
			}
		}
		return mapping, nil
	case []any:
		list := []any{}
		for _, item := range written {
			v, err := s.walk(item, evaluate)
			if err != nil {
				return nil, err
			}
			if v != (NoValue{}) {
				list = append(list, v)
			}
		}
		return list, nil
	}
	return written, nil
}

func (s Scope) decide(c Call) (any, error) {
	switch {
	case c.Function == "If":
		branch, err := s.branch(c)
		if err != nil {
			return nil, err
		}
		return s.Decide(branch)
	case c.Function == "Ref" && c.Argument == "AWS::NoValue":
		return NoValue{}, nil
	}
	argument, err := s.Decide(c.Argument)
	return Call{c.Function, argument}, err
}

func (s Scope) evaluate(c Call) (any, error) {
	text, _ := c.Argument.(string)
	switch c.Function {
	case "Ref":
		if text == "AWS::NoValue" {
			return NoValue{}, nil
		}
		return s.Ref(text)
	case "GetAtt":
		return s.GetAtt(attributeIn(c.Argument))
	case "Sub":
		return Substitute(c.Argument, s.substitute)
	case "If":
		branch, err := s.branch(c)
		if err != nil {
			return nil, err
		}
		return s.Resolve(branch)
	case "Split", "Select":
		return s.ofList(c)
	}
	return nil, fmt.Errorf("%s is not evaluated", c.Name())
}

// branch returns the branch of an If that holds.
func (s Scope) branch(c Call) (any, error) {
	branches, _ := c.Argument.([]any)
	if len(branches) != 3 {
		return nil, fmt.Errorf("an If with %d branches", len(branches))
	}
	name, _ := branches[0].(string)
	holds, err := s.Holds(name)
	if holds {
		return branches[1], err
	}
	return branches[2], err
}

// Holds says whether a condition holds.
func (s Scope) Holds(condition string) (bool, error) {
	definition, known := s.Conditions[condition]
	if !known {
		return false, fmt.Errorf("there is no condition %q", condition)
	}
	return s.holds(definition)
}

func (s Scope) holds(definition any) (bool, error) {
	if name, isLong := Get(definition, "Condition").(string); isLong {
		return s.Holds(name)
	}
	c, _ := definition.(Call)
	if name, isText := c.Argument.(string); isText && c.Function == "Condition" {
		return s.Holds(name)
	}
	arguments, _ := c.Argument.([]any)
	if c.Function == "Equals" && len(arguments) == 2 {
		a, errA := s.Resolve(arguments[0])
		b, errB := s.Resolve(arguments[1])
		return fmt.Sprint(a) == fmt.Sprint(b), errors.Join(errA, errB)
	}
	met := 0
	for _, argument := range arguments {
		holds, err := s.holds(argument)
		if err != nil {
			return false, err
		}
		if holds {
			met++
		}
	}
	switch {
	case c.Function == "Not" && len(arguments) == 1:
		return met == 0, nil
	case c.Function == "And":
		return met == len(arguments), nil
	case c.Function == "Or":
		return met > 0, nil
	}
	return false, fmt.Errorf("the condition %v is not evaluated", definition)
}

// attributeIn returns both parts of GetAtt's argument, "LOGICAL.ATTRIBUTE" or a list of the two.
func attributeIn(argument any) (logical, attribute string) {
	if parts, isList := argument.([]any); isList && len(parts) == 2 {
		logical, _ = parts[0].(string)
		attribute, _ = parts[1].(string)
		return logical, attribute
	}
	text, _ := argument.(string)
	logical, attribute, _ = strings.Cut(text, ".")
	return logical, attribute
}

var placeholder = regexp.MustCompile(`\$\{(!?)([^}]*)\}`)

// Substitute returns the text of a Sub. Its argument is the text, or a list of the text and a mapping of its own names.
// of returns what a name in the text stands for. own is its value in that mapping, nil where it isn't there. ${!X} stands
// for ${X} itself.
func Substitute(argument any, of func(name string, own any) (string, error)) (string, error) {
	text, isText := argument.(string)
	var own map[string]any
	if list, _ := argument.([]any); len(list) == 2 {
		text, isText = list[0].(string)
		own, _ = list[1].(map[string]any)
	}
	if !isText {
		return "", errors.New("Fn::Sub without a text")
	}
	var errs []error
	result := placeholder.ReplaceAllStringFunc(text, func(found string) string {
		parts := placeholder.FindStringSubmatch(found)
		if parts[1] == "!" {
			return "${" + parts[2] + "}"
		}
		name := strings.TrimSpace(parts[2])
		v, err := of(name, own[name])
		errs = append(errs, err)
		return v
	})
	return result, errors.Join(errs...)
}

func (s Scope) substitute(name string, own any) (string, error) {
	written := own
	if own == nil {
		written = Call{"Ref", name}
		if strings.Contains(name, ".") {
			written = Call{"GetAtt", name}
		}
	}
	v, err := s.Resolve(written)
	return fmt.Sprint(v), err
}

// ofList evaluates Split and Select.
func (s Scope) ofList(c Call) (any, error) {
	resolved, err := s.Resolve(c.Argument)
	if err != nil {
		return nil, err
	}
	arguments, _ := resolved.([]any)
	if len(arguments) != 2 {
		return nil, fmt.Errorf("a %s of %v", c.Function, c.Argument)
	}
	if c.Function == "Split" {
		var parts []any
		for part := range strings.SplitSeq(fmt.Sprint(arguments[1]), fmt.Sprint(arguments[0])) {
			parts = append(parts, part)
		}
		return parts, nil
	}
	items, _ := arguments[1].([]any)
	at, err := strconv.Atoi(fmt.Sprint(arguments[0]))
	if err != nil || at < 0 || at >= len(items) {
		return nil, fmt.Errorf("it selects %v of %v", arguments[0], items)
	}
	return items[at], nil
}
