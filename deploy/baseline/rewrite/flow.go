package rewrite

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// flow returns what a scalar or a node in flow style becomes.
func (t *trees) flow(before, after *yaml.Node) (text string, ok bool) {
	from, to, ok := t.extent(before)
	switch {
	case !ok:
		return "", false
	case same(before, after):
		return t.source.text[from:to], true
	case before.Kind != after.Kind:
		return "", false
	case before.Kind == yaml.ScalarNode:
		return scalarText(before, after), true
	}
	pieces, close, ok := t.pieces(before, to-1)
	if !ok {
		return "", false
	}
	kept := map[Position]piece{}
	for i, p := range partsOf(before) {
		kept[positionOf(p.head)] = pieces[i]
	}
	var texts []piece
	for _, p := range partsOf(after) {
		one, isOld := kept[positionOf(p.head)]
		if isOld {
			value, ok := t.flow(one.part.value, p.value)
			if !ok {
				return "", false
			}
			one.text = one.key + value
		} else {
			one = piece{leading: leadingLike(pieces), text: t.newFlow(before.Kind, p)}
		}
		texts = append(texts, one)
	}
	return t.source.text[from:from+1] + join(texts, pieces, close), true
}

// piece is the text of an item or field in flow style: leading white space and the
// comments on lines of their own, the key of a field, and what stands behind the comma
// on the same line.
type piece struct {
	part                     part
	leading, key, text, tail string
}

// closing is what stands between the last item and the bracket, and the bracket.
type closing struct {
	comma bool
	text  string
}

// pieces splits a node in flow style, whose closing bracket stands at end.
func (t *trees) pieces(n *yaml.Node, end int) (pieces []piece, c closing, ok bool) {
	open, _ := t.source.offset(positionOf(n))
	at := open + 1
	for _, p := range partsOf(n) {
		start, ok := t.source.offset(positionOf(p.head))
		from, to, ok2 := t.extent(p.value)
		if !ok || !ok2 || start < at || from < start {
			return nil, c, false
		}
		pieces = append(pieces, piece{part: p, leading: t.source.text[at:start], key: t.source.text[start:from], text: t.source.text[from:to]})
		comma := t.source.skip(to, "")
		last := len(pieces) - 1
		if c.comma = comma < end && t.source.text[comma] == ','; c.comma {
			pieces[last].tail, at = t.restOfLine(to, comma), comma+1
		} else {
			at = to
		}
		tail := commentOf(t.source.text[at:end])
		pieces[last].tail += tail
		at += len(tail)
	}
	c.text = t.source.text[at : end+1]
	return pieces, c, true
}

// restOfLine is a comment that stands before the comma.
func (t *trees) restOfLine(from, comma int) string {
	return strings.TrimRight(t.source.text[from:comma], " \t\r\n")
}

// commentOf returns the comment at the end of the line that text begins on, if there
// is one.
func commentOf(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	if trimmed := strings.TrimLeft(line, " \t"); strings.HasPrefix(trimmed, "#") && trimmed != line {
		return line
	}
	return ""
}

// leadingLike returns the white space before a new item.
func leadingLike(pieces []piece) string {
	if len(pieces) == 0 {
		return ""
	}
	leading := pieces[len(pieces)-1].leading
	if at := strings.LastIndexByte(leading, '\n'); at >= 0 {
		if at > 0 && leading[at-1] == '\r' {
			at--
		}
		return leading[at:]
	}
	return " "
}

// join puts pieces together again. The first one takes the white space of what was
// first before.
func join(texts, before []piece, c closing) string {
	var b strings.Builder
	for i, p := range texts {
		if i == 0 && len(before) > 0 && !strings.Contains(p.leading+before[0].leading, "#") {
			p.leading = before[0].leading
		}
		b.WriteString(p.leading + p.text)
		if i < len(texts)-1 || c.comma {
			b.WriteString(",")
		}
		b.WriteString(p.tail)
		if i == len(texts)-1 && strings.Contains(p.tail, "#") && !strings.Contains(c.text, "\n") {
			b.WriteString("\n")
		}
	}
	if len(texts) == 0 {
		c.text = strings.TrimLeft(c.text, " \t\r\n")
	}
	b.WriteString(c.text)
	return b.String()
}

// scalarText writes a scalar as the one before it was written.
func scalarText(before, after *yaml.Node) string {
	if isWord(after) && (before.Style == 0 || after.ShortTag() != "!!timestamp") {
		return after.Value
	}
	return stringText(before.Style, after.Value)
}

// isWord reports whether a scalar is no string, and written without quotes.
func isWord(n *yaml.Node) bool {
	return n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) == 0 && slices.Contains([]string{"!!int", "!!float", "!!bool", "!!null", "!!timestamp"}, n.ShortTag())
}
