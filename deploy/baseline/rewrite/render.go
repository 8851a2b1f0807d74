package rewrite

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// newFlow writes a new item or field on one line.
func (t *trees) newFlow(of yaml.Kind, p part) string {
	text := t.oneLine(p.value)
	if of == yaml.MappingNode {
		text = t.oneLine(p.head) + ": " + text
	}
	return text
}

// oneLine writes a node in flow style: as JSON, where the file is JSON.
func (t *trees) oneLine(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode, yaml.MappingNode:
		var texts []string
		for _, p := range partsOf(n) {
			texts = append(texts, t.newFlow(n.Kind, p))
		}
		brackets := "[]"
		if n.Kind == yaml.MappingNode {
			brackets = "{}"
		}
		return brackets[:1] + strings.Join(texts, ", ") + brackets[1:]
	}
	if isWord(n) && (!t.json || n.ShortTag() != "!!timestamp") {
		return n.Value
	}
	style := n.Style
	if t.json {
		style = yaml.DoubleQuotedStyle
	}
	return quote(style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle), n.Value)
}

// newBlock writes a new item or field on lines of its own, the first of which begin at
// a column.
func (t *trees) newBlock(of yaml.Kind, p part, column int) string {
	n := &yaml.Node{Kind: of, Content: []*yaml.Node{p.head}}
	if of == yaml.MappingNode {
		n.Content = append(n.Content, p.value)
	}
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	_ = encoder.Encode(n) // nodes of this package's callers, into memory
	indent := strings.Repeat(" ", column-1)
	return indent + strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\n", "\n"+indent) + "\n"
}
