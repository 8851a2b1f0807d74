package baseline

import (
	"slices"
	"strconv"
	"strings"
)

// fields are an object's known fields; reading one reports what is wrong with it.
type fields struct {
	parent string
	at     node
	known  []string
}

// get returns a field, the first where it is there twice. Of one that is absent it
// returns null with the object's position.
func (f fields) get(key string) node {
	if i := f.index(key); i >= 0 {
		return f.at.items[i]
	}
	return node{line: f.at.line, column: f.at.column}
}

func (f fields) has(key string) bool { return f.index(key) >= 0 }

func (f fields) index(key string) int {
	if !slices.Contains(f.known, key) {
		return -1
	}
	return slices.IndexFunc(f.at.items, func(field node) bool { return field.key == key })
}

func (f fields) path(key string) string { return strings.TrimPrefix(f.parent+"."+key, ".") }

// fields reads an object, and reports unknown and repeated keys. It returns an
// empty fields and false for what is no object.
func (d *decoder) fields(path string, n node, known ...string) (fields, bool) {
	if n.kind != object {
		what := "must be"
		if path == "" {
			what = "the document must be"
		}
		d.problem(path, n, "%s an object, not %s", what, n.kind)
		return fields{}, false
	}
	f := fields{path, n, known}
	seen := make([]bool, len(known))
	for _, field := range n.items {
		switch i := slices.Index(known, field.key); {
		case i < 0:
			d.unknown(f, field, known)
		case seen[i]:
			d.problem(f.path(field.key), field, "is there twice")
		default:
			seen[i] = true
		}
	}
	return f, true
}

// wrong notes what is wrong with a field. Where problems are only counted any more,
// it saves the text.
func (d *decoder) wrong(f fields, key, format string, args ...any) {
	if d.isFull() {
		d.more++
		return
	}
	d.problem(f.path(key), f.get(key), format, args...)
}

func (d *decoder) unknown(f fields, field node, known []string) {
	if d.isFull() { // a poisoned document has a hundred thousand of them
		d.more++
		return
	}
	d.problem(f.path(shortened(field.key, maxKey)), field, "unknown field; known are %s", strings.Join(known, ", "))
}

func (d *decoder) string(f fields, key string) string {
	n := f.get(key)
	if f.has(key) && n.kind != text {
		d.wrong(f, key, "must be a string, not %s", n.kind)
	}
	return n.scalar
}

// oneOf reads one of a few words; absent, it is the empty string and means the
// first.
func (d *decoder) oneOf(f fields, key string, words ...string) string {
	n := f.get(key)
	if f.has(key) && (n.kind != text || !slices.Contains(words, n.scalar)) {
		d.wrong(f, key, "must be %s", strings.Join(words, " or "))
	}
	return n.scalar
}

func (d *decoder) bool(f fields, key string) bool {
	n := f.get(key)
	if f.has(key) && n.kind != boolean {
		d.wrong(f, key, "must be true or false, not %s", n.kind)
	}
	return n.scalar == "true"
}

// wholeNumber reads a whole number within bounds, written with digits alone. Where the
// field is absent or wrong, that is a problem.
func (d *decoder) wholeNumber(f fields, key string, least, most int) int {
	n := f.get(key)
	value, err := strconv.Atoi(n.word())
	if n.kind != number || err != nil || strconv.Itoa(value) != n.scalar || value < least || value > most {
		d.wrong(f, key, "must be a whole number from %d to %d", least, most)
	}
	return value
}

// each reads a list. The result is nil where the field is absent, and not nil for
// an empty list. A field that is there without a list in it is a problem, so that
// an empty list is always written as one.
func each[T any](d *decoder, f fields, key string, read func(path string, n node) T) []T {
	if !f.has(key) {
		return nil
	}
	n, path := f.get(key), f.path(key)
	if n.kind != list {
		d.problem(path, n, "must be a list, not %s", n.kind)
		return nil
	}
	if d.items += len(n.items); d.items > maxItems {
		d.problem(path, n, "too large: the lists have more than %d items up to here", maxItems)
		return nil
	}
	values := make([]T, 0, len(n.items))
	for i, item := range n.items {
		values = append(values, read(path+"["+strconv.Itoa(i)+"]", item))
	}
	return values
}
