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
	if t.json {
		return quote(yaml.DoubleQuotedStyle, n.Value)
	}
	return stringText(n.Style, n.Value)
}

// stringText writes a string in one style, or without quotes where the style is 0 and
// YAML needs none, in lists in flow style neither.
func stringText(style yaml.Style, value string) string {
	if style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		return quote(style, value)
	}
	list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}}}
	data, err := yaml.Marshal(list)
	text := strings.TrimSuffix(strings.TrimPrefix(string(data), "["), "]\n")
	if err != nil || len(text) != len(data)-3 || strings.Contains(text, "\n") {
		return quote(yaml.DoubleQuotedStyle, value)
	}
	return text
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
