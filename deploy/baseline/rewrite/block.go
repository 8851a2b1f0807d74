package rewrite

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// block changes a mapping or list in block style.
func (t *trees) block(before, after *yaml.Node, limit int) {
	old := partsOf(before)
	at := map[Position]int{}
	for i, p := range old {
		at[positionOf(p.head)] = i
	}
	kept := make([]bool, len(old))
	added := map[int][]part{} // by the old part that they follow
	last := -1
	for _, p := range partsOf(after) {
		i, isOld := at[positionOf(p.head)]
		if !isOld {
			if before.Kind == yaml.SequenceNode {
				last = len(old) - 1
			}
			added[last] = append(added[last], p)
			continue
		}
		last, kept[i] = i, true
		t.value(old[i], p, t.limit(old, i, limit))
	}
	if len(added[-1]) > 0 || len(partsOf(after)) == 0 {
		t.problem(before, "nothing stands before what is new")
		return
	}
	for i := range old {
		if !kept[i] {
			t.dropLines(before, old, kept, i, limit)
		}
		t.insert(before, added[i], old[i], t.limit(old, i, limit))
	}
}

// value changes the value of a field or item. A list in block style that becomes empty
// is written as [] behind its key.
func (t *trees) value(old, now part, limit int) {
	if old.value.Kind != yaml.SequenceNode || old.value.Style&yaml.FlowStyle != 0 || now.value.Kind != yaml.SequenceNode || len(now.value.Content) > 0 || old.head == old.value {
		t.node(old.value, now.value, limit)
		return
	}
	_, colon, ok := t.source.extent(old.head)
	if !ok || !strings.HasPrefix(t.source.text[colon:], ":") {
		t.problem(old.head, "its list can't be emptied in place")
		return
	}
	t.splices = append(t.splices, splice{colon + 1, colon + 1, " []"})
	items := partsOf(old.value)
	for i := range items {
		t.dropLines(old.value, items, make([]bool, len(items)), i, limit)
	}
}

// limit is the line on which what follows a part begins.
func (t *trees) limit(parts []part, i, limit int) int {
	if i+1 < len(parts) {
		return parts[i+1].head.Line
	}
	return limit
}

// dropLines removes a part: its lines, and for an item the comment right above.
func (t *trees) dropLines(of *yaml.Node, parts []part, kept []bool, i, limit int) {
	head := parts[i].head
	before := t.source.before(positionOf(head))
	isItem := of.Kind == yaml.SequenceNode
	switch {
	case isItem && strings.TrimSpace(before) == "-", !isItem && strings.TrimSpace(before) == "":
		first, end := head.Line, t.end(of, head, t.limit(parts, i, limit))
		for isItem && first > 1 && t.source.indentOfComment(first-1) == of.Column-1 {
			first--
		}
		t.splices = append(t.splices, splice{t.source.lineStart(first), t.source.lineStart(end), ""})
	case !isItem && strings.TrimLeft(before, " -") == "":
		// The first field of an item stands behind the dash: the next one replaces it.
		for j := i + 1; j < len(parts); j++ {
			from, _ := t.source.offset(positionOf(head))
			to, _ := t.source.offset(positionOf(parts[j].head))
			if kept[j] && !strings.Contains(t.source.text[from:to], "#") {
				t.splices = append(t.splices, splice{from, to, ""})
				return
			}
		}
		t.problem(head, "it can't be removed in place")
	default:
		t.problem(head, "it can't be removed in place: write it on a line of its own")
	}
}

// end is the line behind the last one of a part, which begins on a line: comments that
// are further in than the part belong to the part, other comments and blank lines don't.
func (t *trees) end(of, head *yaml.Node, limit int) int {
	end := limit
	for end-1 > head.Line && t.source.isBlankOrComment(end-1) {
		end--
	}
	for end < limit && t.source.indentOfComment(end) > of.Column-1 {
		end++
	}
	return end
}

// insert writes new parts behind an old one.
func (t *trees) insert(of *yaml.Node, added []part, behind part, limit int) {
	if len(added) == 0 {
		return
	}
	var text strings.Builder
	for _, p := range added {
		if of.Kind == yaml.SequenceNode && behind.value.Style&yaml.FlowStyle != 0 && p.value.Kind == yaml.MappingNode {
			text.WriteString(strings.Repeat(" ", of.Column-1) + "- " + t.oneLine(p.value) + "\n")
			continue
		}
		text.WriteString(t.newBlock(of.Kind, p, of.Column))
	}
	lines := text.String()
	at := t.source.lineStart(t.end(of, behind.head, limit))
	if at == len(t.source.text) && !strings.HasSuffix(t.source.text, "\n") {
		lines = "\n" + strings.TrimSuffix(lines, "\n")
	}
	if strings.Contains(t.source.text, "\r\n") {
		lines = strings.ReplaceAll(lines, "\n", "\r\n")
	}
	t.splices = append(t.splices, splice{at, at, lines})
}

// lineStart is where a line begins, and for one behind the last the end of the text.
func (s source) lineStart(line int) int {
	if line > len(s.lines) {
		return len(s.text)
	}
	return s.lines[line-1]
}

// before is what stands before a position on its line.
func (s source) before(p Position) string {
	at, _ := s.offset(p)
	return s.text[s.lineStart(p.Line):at]
}

func (s source) line(line int) string { return s.text[s.lineStart(line):s.lineStart(line+1)] }

func (s source) isBlankOrComment(line int) bool {
	text := strings.TrimSpace(s.line(line))
	return text == "" || strings.HasPrefix(text, "#")
}

// indentOfComment is how far in the comment stands that a line is, -1 where the line is
// something else.
func (s source) indentOfComment(line int) int {
	text := strings.TrimLeft(s.line(line), " ")
	if !strings.HasPrefix(text, "#") {
		return -1
	}
	return len(s.line(line)) - len(text)
}
