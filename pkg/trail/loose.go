package trail

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// kind is what a value is.
type kind uint8

const (
	kindNothing kind = iota // null, or not there
	kindText
	kindNumber
	kindBool
	kindList
	kindObject
)

// value is a JSON value of which nothing is taken for granted. CloudTrail writes EC2 calls in two dialects and guesses
// the types of scalars in one of them, so every read accepts what is there and finds "nothing" elsewhere.
type value struct {
	kind    kind
	written string   // a scalar: the text, the digits, true or false
	members []member // of an object; of a list, without names
}

type member struct {
	name  string
	value value
}

// textValue is a text as a value.
func textValue(s string) value { return value{kind: kindText, written: s} }

// decode reads the first value of a message. Nearly all messages are read by parse, which takes a fraction of the time.
// What parse does not read, such as a message that is no JSON, encoding/json reads or explains.
func decode(message []byte) (value, error) {
	if v, ok := parse(string(message)); ok {
		return v, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(message))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return value{}, fmt.Errorf("the message is not JSON: %w", err)
	}
	return valueOf(v), nil
}

// valueOf takes over what encoding/json decoded.
func valueOf(decoded any) value {
	switch d := decoded.(type) {
	case string:
		return textValue(d)
	case json.Number:
		return value{kind: kindNumber, written: d.String()}
	case bool:
		return value{kind: kindBool, written: strconv.FormatBool(d)}
	case []any:
		v := value{kind: kindList}
		for _, item := range d {
			v.members = append(v.members, member{value: valueOf(item)})
		}
		return v
	case map[string]any:
		v := value{kind: kindObject}
		for name, item := range d {
			v.members = append(v.members, member{name, valueOf(item)})
		}
		return v
	}
	return value{}
}

// get walks down objects; a missing step ends at nothing.
func (v value) get(keys ...string) value {
	for _, key := range keys {
		v, _ = v.member(key)
	}
	return v
}

// member returns the last member of that name, as encoding/json does where a name comes twice.
func (v value) member(name string) (value, bool) {
	if v.kind != kindObject {
		return value{}, false
	}
	for i := len(v.members) - 1; i >= 0; i-- {
		if v.members[i].name == name {
			return v.members[i].value, true
		}
	}
	return value{}, false
}

// text reads a scalar of any type; nothing, lists and objects are "". The text is a copy, which does not keep the whole
// message in memory.
func (v value) text() string { return strings.Clone(v.written) }

// number reads an integer, or a string that holds one; nil if there is nothing.
func (v value) number() (*int, error) {
	if v.kind == kindNothing || v.kind == kindText && v.written == "" {
		return nil, nil
	}
	n, err := strconv.Atoi(v.written)
	switch {
	case v.kind == kindList || v.kind == kindObject:
		return nil, fmt.Errorf("a list or an object is not a whole number")
	case err != nil:
		return nil, fmt.Errorf("%s is not a whole number", v.written)
	}
	return &n, nil
}

// list reads every way CloudTrail writes a list: {"items": […]}, an array, one object instead of a list of one, and {},
// "" or null for none.
func (v value) list() []value {
	switch v.kind {
	case kindList:
		values := make([]value, len(v.members))
		for i := range v.members {
			values[i] = v.members[i].value
		}
		return values
	case kindObject:
		if items, ok := v.member("items"); ok {
			return items.list()
		}
		if len(v.members) > 0 {
			return []value{v}
		}
	}
	return nil
}
