package yamlfile

import (
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// EncodePrefixList returns the approved entries of a prefix list as a file: fields in
// the schema's order, an entry on one line. DecodePrefixList reads the file back, and
// the same document always gives the same bytes.
func EncodePrefixList(p *baseline.PrefixList) ([]byte, error) {
	root := &yaml.Node{Kind: yaml.MappingNode}
	add(root, "schema", plain("1"))
	add(root, "prefixListId", plain(p.PrefixListID))
	addText(root, "prefixListName", p.PrefixListName)
	addText(root, "mode", string(p.Mode))
	if p.Restore {
		add(root, "restore", plain("true"))
	}
	if p.GraceMinutes != nil {
		add(root, "graceMinutes", plain(strconv.Itoa(*p.GraceMinutes)))
	}
	list := &yaml.Node{Kind: yaml.SequenceNode}
	if len(p.Entries) == 0 {
		list.Style = yaml.FlowStyle
	}
	for _, e := range p.Entries {
		entry := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
		add(entry, "cidr", stringNode(e.CIDR))
		addText(entry, "description", e.Description)
		list.Content = append(list.Content, entry)
	}
	add(root, "entries", list)
	data, err := written(root)
	if err == nil {
		_, err = DecodePrefixList(data, p.PrefixListID)
	}
	if err != nil {
		return nil, fmt.Errorf("encode the entries of %s: %w", p.PrefixListID, err)
	}
	return data, nil
}
