// Package cloudformation reads security groups out of a stack: its template,
// JSON or YAML, its parameters' values, and the physical ids of its resources.
package cloudformation

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/imported"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

// Stack is what CloudFormation knows of a stack.
type Stack struct {
	ID         string // its ARN
	Name       string
	Template   []byte            // as GetTemplate returns it for the stage Processed
	Parameters map[string]string // values by name, those resolved from Systems Manager
	Physical   map[string]string // physical ids by logical id, of the resources that there are
}

const (
	securityGroup = "AWS::EC2::SecurityGroup"
	ingressRule   = "AWS::EC2::SecurityGroupIngress"
	egressRule    = "AWS::EC2::SecurityGroupEgress"
	nestedStack   = "AWS::CloudFormation::Stack"
	prefixList    = "AWS::EC2::PrefixList"
	vpc           = "AWS::EC2::VPC"
)

// Read reads the groups of a stack. It fails if the template can't be read.
func Read(stack Stack) (imported.Result, error) {
	resources, err := decode(stack.Template)
	if err != nil {
		return imported.Result{}, fmt.Errorf("the template of stack %s: %w", stack.Name, err)
	}
	reader := &reader{values: values{stack, resources}}
	reader.read()
	return reader.Result(), nil
}

// reader collects groups and rules from a template's resources.
type reader struct {
	imported.Collector
	values
}

func (r *reader) read() {
	for _, logical := range slices.Sorted(maps.Keys(r.resources)) {
		switch resource := r.resources[logical]; resource.Type {
		case securityGroup:
			r.group(logical, resource)
		case ingressRule:
			r.single(logical, resource, rule.Ingress)
		case egressRule:
			r.single(logical, resource, rule.Egress)
		case nestedStack:
			if physical := r.stack.Physical[logical]; physical != "" {
				r.List("", logical, "a nested stack, which may have groups and rules too: import "+physical)
			}
		}
	}
}

// made reports whether the stack has a resource.
func (r *reader) made(logical string) bool {
	_, has := r.stack.Physical[logical]
	return has
}

// absent lists a resource that the template has and the stack hasn't, unless a
// condition is why.
func (r *reader) absent(logical string, resource resource, groupID string) bool {
	if r.made(logical) {
		return false
	}
	if resource.Condition == "" {
		r.Withhold(groupID, logical, "the stack has not made it")
	}
	return true
}

func (r *reader) group(logical string, resource resource) {
	if r.absent(logical, resource, "") {
		return
	}
	id, err := r.groupID(logical)
	if err != nil {
		r.List("", logical, err.Error())
		return
	}
	name, err := r.text(resource.Properties["GroupName"])
	if err != nil {
		name = "" // it is only for people
	}
	r.Add(id, name, logical)
	r.inline(logical, id, rule.Ingress, resource.Properties["SecurityGroupIngress"])
	egress := resource.Properties["SecurityGroupEgress"]
	r.inline(logical, id, rule.Egress, egress)
	if list, isList := egress.([]any); egress == nil || isList && len(list) == 0 {
		r.defaultEgress(logical, id, isList)
	}
}

// groupID is the physical id of a group, which was its name outside of a VPC.
func (v values) groupID(logical string) (string, error) {
	id := v.stack.Physical[logical]
	if !strings.HasPrefix(id, "sg-") {
		return "", fmt.Errorf("its physical id %q is not the id of a group: capture it", id)
	}
	return id, nil
}

// defaultEgress is for a group whose template says nothing about egress: EC2
// gives it rules that allow all outbound IPv4 traffic, and IPv6 traffic where the
// VPC has that, but not if the template wrote rules once (AWS::EC2::SecurityGroup,
// "When you create a security group, if you do not add egress rules"). With a
// resource for a single egress rule CloudFormation takes them away again. Whether
// it does with an empty list can't be known from here.
func (r *reader) defaultEgress(logical, id string, emptyList bool) {
	all := rule.Rule{Direction: rule.Egress, Protocol: rule.All, Ports: rule.AllPorts}
	v4, v6 := all, all
	v4.Peer, v6.Peer = world("0.0.0.0/0"), world("::/0")
	if emptyList || r.hasSingleEgress(logical) {
		r.Leftover(id, v4, v6)
		return
	}
	r.Default(id, v4, v6)
}

func world(cidr string) rule.Peer {
	return rule.Peer{Kind: rule.CIDR, Prefix: netip.MustParsePrefix(cidr)}
}

func (r *reader) hasSingleEgress(logical string) bool {
	for name, resource := range r.resources {
		if resource.Type == egressRule && r.made(name) &&
			slices.Contains(mentioned(resource.Properties["GroupId"]), logical) {
			return true
		}
	}
	return false
}

// single adds the rule of a resource for one rule.
func (r *reader) single(logical string, resource resource, direction rule.Direction) {
	if !r.made(logical) && resource.Condition != "" {
		return
	}
	id, err := r.text(resource.Properties["GroupId"])
	if err == nil && id == "" {
		err = errors.New("it names its group instead of giving the id")
	}
	if err != nil {
		r.homeless(logical, resource, err)
		return
	}
	if !r.absent(logical, resource, id) {
		r.rule(id, logical, direction, resource.Properties)
	}
}

// homeless lists a rule of which the group can't be known, and withholds the
// stack's groups that its expression mentions.
func (r *reader) homeless(logical string, resource resource, err error) {
	r.List("", logical, "its group can't be told: "+err.Error())
	for _, name := range append(mentioned(resource.Properties["GroupId"]), mentioned(resource.Properties["GroupName"])...) {
		if id, err := r.groupID(name); err == nil && r.resources[name].Type == securityGroup {
			r.Withhold(id, logical, "this may be a rule of "+name)
		}
	}
}
