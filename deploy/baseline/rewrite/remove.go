package rewrite

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// remove removes a field of the root, if it is there.
func (e *editor) remove(root *yaml.Node, name string) {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value != name {
			continue
		}
		removed := e.source.lineSpan
		if root.Style&yaml.FlowStyle != 0 {
			removed = e.source.flowSpan
		}
		if from, to, ok := removed(root, i); ok {
			e.splices = append(e.splices, splice{from, to, ""})
			root.Content = append(root.Content[:i:i], root.Content[i+2:]...)
		} else {
			e.problem(root.Content[i], "%s can't be removed in place: write the file more plainly", name)
		}
		return
	}
}

// lineSpan is what the field at i takes of a root in block style: whole lines, up
// to the next field, of which comments and blank lines before that are not part.
func (s source) lineSpan(root *yaml.Node, i int) (from, to int, ok bool) {
	last := len(s.lines) // one behind the field's last line, counted from 1
	if i+2 < len(root.Content) {
		last = root.Content[i+2].Line - 1
	}
	first := root.Content[i].Line
	for last > first && s.isAside(last) {
		last--
	}
	from = s.lines[first-1]
	if to = len(s.text); last < len(s.lines) {
		to = s.lines[last]
	}
	return from, to, root.Content[i].Column == 1
}

// isAside reports whether a line is blank, or a comment that belongs to the root.
func (s source) isAside(line int) bool {
	to := len(s.text)
	if line < len(s.lines) {
		to = s.lines[line]
	}
	text := s.text[s.lines[line-1]:to]
	return strings.HasPrefix(text, "#") || strings.TrimSpace(text) == ""
}

// flowSpan is what the field at i takes of a root in flow style, with one of the
// commas around it.
func (s source) flowSpan(root *yaml.Node, i int) (from, to int, ok bool) {
	from, ok = s.offset(Position{root.Content[i].Line, root.Content[i].Column})
	if !ok {
		return 0, 0, false
	}
	if i+2 < len(root.Content) {
		to, ok = s.offset(Position{root.Content[i+2].Line, root.Content[i+2].Column})
		return from, to, ok
	}
	to = strings.LastIndexByte(s.text, '}')
	if comma := strings.LastIndexByte(s.text[:from], ','); i > 0 {
		from = comma
	}
	if from < 0 || to < from {
		return 0, 0, false
	}
	return from, from + len(strings.TrimRight(s.text[from:to], " \t\r\n")), true
}
