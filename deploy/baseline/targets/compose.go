package targets

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Entry is one account of a file of targets.
type Entry struct {
	Account string   `json:"account" yaml:"account"`
	Name    string   `json:"name,omitempty" yaml:"name,omitempty"`
	Regions []string `json:"regions" yaml:"regions,flow"`
	Role    string   `json:"role,omitempty" yaml:"role,omitempty"` // empty: the credentials of the environment
}

type document struct {
	Schema  int     `json:"schema" yaml:"schema"`
	Targets []Entry `json:"targets" yaml:"targets"`
}

// Compose returns a file of targets, as YAML or JSON. It reads the file before it returns
// it: the error says what Read would not take.
func Compose(entries []Entry, asJSON bool) ([]byte, error) {
	doc := document{Schema: 1, Targets: entries}
	var text bytes.Buffer
	var err error
	if asJSON {
		encoder := json.NewEncoder(&text)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(doc)
	} else {
		encoder := yaml.NewEncoder(&text)
		encoder.SetIndent(2)
		err = encoder.Encode(doc)
	}
	if err != nil {
		return nil, fmt.Errorf("write the targets: %w", err)
	}
	if _, problems := decode(text.Bytes()); len(problems) > 0 {
		return nil, &fileError{"the targets that this would make", problems}
	}
	return text.Bytes(), nil
}

// notInNames is what a name in a file of targets can't have.
var notInNames = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// Names returns names for accounts that a file of targets takes: instead of other
// characters stands a hyphen, and of two that are the same each ends in its account's id.
// names are by id.
func Names(names map[string]string) map[string]string {
	count, fit := map[string]int{}, map[string]string{}
	for id, name := range names {
		name = strings.TrimLeft(notInNames.ReplaceAllString(name, "-"), "._-")
		name = strings.TrimRight(name[:min(len(name), 51)], "-") // leaves room for an id
		fit[id] = cmp.Or(name, id)
		count[fit[id]]++
	}
	for id, name := range fit {
		if count[name] > 1 || names[name] != "" && name != id { // the name may be another account's id
			fit[id] = name + "-" + id
		}
	}
	return fit
}
