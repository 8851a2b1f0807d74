package trail

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// value is a JSON value of which nothing is taken for granted. CloudTrail writes
// EC2 calls in two dialects and guesses the types of scalars in one of them, so
// every read accepts what is there and finds "nothing" elsewhere.
type value struct{ v any }

func decode(message []byte) (value, error) {
	decoder := json.NewDecoder(bytes.NewReader(message))
	decoder.UseNumber()
	var v value
	if err := decoder.Decode(&v.v); err != nil {
		return value{}, fmt.Errorf("the message is not JSON: %w", err)
	}
	return v, nil
}

// get walks down objects; a missing step ends at nothing.
func (v value) get(keys ...string) value {
	for _, key := range keys {
		object, _ := v.v.(map[string]any)
		v = value{object[key]}
	}
	return v
}

// text reads a scalar of any type; nothing, lists and objects are "".
func (v value) text() string {
	switch s := v.v.(type) {
	case string:
		return s
	case json.Number:
		return s.String()
	case bool:
		return strconv.FormatBool(s)
	}
	return ""
}

// number reads an integer, or a string that holds one; nil if there is nothing.
func (v value) number() (*int, error) {
	if v.v == nil || v.v == "" {
		return nil, nil
	}
	n, err := strconv.Atoi(v.text())
	if err != nil {
		return nil, fmt.Errorf("%v is not a whole number", v.v)
	}
	return &n, nil
}

// list reads every way CloudTrail writes a list: {"items": […]}, an array, one
// object in place of a list of one, and {}, "" or null for none.
func (v value) list() []value {
	switch l := v.v.(type) {
	case []any:
		values := make([]value, len(l))
		for i := range l {
			values[i] = value{l[i]}
		}
		return values
	case map[string]any:
		if items, ok := l["items"]; ok {
			return value{items}.list()
		}
		if len(l) > 0 {
			return []value{v}
		}
	}
	return nil
}
