package cloudformation

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/cfn"
)

// values works out what properties come to.
type values struct {
	stack     Stack
	resources map[string]resource
}

// text is a property's value as text; empty if it isn't set.
func (v values) text(written any) (string, error) {
	switch w := written.(type) {
	case nil:
		return "", nil
	case string:
		if strings.Contains(w, "{{resolve:") {
			return "", fmt.Errorf("the dynamic reference %s is not resolved", w)
		}
		return w, nil
	case int, bool:
		return fmt.Sprint(w), nil
	case float64:
		return strconv.FormatFloat(w, 'f', -1, 64), nil
	case cfn.Call:
		return v.function(w)
	case map[string]any:
		return "", errors.New("a mapping is not a single value")
	}
	return "", fmt.Errorf("%v is not a single value", written)
}

func (v values) function(call cfn.Call) (string, error) {
	switch call.Function {
	case "Ref":
		target, _ := call.Argument.(string)
		return v.ref(target)
	case "GetAtt":
		return v.getAtt(call.Argument)
	case "Sub":
		return v.sub(call.Argument)
	}
	return "", fmt.Errorf("%s is not evaluated", call.Name())
}

// hidden is what DescribeStacks shows of a parameter with NoEcho.
const hidden = "****"

func (v values) ref(name string) (string, error) {
	if value, ok := v.stack.Parameters[name]; ok {
		if value == hidden {
			return "", fmt.Errorf("the parameter %s is hidden (NoEcho)", name)
		}
		return value, nil
	}
	if r, ok := v.resources[name]; ok {
		if r.Type == securityGroup {
			return v.groupID(name)
		}
		if physical := v.stack.Physical[name]; physical != "" {
			return physical, nil
		}
		return "", fmt.Errorf("the stack has no resource %s", name)
	}
	return v.pseudo(name)
}

// pseudo reads the pseudo parameters out of the stack's ARN,
// arn:PARTITION:cloudformation:REGION:ACCOUNT:stack/NAME/UUID.
func (v values) pseudo(name string) (string, error) {
	parts := strings.SplitN(v.stack.ID, ":", 6)
	at, ok := map[string]int{"AWS::Partition": 1, "AWS::Region": 3, "AWS::AccountId": 4}[name]
	switch {
	case name == "AWS::NoValue":
		return "", nil
	case name == "AWS::StackId":
		return v.stack.ID, nil
	case name == "AWS::StackName":
		return v.stack.Name, nil
	case ok && len(parts) == 6:
		return parts[at], nil
	}
	return "", fmt.Errorf("neither a parameter nor a resource is called %s", name)
}

func (v values) getAtt(written any) (string, error) {
	var logical, attribute string
	switch w := written.(type) {
	case string:
		logical, attribute, _ = strings.Cut(w, ".")
	case []any:
		if len(w) == 2 {
			logical, _ = w[0].(string)
			attribute, _ = w[1].(string)
		}
	}
	r := v.resources[logical]
	switch {
	case r.Type == securityGroup && (attribute == "GroupId" || attribute == "Id"):
		return v.groupID(logical)
	case r.Type == prefixList && attribute == "PrefixListId":
		return v.ref(logical)
	case r.Type == vpc && attribute == "CidrBlock":
		return v.cidrBlock(logical, r.Properties["CidrBlock"])
	}
	return "", fmt.Errorf("Fn::GetAtt %s.%s is not evaluated", logical, attribute)
}

// cidrBlock is that of a VPC, where it is written out or a parameter.
func (v values) cidrBlock(logical string, written any) (string, error) {
	switch w := written.(type) {
	case string:
		return v.text(w)
	case cfn.Call:
		if w.Function == "Ref" {
			return v.text(w)
		}
	}
	return "", fmt.Errorf("the CidrBlock of %s is not evaluated", logical)
}

// sub replaces the references in a text.
func (v values) sub(written any) (string, error) {
	text, err := cfn.Substitute(written, func(name string, own any) (string, error) {
		switch {
		case own != nil:
			return v.text(own)
		case strings.Contains(name, "."):
			return v.getAtt(name)
		}
		return v.ref(name)
	})
	if err != nil {
		return "", err
	}
	return v.text(text)
}

// mentioned lists the logical ids that an expression refers to.
func mentioned(written any) []string {
	var names []string
	switch w := written.(type) {
	case []any:
		for _, each := range w {
			names = append(names, mentioned(each)...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(w)) {
			names = append(names, mentioned(w[key])...)
		}
	case cfn.Call:
		return append(mentioned(w.Argument), mentionedBy(w)...)
	}
	return names
}

func mentionedBy(call cfn.Call) (names []string) {
	argument := call.Argument
	if list, ok := argument.([]any); ok && len(list) > 0 {
		argument = list[0]
	}
	text, _ := argument.(string)
	switch call.Function {
	case "Ref":
		return []string{text}
	case "GetAtt":
		logical, _, _ := strings.Cut(text, ".")
		return []string{logical}
	case "Sub":
		_, _ = cfn.Substitute(text, func(name string, _ any) (string, error) {
			logical, _, _ := strings.Cut(name, ".")
			names = append(names, logical)
			return "", nil
		})
	}
	return names
}

func port(text string) (*int, error) {
	if text == "" {
		return nil, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("%q is not a port", text)
	}
	return &n, nil
}

// oneLine puts joined errors, in a stable order, into one.
func oneLine(err error) error {
	lines := strings.Split(err.Error(), "\n")
	slices.Sort(lines)
	return errors.New(strings.Join(lines, "; "))
}
