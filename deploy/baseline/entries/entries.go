// Package entries lets documents of prefix lists be compared as baselines of groups are.
// An approved entry counts as a rule for all traffic from the entry's addresses, as
// package judge has it.
package entries

import (
	"net/netip"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// AsBaseline returns what a prefix list's document says in the form in which baselines
// are compared; nil for nil. It is no document of a group: no encoder takes the id of a
// prefix list for that of a group.
func AsBaseline(p *baseline.PrefixList) *baseline.Document {
	if p == nil {
		return nil
	}
	rules := make([]baseline.Described, len(p.Entries))
	for i, e := range p.Entries {
		rules[i] = baseline.Described{Rule: RuleOf(e.Prefix()), Description: e.Description}
	}
	doc := baseline.Compose(p.PrefixListID, p.PrefixListName, rules)
	doc.Mode, doc.Restore, doc.GraceMinutes = p.Mode, p.Restore, p.GraceMinutes
	return doc
}

// Decode reads the baseline of a group, or the document of a prefix list as AsBaseline
// has it: the id says which of both the JSON of Parameter Store is.
func Decode(data []byte, id string) (*baseline.Document, error) {
	if rule.IsPrefixListID(id) {
		list, err := baseline.DecodePrefixList(data, id)
		return AsBaseline(list), err
	}
	return baseline.Decode(data, id)
}

// Is reports whether a document is one of AsBaseline.
func Is(doc *baseline.Document) bool { return doc != nil && rule.IsPrefixListID(doc.GroupID) }

// RuleOf returns the rule that an entry counts as.
func RuleOf(p netip.Prefix) rule.Rule {
	return rule.Rule{Direction: rule.Ingress, Protocol: rule.All, Ports: rule.AllPorts, Peer: rule.Peer{Kind: rule.CIDR, Prefix: p}}
}

// TextOf writes an entry as alerts do, such as "entry 10.0.0.0/8".
func TextOf(p netip.Prefix) string { return "entry " + p.String() }

// inWords has the words of baselines and those of prefix lists.
var inWords = strings.NewReplacer("ingress all all ", "entry ", "groupName: ", "prefixListName: ")

// Text writes what was said of a document of AsBaseline in the words of prefix lists:
// "entry 10.0.0.0/8" instead of "ingress all all 10.0.0.0/8".
func Text(text string) string { return inWords.Replace(text) }

// Texts is Text for each of some texts.
func Texts(texts []string) []string {
	said := make([]string, len(texts))
	for i, text := range texts {
		said[i] = Text(text)
	}
	return said
}
