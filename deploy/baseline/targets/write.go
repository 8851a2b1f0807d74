package targets

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// writer writes results in the order of targets.
type writer struct {
	how     Options
	targets []Target
	next    int // the first target whose result is not written
}

// begin opens the JSON document.
func (w *writer) begin() error {
	if !w.how.JSON {
		return nil
	}
	return w.print(`{` + "\n" + `  "targets": [`)
}

// write writes the results that have none missing before them, and forgets them.
func (w *writer) write(results []*result) error {
	for ; w.next < len(results) && results[w.next] != nil; w.next++ {
		r, t := results[w.next], w.targets[w.next]
		var err error
		switch {
		case w.how.JSON:
			err = w.json(t, r)
		case r.fate != notRun:
			err = w.text(t, r)
		}
		if err == nil {
			err = w.errors(t, r)
		}
		if err = errors.Join(err, r.close()); err != nil {
			return fmt.Errorf("write the output of %s: %w", t, err)
		}
	}
	return nil
}

// end closes the JSON document.
func (w *writer) end() error {
	if !w.how.JSON {
		return nil
	}
	return w.print("\n  ]\n}\n")
}

func (w *writer) text(t Target, r *result) error {
	between := ""
	if w.next > 0 {
		between = "\n"
	}
	if err := w.print(between + "== " + t.String() + " ==\n"); err != nil || r.out.isEmpty() {
		return err
	}
	text := &lines{w: w.how.Out}
	if err := r.out.copyTo(text); err != nil {
		return err
	}
	return w.print("\n")
}

// errors writes what a target wrote for people, and its error. The summary names the
// targets that were not run.
func (w *writer) errors(t Target, r *result) error {
	text := &lines{w: w.how.Errs, first: t.String() + ": ", prefix: t.String() + ": "}
	if err := r.errs.copyTo(text); err != nil {
		return err
	}
	if r.err != nil && r.fate != notRun {
		text.ends = 1
		if _, err := io.WriteString(text, r.err.Error()); err != nil {
			return err
		}
	}
	if !text.began {
		return nil
	}
	_, err := io.WriteString(w.how.Errs, "\n")
	return err
}

// indent is how deep the fields of a target stand in the JSON document.
const indent = "      "

// json writes a target of the JSON document. Output that is no JSON document stands
// as a string in the field output.
func (w *writer) json(t Target, r *result) error {
	head := []string{
		field("account", t.Account), field("name", t.Name), field("region", t.Region),
		field("status", r.exitStatus()),
	}
	if r.err != nil {
		head = append(head, field("error", r.err.Error()))
	}
	comma := ","
	if w.next == 0 {
		comma = ""
	}
	if err := w.print(comma + "\n    {\n" + indent + strings.Join(head, ",\n"+indent)); err != nil {
		return err
	}
	if err := w.output(r); err != nil {
		return err
	}
	return w.print("\n    }")
}

// output writes the output of a target into the JSON document.
func (w *writer) output(r *result) error {
	if r.out.isEmpty() {
		return nil
	}
	reader, err := r.out.reader()
	if err != nil {
		return err
	}
	if isJSON(reader) {
		return r.out.copyTo(&lines{w: w.how.Out, first: ",\n" + indent + `"result": `, prefix: indent})
	}
	var text strings.Builder
	if err := r.out.copyTo(&text); err != nil {
		return err
	}
	return w.print(",\n" + indent + field("output", text.String()))
}

// exitStatus is nil for a target that was not run.
func (r *result) exitStatus() any {
	if r.fate == notRun {
		return nil
	}
	return r.status
}

// field is a field of a JSON object.
func field(key string, value any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // a string, a number or nil: none has an error
	return `"` + key + `": ` + strings.TrimSuffix(text.String(), "\n")
}

// isJSON reports whether the text is one JSON document. It keeps no more of the text
// in memory than one value that is no list and no object.
func isJSON(text io.Reader) bool {
	decoder := json.NewDecoder(text)
	depth, documents := 0, 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return depth == 0 && documents == 1
		}
		if err != nil {
			return false
		}
		switch token {
		case json.Delim('['), json.Delim('{'):
			depth++
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
		if depth == 0 {
			documents++
		}
	}
}

func (w *writer) print(text string) error {
	_, err := io.WriteString(w.how.Out, text)
	return err
}
