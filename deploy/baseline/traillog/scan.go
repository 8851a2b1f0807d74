package traillog

import (
	"bytes"
	"encoding/json"
)

// span is a part of the bytes that are scanned: from the first byte to the one after the last. The zero span is none.
type span struct{ from, to int }

func (s span) of(b []byte) []byte { return b[s.from:s.to] }

// known are the names of members that say what an object is.
type known uint8

const (
	other known = iota
	eventSource
	eventName
	eventTime
	detail
	records
	numberOfNames
)

// members are where the values of the known names are, as they are written: a string with its quotes. Of a name that
// comes twice the last counts, as in encoding/json.
type members [numberOfNames]span

// outcome is how a walk ended.
type outcome uint8

const (
	complete   outcome = iota // at the end of the object
	endOfBytes                // at the end of the bytes
	broken                    // at a byte that no JSON has at that position
	atList                    // behind the [ of "Records"
)

// walk goes over the members of an object without decoding them. It begins behind the { or behind one of the values, and
// returns where it ended. It stops at a list under "Records" where stop is set.
//
// It takes care of strings and of depth, and of no more: what it calls whole may still be no JSON.
func (m *members) walk(b []byte, i int, stop bool) (int, outcome) {
	for i < len(b) {
		switch c := b[i]; c {
		case ',', ' ', '\n', '\r', '\t':
			i++
		case '}':
			return i + 1, complete
		case '"':
			next, end := m.member(b, i+1, stop)
			if end != complete {
				return next, end
			}
			i = next
		default:
			return i, broken
		}
	}
	return i, endOfBytes
}

// member goes over one member, from behind the opening quote of its name.
func (m *members) member(b []byte, i int, stop bool) (int, outcome) {
	value := stringEnd(b, i)
	if value < 0 {
		return len(b), endOfBytes
	}
	name := b[i : value-1]
	for value < len(b) && b[value] != ':' {
		if !isSpace(b[value]) {
			return value, broken
		}
		value++
	}
	for value++; value < len(b) && isSpace(b[value]); {
		value++
	}
	if value >= len(b) {
		return len(b), endOfBytes
	}
	known := knownOf(name)
	if known == records && stop && b[value] == '[' {
		return value + 1, atList
	}
	end, result := valueEnd(b, value)
	m[known] = span{value, end}
	return end, result
}

func knownOf(name []byte) known {
	found := plainName(string(name))
	if found == other && bytes.IndexByte(name, '\\') >= 0 {
		return escapedName(name)
	}
	return found
}

func plainName(name string) known {
	switch name {
	case "eventSource":
		return eventSource
	case "eventName":
		return eventName
	case "eventTime":
		return eventTime
	case "detail":
		return detail
	case "Records":
		return records
	}
	return other
}

// escapedName is knownOf for a name with escapes such as \u0065ventName.
func escapedName(name []byte) known {
	var text string
	if err := json.Unmarshal([]byte(`"`+string(name)+`"`), &text); err != nil {
		return other
	}
	return plainName(text)
}

// stringEnd returns the position behind the quote that ends a string, or -1 where the bytes end before. It begins behind
// the opening quote.
func stringEnd(b []byte, start int) int {
	for i := start; ; {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		i += n + 1
		if b[i-2] != '\\' || isQuote(b[start:i-1]) {
			return i
		}
	}
}

// isQuote says whether a quote behind the text ends the string: an even number of backslashes escape each other.
func isQuote(text []byte) bool {
	n := len(text)
	for n > 0 && text[n-1] == '\\' {
		n--
	}
	return (len(text)-n)%2 == 0
}

// valueEnd returns the position behind a value that begins at i.
func valueEnd(b []byte, i int) (int, outcome) {
	switch b[i] {
	case '"':
		if end := stringEnd(b, i+1); end >= 0 {
			return end, complete
		}
		return len(b), endOfBytes
	case '{', '[':
		return nestedEnd(b, i)
	case 't', 'f', 'n', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return scalarEnd(b, i)
	}
	return i, broken
}

// nestedEnd returns the position behind an object or a list.
func nestedEnd(b []byte, i int) (int, outcome) {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			if i = stringEnd(b, i+1); i < 0 {
				return len(b), endOfBytes
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1, complete
			}
		}
		i++
	}
	return i, endOfBytes
}

func scalarEnd(b []byte, i int) (int, outcome) {
	for ; i < len(b); i++ {
		switch b[i] {
		case ',', '}', ']', ' ', '\n', '\r', '\t':
			return i, complete
		}
	}
	return i, endOfBytes
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// unquote returns the text of a JSON string, as encoding/json reads it. It returns false for any other value.
func unquote(quoted []byte) ([]byte, bool) {
	if len(quoted) < 2 || quoted[0] != '"' {
		return nil, false
	}
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1], true
	}
	var text string
	if err := json.Unmarshal(quoted, &text); err != nil {
		return nil, false
	}
	return []byte(text), true
}
