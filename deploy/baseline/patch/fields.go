package patch

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/sgwarden/sgwarden/deploy/baseline/merge"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// order is in which fields stand, in a document and in entries.
var order = []string{
	"schema", "groupId", "groupName", "mode", "match", "restore", "graceMinutes", "ingress", "egress", "exceptions",
	"direction", "protocol", "ports", "sources", "destinations", "description", "expires", "reason", "approvedBy",
}

// settings sets, adds and removes the settings of a document. One that has its default
// value either way is left as it is written.
func (p *patch) settings(root *yaml.Node) {
	have := merge.ContentOf(p.have)
	for setting, value := range p.want.Settings {
		if have.Settings[setting] == value {
			continue
		}
		key := string(setting)
		switch setting {
		case merge.Ingress, merge.Egress:
			if value == merge.Guarded {
				insertField(root, key, &yaml.Node{Kind: yaml.SequenceNode})
			} else {
				removeField(root, key)
			}
		case merge.GroupName:
			setText(root, key, value)
		default:
			setWord(root, key, value)
		}
	}
	if p.want.Settings[merge.GraceMinutes] == "" {
		removeField(root, string(merge.GraceMinutes))
	}
}

// field returns the value of a field, nil where there is none.
func field(n *yaml.Node, key string) *yaml.Node {
	if i := fieldIndex(n, key); i >= 0 {
		return n.Content[i+1]
	}
	return nil
}

func fieldIndex(n *yaml.Node, key string) int {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return i
		}
	}
	return -1
}

func removeField(n *yaml.Node, key string) {
	if i := fieldIndex(n, key); i >= 0 {
		n.Content = slices.Delete(n.Content, i, i+2)
	}
}

// insertField puts a field behind those that stand before it in order.
func insertField(n *yaml.Node, key string, value *yaml.Node) {
	at := 0
	for i := 0; i+1 < len(n.Content); i += 2 {
		if slices.Index(order, n.Content[i].Value) < slices.Index(order, key) {
			at = i + 2
		}
	}
	n.Content = slices.Insert(n.Content, at, word(key), value)
}

// setText sets a string; an empty one removes the field.
func setText(n *yaml.Node, key, value string) {
	old := field(n, key)
	switch {
	case value == "":
		removeField(n, key)
	case old == nil:
		insertField(n, key, text(value))
	case old.Value != value:
		old.Value, old.Tag = value, "!!str"
	}
}

// setWord sets a number, a truth value or a word of the schema.
func setWord(n *yaml.Node, key, value string) {
	old := field(n, key)
	switch {
	case value == "":
		removeField(n, key)
	case old == nil:
		insertField(n, key, word(value))
	default:
		old.Value = value
	}
}

// setTime sets a time, quoted or not as the one before.
func setTime(n *yaml.Node, key, value string) {
	if old := field(n, key); old != nil {
		old.Value = value
	}
}

// entryNode is a new entry or exception without peers.
func entryNode(i merge.Item) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	if i.Terms.Expires != "" {
		add(n, "direction", word(i.Rule.Direction.String()))
	}
	add(n, "protocol", word(i.Rule.Protocol.String()))
	if i.Rule.Protocol.HasPorts() {
		add(n, "ports", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: rule.PortsText(i.Rule.Protocol, i.Rule.Ports)})
	}
	add(n, peersKey(i.Rule.Direction), &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle})
	if i.Terms.Description != "" {
		add(n, "description", text(i.Terms.Description))
	}
	if i.Terms.Expires != "" {
		add(n, "expires", word(i.Terms.Expires))
		for _, about := range [][2]string{{"reason", i.Terms.Reason}, {"approvedBy", i.Terms.ApprovedBy}} {
			if about[1] != "" {
				add(n, about[0], text(about[1]))
			}
		}
	}
	return n
}

func add(n *yaml.Node, key string, value *yaml.Node) { n.Content = append(n.Content, word(key), value) }

// word is a scalar that needs no quotes.
func word(value string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: value} }

// text is a string.
func text(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}
