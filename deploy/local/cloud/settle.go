package cloud

import (
	"fmt"
	"maps"
	"net/url"

	"go.yaml.in/yaml/v3"

	"github.com/sgwarden/sgwarden/deploy/cfn"
)

// settle sets aside what moto must not make, and takes the conditions out of a template that is about to be deployed, by
// the parameters that come with it: moto looks at them when it makes a stack, and no more when it updates one. What is not
// understood, such as a template that isn't sent along, stays as it is.
func settle(form url.Values) url.Values {
	text, err := settled(form.Get("TemplateBody"), parametersOf(form))
	if err != nil {
		return form
	}
	adapted := maps.Clone(form)
	adapted.Set("TemplateBody", text)
	return adapted
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

func settled(text string, given map[string]string) (string, error) {
	template, err := cfn.Decode([]byte(text))
	if err != nil {
		return "", err
	}
	aside := setAside(template)
	scope := cfn.Scope{Conditions: template.Section("Conditions"), Ref: func(name string) (any, error) {
		if v, isGiven := given[name]; isGiven {
			return v, nil
		}
		if v := cfn.Get(template.Section("Parameters"), name, "Default"); v != nil {
			return v, nil
		}
		return nil, fmt.Errorf("there is no value of %s", name)
	}, GetAtt: func(logical, attribute string) (any, error) {
		return nil, fmt.Errorf("%s.%s in a condition", logical, attribute)
	}}
	if scope.Conditions == nil && !aside {
		return text, nil
	}
	for _, name := range []string{"Resources", "Outputs"} {
		section, err := scope.Present(template.Section(name))
		if err != nil {
			return "", err
		}
		if len(section) == 0 {
			delete(template, name)
		} else if template[name], err = scope.Decide(section); err != nil {
			return "", err
		}
	}
	out, err := yaml.Marshal(template)
	return string(out), err
}

// mappingType is what the local AWS calls an event source mapping. moto leaves out what it doesn't know. A mapping that it
// knows would have it start the function in Docker for each message.
const mappingType = "Local::Lambda::EventSourceMapping"

// setAside gives the event source mappings among the resources a type that moto doesn't know. It says whether there are any.
func setAside(template cfn.Template) bool {
	mappings := template.Resources("AWS::Lambda::EventSourceMapping")
	for _, mapping := range mappings {
		mapping.(map[string]any)["Type"] = mappingType
	}
	return len(mappings) > 0
}
