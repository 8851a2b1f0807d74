package baseline

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonReader builds nodes from text that is valid JSON. It allocates the nodes at
// once, as they were counted before, and its strings are parts of the text.
type jsonReader struct {
	text string
	at   int // of the byte to read next

	counted      int // line and column are those of this byte
	line, column int32

	unused []node // that no list and no object has taken so far
}

func readJSON(data []byte) (node, error) {
	if err := CheckSize(data, MaxValues); err != nil {
		return node{}, err
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return node{}, &Error{Problems: []Problem{{Line: 1, Column: 1, Message: "not JSON: the document is empty"}}}
	}
	if json.Valid(data) {
		count, _ := countValues(data, MaxValues)
		r := &jsonReader{text: string(data), line: 1, column: 1, unused: make([]node, count-1)} // but for the root
		if n, ok := r.value(0); ok {
			return n, nil
		}
	}
	return node{}, notJSON(data)
}

// skip moves to where the next token begins.
func (r *jsonReader) skip() {
	for isSpace(r.text[r.at]) || r.text[r.at] == ',' || r.text[r.at] == ':' {
		r.at++
	}
	for ; r.counted < r.at; r.counted++ {
		r.column++
		if r.text[r.counted] == '\n' {
			r.line, r.column = r.line+1, 1
		}
	}
}

// value reads a value; ok is false for one that is nested too deep.
func (r *jsonReader) value(depth int) (n node, ok bool) {
	if depth > MaxDepth {
		return n, false
	}
	r.skip()
	n.line, n.column = r.line, r.column
	switch c := r.text[r.at]; c {
	case '[', '{':
		return n, r.composite(&n, depth)
	case '"':
		n.kind, n.scalar = text, r.string()
	default:
		start := r.at
		r.at = afterWord(r.text, r.at)
		n.scalar = r.text[start:r.at]
		switch c {
		case 't', 'f':
			n.kind = boolean
		case 'n':
			n.kind, n.scalar = null, ""
		default:
			n.kind = number
		}
	}
	return n, true
}

// composite reads a list or an object.
func (r *jsonReader) composite(n *node, depth int) (ok bool) {
	n.kind = list
	if r.text[r.at] == '{' {
		n.kind = object
	}
	r.at++
	count := countItems(r.text[r.at:])
	n.items, r.unused = r.unused[:count:count], r.unused[count:]
	for i := range n.items {
		key := ""
		if n.kind == object {
			r.skip()
			key = r.string()
		}
		item, ok := r.value(depth + 1)
		if !ok {
			return false
		}
		item.key = key
		n.items[i] = item
	}
	r.skip()
	r.at++ // the bracket that closes
	return true
}

// countItems counts the items of the list or object that text is the inside of, up
// to the bracket that closes it.
func countItems(text string) int {
	count, depth, isEmpty := 1, 0, true
	for at := 0; at < len(text); {
		c := text[at]
		at++
		switch {
		case isSpace(c):
			continue
		case c == '"':
			at = afterText(text, at-1)
		case c == '[' || c == '{':
			depth++
		case (c == ']' || c == '}') && depth > 0:
			depth--
		case c == ']' || c == '}':
			if isEmpty {
				return 0
			}
			return count
		case c == ',' && depth == 0:
			count++
		}
		isEmpty = false
	}
	return count
}

// string reads a string, which is a part of the text unless it has escapes.
func (r *jsonReader) string() string {
	start := r.at + 1
	r.at = afterText(r.text, r.at)
	return unescape(r.text[start : r.at-1])
}

// unescape returns what stands between the quotes of valid JSON as encoding/json
// reads it: what is no UTF-8, or half of a surrogate pair, becomes U+FFFD.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for len(s) > 0 {
		if s[0] != '\\' {
			r, size := utf8.DecodeRuneInString(s)
			b.WriteRune(r)
			s = s[size:]
			continue
		}
		if s[1] != 'u' {
			b.WriteByte(escapes[s[1]])
			s = s[2:]
			continue
		}
		r := hex(s[2:6])
		s = s[6:]
		if utf16.IsSurrogate(r) {
			pair := rune(utf8.RuneError)
			if strings.HasPrefix(s, `\u`) {
				pair = utf16.DecodeRune(r, hex(s[2:6]))
			}
			if pair != utf8.RuneError {
				s = s[6:]
			}
			r = pair
		}
		b.WriteRune(r)
	}
	return b.String()
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func hex(digits string) (r rune) {
	for _, c := range []byte(digits) {
		switch {
		case c >= 'a':
			c = c - 'a' + 10
		case c >= 'A':
			c = c - 'A' + 10
		default:
			c -= '0'
		}
		r = r<<4 | rune(c)
	}
	return r
}
