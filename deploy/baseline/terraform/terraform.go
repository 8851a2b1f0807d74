// Package terraform reads security groups out of what `terraform show -json`
// writes of a state or a plan (JSON output format 1.x,
// https://developer.hashicorp.com/terraform/internals/json-format; OpenTofu
// writes the same).
//
// Of a plan the planned values count, so that what it is going to make can be
// approved before it is applied. A value that is known only after apply is listed, never
// guessed.
package terraform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/imported"
)

// document is the part of a state or plan that matters here.
type document struct {
	FormatVersion string `json:"format_version"`

	Values *values `json:"values"` // of a state

	PlannedValues   *values          `json:"planned_values"` // of a plan
	ResourceChanges []resourceChange `json:"resource_changes"`
	DeferredChanges []struct {
		ResourceChange resourceChange `json:"resource_change"`
	} `json:"deferred_changes"`
	PriorState struct {
		Values *values `json:"values"`
	} `json:"prior_state"`
	Configuration struct {
		RootModule *configModule `json:"root_module"`
	} `json:"configuration"`
	Errored bool `json:"errored"`
}

type values struct {
	RootModule module `json:"root_module"`
}

type module struct {
	Address      string     `json:"address"`
	Resources    []resource `json:"resources"`
	ChildModules []module   `json:"child_modules"`
}

type resource struct {
	Address string     `json:"address"`
	Mode    string     `json:"mode"`
	Type    string     `json:"type"`
	Name    string     `json:"name"`
	Values  attributes `json:"values"`
}

type resourceChange struct {
	resource
	ModuleAddress   string `json:"module_address"`
	PreviousAddress string `json:"previous_address"`
	Deposed         string `json:"deposed"`
	Change          struct {
		Actions      []string        `json:"actions"`
		Before       attributes      `json:"before"`
		After        attributes      `json:"after"`
		AfterUnknown json.RawMessage `json:"after_unknown"` // an object, or false
	} `json:"change"`
}

// Read reads the groups of a state or a plan. It fails if data is neither.
func Read(data []byte) (imported.Result, error) {
	doc, err := decode(data)
	if err != nil {
		return imported.Result{}, err
	}
	reader := &reader{config: doc.Configuration.RootModule, instances: doc.instances()}
	reader.read(doc)
	return reader.Result(), nil
}

const howTo = "write the file with `terraform show -json > FILE` (a state) or `terraform show -json PLAN > FILE` (a plan)"

func decode(data []byte) (document, error) {
	var doc document
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return doc, errors.New("this is a plan as Terraform stores it: " + howTo)
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return doc, errors.New("this is UTF-16, as PowerShell redirects: write it as UTF-8")
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if err := json.Unmarshal(data, &doc); err != nil {
		return doc, fmt.Errorf("not the JSON of a state or a plan: %w: %s", err, howTo)
	}
	switch {
	case doc.FormatVersion == "" && bytes.Contains(data, []byte(`"lineage"`)):
		return doc, errors.New("this is a state as Terraform stores it: " + howTo)
	case doc.FormatVersion == "":
		return doc, errors.New("no format_version, so not the JSON of a state or a plan: " + howTo)
	// Before Terraform 1.1 the same format was numbered 0.1 and 0.2.
	case !strings.HasPrefix(doc.FormatVersion, "1.") && !strings.HasPrefix(doc.FormatVersion, "0."):
		return doc, fmt.Errorf("format_version %s is not understood: want 1.x", doc.FormatVersion)
	case doc.Errored:
		return doc, errors.New("making this plan failed, so it doesn't say everything: plan again")
	case doc.Values == nil && doc.PlannedValues == nil:
		return doc, errors.New("neither a state with resources nor a plan: " + howTo)
	}
	return doc, nil
}
