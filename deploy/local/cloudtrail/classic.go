package cloudtrail

import (
	"fmt"
	"strconv"
)

// kind says how the classic dialect writes a member of a request.
type kind int

const (
	text     kind = iota
	number        // an integer
	list          // {"items": […]}; left out when empty
	set           // {"items": […]}; {} when empty
	bareList      // […]
)

// field is how the classic dialect writes one member of a request: under which name, and in which form. The elements
// of a list have the fields of; without these they are scalars and are wrapped under the name scalar.
type field struct {
	name   string
	kind   kind
	of     fields
	scalar string
}

// fields are a structure's members by their names in the query protocol.
type fields map[string]field

var (
	ruleRequest = fields{
		"GroupId":                    {name: "groupId"},
		"GroupName":                  {name: "groupName"},
		"IpPermissions":              {name: "ipPermissions", kind: set, of: permissionFields},
		"IpProtocol":                 {name: "ipProtocol"},
		"FromPort":                   {name: "fromPort", kind: number},
		"ToPort":                     {name: "toPort", kind: number},
		"CidrIp":                     {name: "cidrIp"},
		"SourceSecurityGroupName":    {name: "sourceSecurityGroupName"},
		"SourceSecurityGroupOwnerId": {name: "sourceSecurityGroupOwnerId"},
		"SecurityGroupRuleId":        {name: "securityGroupRuleIds", kind: list, scalar: "securityGroupRuleId"},
		"TagSpecification":           tagSpecification,
	}
	createRequest = fields{
		"GroupName":        {name: "groupName"},
		"GroupDescription": {name: "groupDescription"},
		"VpcId":            {name: "vpcId"},
		"TagSpecification": tagSpecification,
	}
	deleteRequest = fields{
		"GroupId":   {name: "groupId"},
		"GroupName": {name: "groupName"},
	}
	permissionFields = fields{
		"IpProtocol":    {name: "ipProtocol"},
		"FromPort":      {name: "fromPort", kind: number},
		"ToPort":        {name: "toPort", kind: number},
		"Groups":        {name: "groups", kind: set, of: pairFields},
		"IpRanges":      {name: "ipRanges", kind: set, of: fields{"CidrIp": {name: "cidrIp"}, "Description": {name: "description"}}},
		"Ipv6Ranges":    {name: "ipv6Ranges", kind: set, of: fields{"CidrIpv6": {name: "cidrIpv6"}, "Description": {name: "description"}}},
		"PrefixListIds": {name: "prefixListIds", kind: set, of: fields{"PrefixListId": {name: "prefixListId"}, "Description": {name: "description"}}},
	}
	pairFields = fields{
		"UserId":                 {name: "userId"},
		"GroupId":                {name: "groupId"},
		"GroupName":              {name: "groupName"},
		"Description":            {name: "description"},
		"VpcId":                  {name: "vpcId"},
		"VpcPeeringConnectionId": {name: "vpcPeeringConnectionId"},
		"PeeringStatus":          {name: "peeringStatus"},
	}
	tagFields        = fields{"Key": {name: "key"}, "Value": {name: "value"}}
	tagSpecification = field{name: "tagSpecificationSet", kind: list, of: fields{
		"ResourceType": {name: "resourceType"},
		"Tag":          {name: "tags", kind: bareList, of: tagFields}, // the dialect's only list without "items"
	}}
)

func (f fields) ofCall(_ Call, request *node) (any, error) { return f.object(request) }

// object writes a structure. Members that it doesn't know are left out.
func (f fields) object(n *node) (object, error) {
	written := object{}
	for name, field := range f {
		value, present, err := field.write(n, name)
		if err != nil {
			return nil, err
		}
		if present {
			written[field.name] = value
		}
	}
	return written, nil
}

func (f field) write(n *node, name string) (value any, present bool, err error) {
	switch f.kind {
	case list, set, bareList:
		elements, err := f.elements(n.list(name))
		if f.kind == bareList {
			return elements, true, err
		}
		return items(elements), f.kind == set || len(elements) > 0, err
	case number:
		text, present := n.get(name)
		if !present {
			return nil, false, nil
		}
		value, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return nil, false, fmt.Errorf("read %s: %w", name, err)
		}
		return value, true, nil
	}
	text, present := n.get(name)
	return text, present, nil
}

func (f field) elements(nodes []*node) ([]any, error) {
	elements := make([]any, 0, len(nodes))
	for _, n := range nodes {
		if f.of == nil {
			elements = append(elements, object{f.scalar: n.value})
			continue
		}
		element, err := f.of.object(n)
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
