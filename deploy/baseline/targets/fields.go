package targets

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// decoder collects what is wrong with a file of targets.
type decoder struct{ problems []problem }

func (d *decoder) wrong(at *yaml.Node, path, format string, args ...any) {
	d.problems = append(d.problems, problem{at.Line, at.Column, path, fmt.Sprintf(format, args...)})
}

// fields are the known fields of an object.
type fields struct {
	path   string
	at     *yaml.Node
	values map[string]*yaml.Node
}

func (f fields) has(key string) bool { return f.values[key] != nil }

// get returns the value of a field. Where the field is absent, get returns the
// object, since the error names that position.
func (f fields) get(key string) *yaml.Node {
	if f.has(key) {
		return f.values[key]
	}
	return f.at
}

func (f fields) pathOf(key string) string { return strings.TrimPrefix(f.path+"."+key, ".") }

// fields reads an object, and reports unknown and repeated fields. It returns false
// for what is no object.
func (d *decoder) fields(path string, n *yaml.Node, known ...string) (fields, bool) {
	f := fields{path, n, map[string]*yaml.Node{}}
	if n.Kind != yaml.MappingNode {
		d.wrong(n, path, "must be an object with the fields %s, not %s", strings.Join(known, ", "), kindOf(n))
		return f, false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case !slices.Contains(known, key.Value):
			d.wrong(key, f.pathOf(key.Value), "unknown field; known are %s", strings.Join(known, ", "))
		case f.has(key.Value):
			d.wrong(key, f.pathOf(key.Value), "is there twice")
		default:
			f.values[key.Value] = value
		}
	}
	return f, true
}

// string reads a field that has to match pattern; want says what to write. The result is empty
// where the field is absent or wrong.
func (d *decoder) string(f fields, key string, pattern *regexp.Regexp, want string) string {
	if !f.has(key) {
		return ""
	}
	return d.text(f.get(key), f.pathOf(key), pattern, want)
}

// text reads a string that has to match pattern. The result is empty where the
// string is wrong.
func (d *decoder) text(n *yaml.Node, path string, pattern *regexp.Regexp, want string) string {
	switch {
	case !isString(n):
		d.wrong(n, path, "must be %s, not %s", want, kindOf(n))
	case !pattern.MatchString(n.Value):
		d.wrong(n, path, "must be %s, not %.80q", want, n.Value)
	default:
		return n.Value
	}
	return ""
}

// list returns the items of a field. Where the field is absent, no list, or empty,
// that is a problem.
func (d *decoder) list(f fields, key, want string) []*yaml.Node {
	n := f.get(key)
	switch {
	case !f.has(key):
		d.wrong(n, f.pathOf(key), "is missing: %s", want)
	case n.Kind != yaml.SequenceNode:
		d.wrong(n, f.pathOf(key), "must be a list, not %s: %s", kindOf(n), want)
	case len(n.Content) == 0:
		d.wrong(n, f.pathOf(key), "is empty: %s", want)
	default:
		return n.Content
	}
	return nil
}
