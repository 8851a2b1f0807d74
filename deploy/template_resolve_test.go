package deploy_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// stack is the template with values for its parameters: what CloudFormation would make of it in the account
// 111122223333 and the region eu-central-1. What it can't resolve fails the test.
type stack struct {
	t          *testing.T
	template   template
	parameters map[string]string
}

const (
	stackRegion  = "eu-central-1"
	stackAccount = "111122223333"
	canaryGroup  = "sg-0ca"
)

// pseudo are CloudFormation's own parameters.
var pseudo = map[string]string{"AWS::Partition": "aws", "AWS::Region": stackRegion, "AWS::AccountId": stackAccount, "AWS::StackName": "sgwarden", "AWS::URLSuffix": "amazonaws.com"}

// noValue is what !Ref AWS::NoValue stands for: the property, or the item of a list, that has it is left out.
type noValue struct{}

// resolvedStack resolves the template. Parameters that are not given have their default, and those of the code stay empty.
func resolvedStack(t *testing.T, parsed template, given map[string]string) stack {
	t.Helper()
	s := stack{t, parsed, map[string]string{}}
	for name, parameter := range parsed.section("Parameters") {
		s.parameters[name], _ = get(parameter, "Default").(string)
	}
	for name, value := range given {
		if _, known := s.parameters[name]; !known {
			t.Fatalf("the template has no parameter %s", name)
		}
		s.parameters[name] = value
	}
	return s
}

// resources returns the resolved properties of the resources of a type that the stack has, by logical id.
func (s stack) resources(kind string) map[string]any {
	found := map[string]any{}
	for name, resource := range s.template.resources(kind) {
		if condition, _ := get(resource, "Condition").(string); condition == "" || s.condition(condition) {
			found[name] = s.resolve(get(resource, "Properties"))
		}
	}
	return found
}

func (s stack) resolve(from any) any {
	switch from := from.(type) {
	case call:
		return s.evaluate(from)
	case map[string]any:
		resolved := map[string]any{}
		for key, value := range from {
			if value := s.resolve(value); value != (noValue{}) {
				resolved[key] = value
			}
		}
		return resolved
	case []any:
		resolved := []any{}
		for _, item := range from {
			if item := s.resolve(item); item != (noValue{}) {
				resolved = append(resolved, item)
			}
		}
		return resolved
	}
	return from
}

func (s stack) evaluate(c call) any {
	text, _ := c.argument.(string)
	switch c.function {
	case "Ref":
		return s.ref(text)
	case "GetAtt":
		return s.attribute(text)
	case "Sub":
		return s.sub(c.argument)
	case "Split":
		arguments, _ := s.resolve(c.argument).([]any)
		return s.split(arguments)
	case "Select":
		arguments, _ := s.resolve(c.argument).([]any)
		return s.selected(arguments)
	case "If":
		branches, _ := c.argument.([]any)
		if len(branches) != 3 {
			s.t.Fatalf("the template has an If with %d branches", len(branches))
		}
		if name, _ := branches[0].(string); s.condition(name) {
			return s.resolve(branches[1])
		}
		return s.resolve(branches[2])
	}
	s.t.Fatalf("the function %s of the template is not resolved here", c.function)
	return nil
}

func (s stack) condition(name string) bool {
	definition, known := s.template.section("Conditions")[name]
	if !known {
		s.t.Fatalf("the template has no condition %q", name)
	}
	return s.holds(definition)
}

func (s stack) holds(definition any) bool {
	c, _ := definition.(call)
	if c.function == "Condition" {
		return s.condition(target(c))
	}
	arguments, _ := c.argument.([]any)
	met := 0
	for _, argument := range arguments {
		if c.function != "Equals" && s.holds(argument) {
			met++
		}
	}
	switch {
	case c.function == "Equals" && len(arguments) == 2:
		return s.resolve(arguments[0]) == s.resolve(arguments[1])
	case c.function == "Not" && len(arguments) == 1:
		return met == 0
	case c.function == "And":
		return met == len(arguments)
	case c.function == "Or":
		return met > 0
	}
	s.t.Fatalf("the condition %v of the template is not resolved here", definition)
	return false
}

func (s stack) ref(name string) any {
	if name == "AWS::NoValue" {
		return noValue{}
	}
	for _, values := range []map[string]string{pseudo, s.parameters} {
		if value, known := values[name]; known {
			return value
		}
	}
	switch kind := get(s.template.section("Resources"), name, "Type"); kind {
	case nil:
		s.t.Fatalf("the template has neither a parameter nor a resource %s", name)
	case "AWS::SNS::Topic":
		return arnOf("sns", name)
	case "AWS::EC2::SecurityGroup":
		return canaryGroup
	}
	return name
}

// attribute resolves a !GetAtt. Each thing's name is its logical id.
func (s stack) attribute(of string) string {
	name, attribute, _ := strings.Cut(of, ".")
	switch kind := fmt.Sprint(get(s.template.section("Resources"), name, "Type"), " ", attribute); kind {
	case "AWS::SQS::Queue Arn":
		return arnOf("sqs", name)
	case "AWS::SQS::Queue QueueName":
		return name
	case "AWS::Logs::LogGroup Arn": // it ends so: CloudFormation's AWS::Logs::LogGroup, "Return values"
		return arnOf("logs", "log-group:"+name+":*")
	case "AWS::KMS::Key Arn":
		return arnOf("kms", "key/"+name)
	case "AWS::IAM::Role Arn":
		return "arn:aws:iam::" + stackAccount + ":role/" + name
	case "AWS::Lambda::Function Arn":
		return arnOf("lambda", "function:"+name)
	case "AWS::EC2::SecurityGroup GroupId":
		return canaryGroup
	default:
		s.t.Fatalf("the attribute %s (%s) of the template is not resolved here", of, kind)
		return ""
	}
}

// arnOf is the ARN of something in the stack's account and region.
func arnOf(service, resource string) string {
	return strings.Join([]string{"arn", "aws", service, stackRegion, stackAccount, resource}, ":")
}

var subReference = regexp.MustCompile(`\$\{([^!}]+)\}`)

// sub resolves a !Sub of a text, or of a text and names of its own.
func (s stack) sub(argument any) string {
	text, _ := argument.(string)
	var own map[string]any
	if parts, _ := argument.([]any); len(parts) == 2 {
		text, _ = parts[0].(string)
		own, _ = parts[1].(map[string]any)
	}
	return subReference.ReplaceAllStringFunc(text, func(found string) string {
		name := strings.Trim(found, "${}")
		if value, known := own[name]; known {
			return fmt.Sprint(s.resolve(value))
		}
		if strings.Contains(name, ".") {
			return s.attribute(name)
		}
		return fmt.Sprint(s.ref(name))
	})
}

func (s stack) split(arguments []any) (parts []any) {
	if len(arguments) != 2 {
		s.t.Fatalf("the template has a Split of %v", arguments)
	}
	for _, part := range strings.Split(target(arguments[1]), target(arguments[0])) {
		parts = append(parts, part)
	}
	return parts
}

func (s stack) selected(arguments []any) any {
	if len(arguments) != 2 {
		s.t.Fatalf("the template has a Select of %v", arguments)
	}
	at, err := strconv.Atoi(target(arguments[0]))
	items, _ := arguments[1].([]any)
	if err != nil || at < 0 || at >= len(items) {
		s.t.Fatalf("the template selects %v of %v", arguments[0], items)
	}
	return items[at]
}
