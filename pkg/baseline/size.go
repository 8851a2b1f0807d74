package baseline

import (
	"bytes"
	"fmt"
)

// The most that is read. EC2 allows a group 1,000 rules, and a baseline may well
// permit some that aren't there.
//
// A value is a string that is no key, a number, true, false, null, a list or an
// object. A rule takes at most ten values: an exception, its eight fields, and the
// peer in one of these. Some more are for the fields of the document.
//
// A rule is an item of a list, as an entry has at least one peer, and its entry is
// an item of another list: that makes two items a rule.
const (
	maxBytes  = 1 << 20
	MaxRules  = 10_000
	MaxValues = 10*MaxRules + 100
	maxItems  = 2 * MaxRules
)

// CheckSize returns an error where data, taken for JSON, holds more than most
// values: strings that are no keys, numbers, true, false, null, lists and objects.
// It is there to be asked before data is decoded, since a decoder may take a
// hundred bytes and more for each byte of "0,0,0". The error is an *Error with the
// position of the value that is too much.
//
// CheckSize does not say whether data is JSON. Up to the first byte that JSON can't
// have there, it counts what a decoder would see, and no decoder gets further. It
// does not bound the length of strings: bound the length of data for that. Nothing
// is allocated where the error is nil.
func CheckSize(data []byte, most int) error {
	if _, at := countValues(data, most); at >= 0 {
		line, column := positionOf(data, at)
		return &Error{Problems: []Problem{{Line: line, Column: column, Message: fmt.Sprintf("too large: more than %d values", most)}}}
	}
	return nil
}

// checkBytes refuses what is larger than any document.
func checkBytes(data []byte) error {
	if len(data) > maxBytes {
		return &Error{Problems: []Problem{{Message: fmt.Sprintf("too large: %d bytes; the most is %d", len(data), maxBytes)}}}
	}
	return nil
}

// countValues counts values of JSON. Of more than most, it returns where the first
// one too many begins, and of others -1.
//
//	{"a": [0, "b"]}
//	^     ^^   ^       4 values: a colon shows that "a" was a key
func countValues(data []byte, most int) (count, tooMany int) {
	wasText := false
	for at := 0; at < len(data); {
		start, next := at, at+1
		switch c := data[at]; {
		case isSpace(c):
			at++
			continue
		case c == ':' && wasText:
			count--
			wasText = false
		case isDelimiter(c):
			wasText = false
		case c == '"':
			count++
			wasText, next = true, afterText(data, at)
		case c == '[' || c == '{':
			count++
			wasText = false
		default:
			count++
			wasText, next = false, afterWord(data, at)
		}
		if count > most {
			return count, start
		}
		at = next
	}
	return count, -1
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func isDelimiter(c byte) bool { return c == ',' || c == ':' || c == ']' || c == '}' }

// afterText returns where JSON continues behind the string that begins at a quote.
func afterText[T string | []byte](data T, at int) int {
	for at++; at < len(data); at++ {
		switch data[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return len(data)
}

// afterWord returns where JSON continues behind a number, true, false or null.
func afterWord[T string | []byte](data T, at int) int {
	for at < len(data) && !isSpace(data[at]) && !isDelimiter(data[at]) && data[at] != '[' && data[at] != '{' && data[at] != '"' {
		at++
	}
	return at
}

// positionOf returns the line and column of a byte, both counted from 1.
func positionOf(data []byte, at int) (line, column int) {
	before := data[:at]
	return 1 + bytes.Count(before, []byte("\n")), at - bytes.LastIndexByte(before, '\n')
}
