package baseline

import (
	"fmt"
	"slices"
	"strings"
)

// fields are an object's known fields; reading one reports what is wrong with it.
type fields struct {
	parent string
	at     node
	byKey  map[string]node
}

func (f fields) get(key string) node {
	if n, ok := f.byKey[key]; ok {
		return n
	}
	return node{line: f.at.line, column: f.at.column}
}

func (f fields) has(key string) bool { _, ok := f.byKey[key]; return ok }

func (f fields) path(key string) string { return strings.TrimPrefix(f.parent+"."+key, ".") }

// fields reads an object, and reports unknown and repeated keys. It returns an
// empty fields and false for what is no object.
func (d *decoder) fields(path string, n node, known ...string) (fields, bool) {
	if n.kind != object {
		d.problem(path, n, "must be an object, not %s", n.kind)
		return fields{}, false
	}
	f := fields{path, n, map[string]node{}}
	for _, field := range n.fields {
		switch {
		case !slices.Contains(known, field.key):
			d.problem(f.path(field.key), field.value, "unknown field; known are %s", strings.Join(known, ", "))
		case f.has(field.key):
			d.problem(f.path(field.key), field.value, "is there twice")
		default:
			f.byKey[field.key] = field.value
		}
	}
	return f, true
}

func (d *decoder) string(f fields, key string) string {
	n := f.get(key)
	if f.has(key) && n.kind != text {
		d.problem(f.path(key), n, "must be a string, not %s", n.kind)
	}
	return n.scalar
}

// oneOf reads one of a few words; absent, it is the empty string and means the
// first.
func (d *decoder) oneOf(f fields, key string, words ...string) string {
	n := f.get(key)
	if f.has(key) && (n.kind != text || !slices.Contains(words, n.scalar)) {
		d.problem(f.path(key), n, "must be %s", strings.Join(words, " or "))
	}
	return n.scalar
}

func (d *decoder) bool(f fields, key string) bool {
	n := f.get(key)
	if f.has(key) && n.kind != boolean {
		d.problem(f.path(key), n, "must be true or false, not %s", n.kind)
	}
	return n.scalar == "true"
}

// each reads a list. The result is nil where the field is absent, and not nil for
// an empty list. A field that is there without a list in it is a problem, so that
// an empty list is always written as one.
func each[T any](d *decoder, f fields, key string, read func(path string, n node) T) []T {
	if !f.has(key) {
		return nil
	}
	n := f.get(key)
	if n.kind != list {
		d.problem(f.path(key), n, "must be a list, not %s", n.kind)
		return nil
	}
	values := make([]T, 0, len(n.items))
	for i, item := range n.items {
		values = append(values, read(fmt.Sprintf("%s[%d]", f.path(key), i), item))
	}
	return values
}
