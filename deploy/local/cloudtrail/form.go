package cloudtrail

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// node is one element of a request in the EC2 query protocol, whose keys are paths: in
// IpPermissions.1.IpRanges.2.CidrIp=10.0.0.0/8 the node IpPermissions has the member 1, and so on. A leaf has a value.
type node struct {
	value   string
	members map[string]*node
}

func newNode() *node { return &node{members: map[string]*node{}} }

// protocolKeys belong to the protocol, not to the action. CloudTrail shows none of them, DryRun included.
var protocolKeys = []string{
	"Action", "Version", "DryRun", "AWSAccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "Timestamp",
	"Expires", "SecurityToken",
}

func parseForm(form url.Values) *node {
	root := newNode()
	for key, values := range form {
		if slices.Contains(protocolKeys, key) || strings.HasPrefix(key, "X-Amz-") || len(values) == 0 {
			continue
		}
		at := root
		for name := range strings.SplitSeq(key, ".") {
			if at.members[name] == nil {
				at.members[name] = newNode()
			}
			at = at.members[name]
		}
		at.value = values[0]
	}
	return root
}

// get returns the value of a leaf among the members.
func (n *node) get(name string) (value string, ok bool) {
	member := n.members[name]
	if member == nil || len(member.members) > 0 {
		return "", false
	}
	return member.value, true
}

// list returns the elements of the list with that name, in order.
func (n *node) list(name string) []*node {
	if member := n.members[name]; member != nil {
		return member.elements()
	}
	return nil
}

// elements returns the members in the order of their numbers, or nothing where their names aren't numbers.
func (n *node) elements() []*node {
	numbers := make([]int, 0, len(n.members))
	for name := range n.members {
		number, err := strconv.Atoi(name)
		if err != nil {
			return nil
		}
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	elements := make([]*node, len(numbers))
	for i, number := range numbers {
		elements[i] = n.members[strconv.Itoa(number)]
	}
	return elements
}

// set gives the node a leaf.
func (n *node) set(name, value string) { n.members[name] = &node{value: value} }

// add appends an element to the list with that name.
func (n *node) add(name string, element *node) {
	if n.members[name] == nil {
		n.members[name] = newNode()
	}
	list := n.members[name].members
	list[strconv.Itoa(len(list)+1)] = element
}
