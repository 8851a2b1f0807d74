package cloudformation

import (
	"errors"
	"fmt"

	"github.com/sgwarden/sgwarden/deploy/cfn"
)

type resource struct {
	Type       string
	Condition  string
	Properties map[string]any
}

// decode reads a template's resources.
func decode(text []byte) (map[string]resource, error) {
	template, err := cfn.Decode(text)
	if err != nil {
		return nil, err
	}
	written := template.Section("Resources")
	if written == nil {
		return nil, errors.New("it has no Resources")
	}
	resources := map[string]resource{}
	for logical, each := range written {
		fields, ok := each.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("the resource %s is no mapping", logical)
		}
		var r resource
		r.Type, _ = fields["Type"].(string)
		r.Condition, _ = fields["Condition"].(string)
		r.Properties, _ = fields["Properties"].(map[string]any)
		resources[logical] = r
	}
	return resources, nil
}
