package baseline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxDepth is far beyond what a document needs (4) and keeps a hostile one from
// growing the stack.
const maxDepth = 32

type kind uint8

const (
	null kind = iota
	text
	number
	boolean
	list
	object
)

func (k kind) String() string {
	return [...]string{"null", "a string", "a number", "true or false", "a list", "an object"}[k]
}

// node is a JSON or YAML value that remembers where it stands.
type node struct {
	kind         kind
	scalar       string // as written
	items        []node
	fields       []field
	line, column int
}

type field struct {
	key   string
	value node
}

// jsonReader builds nodes from JSON. It counts lines as it goes, since the
// decoder only tells byte offsets.
type jsonReader struct {
	data    []byte
	decoder *json.Decoder
	at      int64
	line    int
	column  int
}

func readJSON(data []byte) (node, error) {
	r := &jsonReader{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), line: 1, column: 1}
	r.decoder.UseNumber()
	n, err := r.value(0)
	if err == nil {
		if _, rest := r.decoder.Token(); !errors.Is(rest, io.EOF) {
			err = errors.New("there is something after the end of the document")
		}
	}
	if err != nil {
		r.advance(r.decoder.InputOffset())
		return n, &Error{[]Problem{{Line: r.line, Column: r.column, Message: "not JSON: " + err.Error()}}}
	}
	return n, nil
}

func (r *jsonReader) advance(to int64) {
	for ; r.at < to && r.at < int64(len(r.data)); r.at++ {
		r.column++
		if r.data[r.at] == '\n' {
			r.line, r.column = r.line+1, 1
		}
	}
}

// token reads the next token and moves to where it starts.
func (r *jsonReader) token() (json.Token, error) {
	start := r.decoder.InputOffset()
	for start < int64(len(r.data)) && bytes.IndexByte([]byte(" \t\r\n,:"), r.data[start]) >= 0 {
		start++
	}
	r.advance(start)
	t, err := r.decoder.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return t, err
}

func (r *jsonReader) value(depth int) (node, error) {
	t, err := r.token()
	if err != nil {
		return node{}, err
	}
	if depth > maxDepth {
		return node{}, fmt.Errorf("nested more than %d deep", maxDepth)
	}
	n := node{line: r.line, column: r.column}
	switch v := t.(type) {
	case json.Delim:
		err = r.composite(&n, v, depth)
	case string:
		n.kind, n.scalar = text, v
	case json.Number:
		n.kind, n.scalar = number, v.String()
	case bool:
		n.kind, n.scalar = boolean, fmt.Sprint(v)
	}
	return n, err
}

func (r *jsonReader) composite(n *node, open json.Delim, depth int) error {
	n.kind = list
	if open == '{' {
		n.kind = object
	}
	for r.decoder.More() {
		var key string
		if n.kind == object {
			t, err := r.token()
			if err != nil {
				return err
			}
			key, _ = t.(string)
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		if n.kind == object {
			n.fields = append(n.fields, field{key, v})
		} else {
			n.items = append(n.items, v)
		}
	}
	_, err := r.token()
	return err
}
