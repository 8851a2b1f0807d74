package baseline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// slowReader reads valid JSON into nodes by the tokens of encoding/json, which
// takes a lot of memory and leaves nothing to get wrong.
type slowReader struct {
	data    []byte
	decoder *json.Decoder
}

func (r slowReader) token(t *testing.T) (token json.Token, line, column int32) {
	start := int(r.decoder.InputOffset())
	for start < len(r.data) && strings.IndexByte(" \t\r\n,:", r.data[start]) >= 0 {
		start++
	}
	token, err := r.decoder.Token()
	if err != nil {
		t.Fatalf("%q: %v", r.data, err)
	}
	l, c := positionOf(r.data, start)
	return token, int32(l), int32(c)
}

func (r slowReader) value(t *testing.T) node {
	token, line, column := r.token(t)
	n := node{line: line, column: column}
	switch v := token.(type) {
	case string:
		n.kind, n.scalar = text, v
	case json.Number:
		n.kind, n.scalar = number, v.String()
	case bool:
		n.kind, n.scalar = boolean, strconv.FormatBool(v)
	case json.Delim:
		n.kind = map[json.Delim]kind{'[': list, '{': object}[v]
		for r.decoder.More() {
			key := ""
			if n.kind == object {
				token, _, _ := r.token(t)
				key = token.(string)
			}
			item := r.value(t)
			item.key = key
			n.items = append(n.items, item)
		}
		r.token(t)
	}
	return n
}

// lines writes a node and all below it, since cmp takes time that doubles with
// every level of nesting.
func lines(n node) []string {
	all := []string{fmt.Sprintf("%d:%d %q %s %q", n.line, n.column, n.key, n.kind, n.scalar)}
	for _, item := range n.items {
		all = append(all, lines(item)...)
	}
	return append(all, "end")
}

// FuzzReadJSON: whatever encoding/json takes becomes the same nodes in the same
// positions, and what it doesn't take is refused with a position.
func FuzzReadJSON(f *testing.F) {
	for _, seed := range []string{
		``, ` `, `null`, `true`, `-0.5e+10`, `""`, `[]`, `{}`, `[[],{}]`, ` [ 1 , "a" ] `, "{\n\"a\" :\t[1,\r\n{\"b\":null}]}", `{"a":1,"a":2}`,
		`"\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx"`, `"\ud83d\n"`, `"\ude00\ud83d"`, `"\ud83d\ud83d\ude00"`, "\"\xff\\n\xc3\"", "\"\u00e9\"",
		`{"\u0061":1}`, `["]",{"}":"["}]`, `[1,]`, `{"a":1,}`, `{"a"}`, `["a":1]`, `{"a":1:2}`, `[1 2]`, `tru`, `01`, `"a`, "\"\n\"", `"\x"`, `{}{}`, `[`, `{"a":`,
		strings.Repeat("[", 33) + strings.Repeat("]", 33), strings.Repeat("[", 34) + strings.Repeat("]", 34), "\ufeff{}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := readJSON(data)
		if err != nil {
			var wrong *Error
			if !errors.As(err, &wrong) || len(wrong.Problems) != 1 || wrong.Problems[0].Line < 1 || wrong.Problems[0].Column < 1 {
				t.Errorf("%q: got %+v", data, err)
			}
			if text := err.Error(); json.Valid(data) && !strings.Contains(text, "nested") && !strings.Contains(text, "too large") {
				t.Errorf("%q is JSON: %v", data, err)
			}
			return
		}
		if !json.Valid(data) {
			t.Fatalf("%q is no JSON", data)
		}
		r := slowReader{data, json.NewDecoder(bytes.NewReader(data))}
		r.decoder.UseNumber()
		if diff := cmp.Diff(lines(r.value(t)), lines(got)); diff != "" {
			t.Errorf("%q: %s", data, diff)
		}
	})
}
