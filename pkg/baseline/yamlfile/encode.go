package yamlfile

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Encode returns the document as a baseline file: fields in the schema's order, peers of
// an entry on one line. Decode reads it back, and the same document always gives the same
// bytes. Lists and the error are as with baseline.Encode.
func Encode(d *baseline.Document) ([]byte, error) {
	if err := d.GuardsAny(); err != nil {
		return nil, fmt.Errorf("encode the baseline of %s: %w", d.GroupID, err)
	}
	root := &yaml.Node{Kind: yaml.MappingNode}
	add(root, "schema", plain("1"))
	add(root, "groupId", plain(d.GroupID))
	addText(root, "groupName", d.GroupName)
	addText(root, "mode", string(d.Mode))
	addText(root, "match", d.Match)
	if d.Restore {
		add(root, "restore", plain("true"))
	}
	if d.GraceMinutes != nil {
		add(root, "graceMinutes", plain(strconv.Itoa(*d.GraceMinutes)))
	}
	if d.Guards(rule.Ingress) {
		add(root, "ingress", entriesNode(d.Ingress))
	}
	if d.Guards(rule.Egress) {
		add(root, "egress", entriesNode(d.Egress))
	}
	if len(d.Exceptions) > 0 {
		exceptions := &yaml.Node{Kind: yaml.SequenceNode}
		for _, e := range d.Exceptions {
			exceptions.Content = append(exceptions.Content, exceptionNode(e))
		}
		add(root, "exceptions", exceptions)
	}
	data, err := written(root)
	if err != nil {
		return nil, fmt.Errorf("encode the baseline of %s: %w", d.GroupID, err)
	}
	return data, nil
}

func written(root *yaml.Node) ([]byte, error) {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(root); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func entriesNode(entries []baseline.Entry) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	if len(entries) == 0 {
		list.Style = yaml.FlowStyle
	}
	for _, e := range entries {
		n := &yaml.Node{Kind: yaml.MappingNode}
		entryFields(n, e)
		list.Content = append(list.Content, n)
	}
	return list
}

func entryFields(n *yaml.Node, e baseline.Entry) {
	add(n, "protocol", plain(e.Protocol))
	if e.Ports != "" {
		add(n, "ports", quoted(e.Ports))
	}
	for key, peers := range map[string][]string{"sources": e.Sources, "destinations": e.Destinations} {
		if len(peers) == 0 {
			continue
		}
		list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for _, peer := range peers {
			list.Content = append(list.Content, stringNode(peer))
		}
		add(n, key, list)
	}
	addText(n, "description", e.Description)
}

func exceptionNode(e baseline.Exception) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	add(n, "direction", plain(e.Direction))
	entryFields(n, e.Entry)
	add(n, "expires", plain(e.Expires.UTC().Format(time.RFC3339)))
	addText(n, "reason", e.Reason)
	addText(n, "approvedBy", e.ApprovedBy)
	return n
}

func add(n *yaml.Node, key string, v *yaml.Node) {
	n.Content = append(n.Content, plain(key), v)
}

func addText(n *yaml.Node, key, v string) {
	if v != "" {
		add(n, key, stringNode(v))
	}
}

// plain is written as it is: for words that can't be taken for anything else.
func plain(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }

func quoted(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Style: yaml.DoubleQuotedStyle}
}

// stringNode is a string, which YAML quotes where it has to.
func stringNode(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.Contains(s, "\n") {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}
