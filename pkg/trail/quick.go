package trail

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// deepest is how deep objects and lists may lie in each other. No record of CloudTrail's comes near.
const deepest = 200

// quick reads JSON as encoding/json does, with one allocation for each object and list: the texts are parts of the
// message. It gives up where encoding/json would fail, and in some cases where encoding/json would not.
type quick struct {
	message string
	at      int
	depth   int
	waiting []member // of the objects and lists that have not ended yet
}

// parse reads the object that a message begins with. Like a Decoder it takes no heed of what follows.
func parse(message string) (value, bool) {
	spare := spares.Get().(*[]member)
	q := quick{message: message, waiting: *spare}
	var v value
	ok := false
	if q.next() == '{' {
		v, ok = q.value()
	}
	clear(q.waiting[:cap(q.waiting)]) // so that no unused slice keeps a message in memory
	*spare = q.waiting[:0]
	spares.Put(spare)
	return v, ok
}

// spares are used for waiting, one message after the other.
var spares = sync.Pool{New: func() any { return new(make([]member, 0, 64)) }}

// next steps over spaces and returns the byte behind, or 0 at the end.
func (q *quick) next() byte {
	for ; q.at < len(q.message); q.at++ {
		switch c := q.message[q.at]; c {
		case ' ', '\n', '\r', '\t':
		default:
			return c
		}
	}
	return 0
}

func (q *quick) value() (value, bool) {
	switch c := q.next(); c {
	case '{':
		return q.nested(kindObject, '}')
	case '[':
		return q.nested(kindList, ']')
	case '"':
		s, ok := q.text()
		return textValue(s), ok
	case 't':
		return q.word("true", kindBool)
	case 'f':
		return q.word("false", kindBool)
	case 'n':
		_, ok := q.word("null", kindNothing)
		return value{}, ok
	}
	return q.number()
}

func (q *quick) word(word string, k kind) (value, bool) {
	if !strings.HasPrefix(q.message[q.at:], word) {
		return value{}, false
	}
	q.at += len(word)
	return value{kind: k, written: word}, true
}

// nested reads an object or a list.
func (q *quick) nested(k kind, end byte) (value, bool) {
	q.at++
	q.depth++
	first := len(q.waiting)
	for q.depth <= deepest {
		c := q.next()
		if c == end && len(q.waiting) == first {
			break
		}
		m, ok := q.member(k)
		if !ok {
			return value{}, false
		}
		q.waiting = append(q.waiting, m)
		if c = q.next(); c == end {
			break
		}
		if c != ',' {
			return value{}, false
		}
		q.at++
	}
	q.at++
	q.depth--
	v := value{kind: k, members: slices.Clone(q.waiting[first:])}
	q.waiting = q.waiting[:first]
	return v, q.depth < deepest
}

// member reads a member of an object, or an element of a list.
func (q *quick) member(of kind) (m member, ok bool) {
	if of == kindObject {
		if q.next() != '"' {
			return m, false
		}
		if m.name, ok = q.text(); !ok || q.next() != ':' {
			return m, false
		}
		q.at++
	}
	m.value, ok = q.value()
	return m, ok
}

// text reads a string. encoding/json reads what stands in it otherwise than it means.
func (q *quick) text() (string, bool) {
	begin := q.at + 1
	plain := true
	for q.at = begin; q.at < len(q.message); q.at++ {
		switch c := q.message[q.at]; {
		case c == '"':
			s := q.message[begin:q.at]
			q.at++
			if plain {
				return s, true
			}
			return unusual(s)
		case c < ' ':
			return "", false
		case c == '\\':
			plain = false
			q.at++
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	return "", false
}

// unusual reads a string with escapes or with other letters than those of ASCII.
func unusual(s string) (string, bool) {
	if !strings.Contains(s, `\`) && utf8.ValidString(s) {
		return s, true
	}
	var read string
	err := json.Unmarshal([]byte(`"`+s+`"`), &read)
	return read, err == nil
}

// number reads what json.Number can hold, by the grammar of RFC 8259.
func (q *quick) number() (value, bool) {
	begin := q.at
	q.step('-')
	if !q.step('0') && q.digits() == 0 {
		return value{}, false
	}
	if q.step('.') && q.digits() == 0 {
		return value{}, false
	}
	if q.step('e') || q.step('E') {
		if !q.step('+') {
			q.step('-')
		}
		if q.digits() == 0 {
			return value{}, false
		}
	}
	return value{kind: kindNumber, written: q.message[begin:q.at]}, true
}

// step steps over that byte, if it comes next.
func (q *quick) step(c byte) bool {
	if q.at < len(q.message) && q.message[q.at] == c {
		q.at++
		return true
	}
	return false
}

// digits steps over digits and returns how many there were.
func (q *quick) digits() int {
	begin := q.at
	for q.at < len(q.message) && '0' <= q.message[q.at] && q.message[q.at] <= '9' {
		q.at++
	}
	return q.at - begin
}
