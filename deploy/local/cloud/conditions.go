package cloud

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// settle sets aside what moto must not make, and takes the conditions out of a template that is about to be deployed, by the parameters that come with it: moto
// looks at them when it makes a stack, and no more when it updates one. What it doesn't understand, such as a template
// that isn't sent along, stays as it is.
func settle(form url.Values) url.Values {
	text, err := withoutConditions(form.Get("TemplateBody"), parametersOf(form))
	if err != nil {
		return form
	}
	settled := maps.Clone(form)
	settled.Set("TemplateBody", text)
	return settled
}

func parametersOf(form url.Values) map[string]string {
	values := map[string]string{}
	for n := 1; ; n++ {
		prefix := fmt.Sprintf("Parameters.member.%d.", n)
		name := form.Get(prefix + "ParameterKey")
		if name == "" {
			return values
		}
		values[name] = form.Get(prefix + "ParameterValue")
	}
}

// mappingType is what the local AWS calls an event source mapping. moto leaves out what it doesn't know. A mapping that it
// knows would have it start the function in Docker for each message.
const mappingType = "Local::Lambda::EventSourceMapping"

// setAside gives the event source mappings among the resources a type that moto doesn't know. It says whether there are any.
func setAside(resources *yaml.Node) (found bool) {
	eachField(resources, func(_ string, resource *yaml.Node) {
		if kind := field(resource, "Type"); kind != nil && kind.Value == "AWS::Lambda::EventSourceMapping" {
			kind.Value, found = mappingType, true
		}
	})
	return found
}

var errNotUnderstood = errors.New("not understood")

// conditional is a template that is being settled.
type conditional struct {
	conditions *yaml.Node
	values     map[string]string // of parameters
}

func withoutConditions(text string, given map[string]string) (string, error) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil || len(document.Content) != 1 {
		return "", errNotUnderstood
	}
	root := document.Content[0]
	aside := setAside(field(root, "Resources"))
	c := conditional{field(root, "Conditions"), map[string]string{}}
	if c.conditions == nil && !aside {
		return text, nil
	}
	eachField(field(root, "Parameters"), func(name string, parameter *yaml.Node) {
		if otherwise := field(parameter, "Default"); otherwise != nil {
			c.values[name] = otherwise.Value
		}
	})
	maps.Copy(c.values, given)
	for _, section := range []string{"Resources", "Outputs"} {
		if err := c.drop(field(root, section)); err != nil {
			return "", err
		}
	}
	if err := c.choose(field(root, "Resources")); err != nil {
		return "", err
	}
	settled, err := yaml.Marshal(&document)
	return string(settled), err
}

// drop removes the items of a section whose condition is false.
func (c conditional) drop(section *yaml.Node) error {
	var kept []*yaml.Node
	var err error
	eachField(section, func(name string, item *yaml.Node) {
		condition, holds := field(item, "Condition"), true
		if condition != nil {
			var wrong error
			holds, wrong = c.named(condition.Value)
			err = errors.Join(err, wrong)
		}
		if holds {
			kept = append(kept, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, item)
		}
	})
	if section != nil {
		section.Content = kept
	}
	return err
}

// choose puts the branch that holds in the place of each If.
func (c conditional) choose(node *yaml.Node) error {
	if node == nil {
		return nil
	}
	step := 1
	if node.Kind == yaml.MappingNode {
		step = 2 // the key before each value
	}
	for i := step - 1; i < len(node.Content); i += step {
		for {
			name, arguments := function(node.Content[i])
			if name != "If" || len(arguments) != 3 {
				break
			}
			holds, err := c.named(arguments[0].Value)
			if err != nil {
				return err
			}
			node.Content[i] = arguments[map[bool]int{true: 1, false: 2}[holds]]
		}
		if name, arguments := function(node.Content[i]); name == "Ref" && arguments[0].Value == "AWS::NoValue" {
			node.Content = slices.Delete(node.Content, i-step+1, i+1)
			i -= step
			continue
		}
		if err := c.choose(node.Content[i]); err != nil {
			return err
		}
	}
	return nil
}

func (c conditional) named(name string) (bool, error) {
	condition := field(c.conditions, name)
	if condition == nil {
		return false, errNotUnderstood
	}
	return c.holds(condition)
}

func (c conditional) holds(condition *yaml.Node) (bool, error) {
	name, arguments := function(condition)
	switch name {
	case "Condition":
		return c.named(arguments[0].Value)
	case "Equals":
		if len(arguments) != 2 {
			return false, errNotUnderstood
		}
		a, errA := c.text(arguments[0])
		b, errB := c.text(arguments[1])
		return a == b, errors.Join(errA, errB)
	case "Not", "And", "Or":
		return c.combined(name, arguments)
	}
	return false, errNotUnderstood
}

func (c conditional) combined(how string, conditions []*yaml.Node) (bool, error) {
	trues, errs := 0, error(nil)
	for _, condition := range conditions {
		holds, err := c.holds(condition)
		errs = errors.Join(errs, err)
		if holds {
			trues++
		}
	}
	return map[string]bool{"Not": trues == 0, "And": trues == len(conditions), "Or": trues > 0}[how], errs
}

func (c conditional) text(node *yaml.Node) (string, error) {
	name, arguments := function(node)
	if name == "" && node.Kind == yaml.ScalarNode {
		return node.Value, nil
	}
	if name == "Ref" {
		if v, known := c.values[arguments[0].Value]; known {
			return v, nil
		}
	}
	return "", errNotUnderstood
}

// function is the function in !Name arguments and its long form, "" for a plain value.
func function(node *yaml.Node) (name string, arguments []*yaml.Node) {
	if strings.HasPrefix(node.Tag, "!") && !strings.HasPrefix(node.Tag, "!!") {
		if node.Kind == yaml.ScalarNode {
			return node.Tag[1:], []*yaml.Node{node}
		}
		return node.Tag[1:], node.Content
	}
	if node.Kind != yaml.MappingNode || len(node.Content) != 2 {
		return "", nil
	}
	key, value := node.Content[0].Value, node.Content[1]
	if inner, long := strings.CutPrefix(key, "Fn::"); long && value.Kind == yaml.SequenceNode {
		return inner, value.Content
	}
	if (key == "Ref" || key == "Condition") && value.Kind == yaml.ScalarNode {
		return key, []*yaml.Node{value}
	}
	return "", nil
}

// field is the value of a mapping's key, nil where there is none.
func field(mapping *yaml.Node, name string) (found *yaml.Node) {
	eachField(mapping, func(key string, v *yaml.Node) {
		if key == name {
			found = v
		}
	})
	return found
}

func eachField(mapping *yaml.Node, do func(name string, value *yaml.Node)) {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		do(mapping.Content[i].Value, mapping.Content[i+1])
	}
}
