package cloudtrail

import (
	"fmt"
	"strconv"
	"strings"
)

// classicNames are the classic dialect's names of members that aren't the query protocol's with a small letter.
var classicNames = map[string]string{
	"SecurityGroupRuleId": "securityGroupRuleIds", "TagSpecification": "tagSpecificationSet", "Tag": "tags",
}

func classicName(name string) string {
	if other, differs := classicNames[name]; differs {
		return other
	}
	return lowerFirst(name)
}

func lowerFirst(name string) string {
	n := min(1, len(name))
	return strings.ToLower(name[:n]) + name[n:]
}

// The lists that the classic dialect writes as {} where they are empty. It leaves out others.
var (
	ruleLists       = []string{"IpPermissions"}
	permissionLists = []string{"Groups", "IpRanges", "Ipv6Ranges", "PrefixListIds"}
)

func ruleRequest(_ Call, request *node) (any, error)  { return classic(request, ruleLists) }
func groupRequest(_ Call, request *node) (any, error) { return classic(request, nil) }

// classic writes a structure, with the lists that it shows even when they are empty.
func classic(n *node, lists []string) (object, error) {
	written := object{}
	for _, name := range lists {
		written[classicName(name)] = object{}
	}
	for name, member := range n.members {
		value, err := classicMember(name, member)
		if err != nil {
			return nil, err
		}
		written[classicName(name)] = value
	}
	return written, nil
}

func classicMember(name string, member *node) (any, error) {
	switch elements := member.elements(); {
	case name == "Tag": // the dialect's only list without "items"
		return classicElements(name, elements)
	case len(elements) > 0:
		written, err := classicElements(name, elements)
		return items(written), err
	case name == "FromPort" || name == "ToPort":
		value, err := strconv.ParseInt(member.value, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		return value, nil
	}
	return member.value, nil
}

// classicElements writes the elements of a list. Scalars are wrapped under the list's name in the query protocol.
func classicElements(name string, nodes []*node) ([]any, error) {
	var lists []string
	if name == "IpPermissions" {
		lists = permissionLists
	}
	elements := make([]any, 0, len(nodes))
	for _, n := range nodes {
		if len(n.members) == 0 {
			elements = append(elements, object{lowerFirst(name): n.value})
			continue
		}
		element, err := classic(n, lists)
		if err != nil {
			return nil, err
		}
		elements = append(elements, element)
	}
	return elements, nil
}

// items writes a list in the classic dialect.
func items[T any](elements []T) object {
	if len(elements) == 0 {
		return object{}
	}
	return object{"items": elements}
}
