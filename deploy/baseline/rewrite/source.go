package rewrite

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// source is a text in which positions can be looked up.
type source struct {
	text  string
	lines []int // where each begins, in bytes
}

// splice replaces bytes by text.
type splice struct {
	from, to int
	text     string
}

// breaks are YAML 1.1's, which is how the parser counts lines.
var breaks = regexp.MustCompile("\r\n|[\r\n\u0085\u2028\u2029]")

const byteOrderMark = "\ufeff"

func newSource(data []byte) source {
	s := source{string(data), []int{0}}
	if strings.HasPrefix(s.text, byteOrderMark) {
		s.lines[0] = len(byteOrderMark) // the parser doesn't count it among the columns
	}
	for _, at := range breaks.FindAllStringIndex(s.text, -1) {
		s.lines = append(s.lines, at[1])
	}
	return s
}

// offset is where a position is, in bytes.
func (s source) offset(p Position) (int, bool) {
	if p.Line < 1 || p.Line > len(s.lines) {
		return 0, false
	}
	at := s.lines[p.Line-1]
	for range p.Column - 1 {
		_, size := utf8.DecodeRuneInString(s.text[at:])
		at += size
	}
	return at, true
}

var (
	doubleQuoted = regexp.MustCompile(`^"(?:[^"\\\r\n]|\\.)*"`)
	singleQuoted = regexp.MustCompile(`^'(?:[^'\r\n]|'')*'`)
)

// extent is where a scalar begins and ends, if it is one that can be replaced.
func (s source) extent(n *yaml.Node) (from, to int, ok bool) {
	from, ok = s.offset(Position{n.Line, n.Column})
	if !ok || n.Kind != yaml.ScalarNode {
		return 0, 0, false
	}
	rest, length := s.text[from:], 0
	switch n.Style {
	case yaml.DoubleQuotedStyle:
		length = len(doubleQuoted.FindString(rest))
	case yaml.SingleQuotedStyle:
		length = len(singleQuoted.FindString(rest))
	case 0:
		if strings.HasPrefix(rest, n.Value) {
			length = len(n.Value)
		}
	}
	return from, from + length, length > 0
}

// plain is what needs no quotes anywhere in YAML, unless it is a word such as true.
var plain = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._/-]*(:[A-Za-z0-9._/-]+)?$`)

func isPlain(value string) bool {
	word := yaml.Node{Kind: yaml.ScalarNode, Value: value}
	return plain.MatchString(value) && word.ShortTag() == "!!str"
}

// quote writes a string as the one before it was written, or else with quotes.
func quote(style yaml.Style, value string) string {
	switch {
	case style == yaml.SingleQuotedStyle:
		return "'" + strings.ReplaceAll(value, "'", "''") + "'"
	case style == 0 && isPlain(value):
		return value
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // a string, into memory
	return strings.TrimSuffix(text.String(), "\n")
}

// apply makes all changes, none of which overlap.
func (s source) apply(splices []splice) []byte {
	slices.SortStableFunc(splices, func(a, b splice) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	var text strings.Builder
	done := 0
	for _, change := range splices {
		if change.from < done { // within what is removed
			continue
		}
		text.WriteString(s.text[done:change.from])
		text.WriteString(change.text)
		done = change.to
	}
	text.WriteString(s.text[done:])
	return []byte(text.String())
}
