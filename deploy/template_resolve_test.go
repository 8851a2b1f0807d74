package deploy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/cfn"
)

// stack is the template with values for its parameters: what CloudFormation would make of it in the account
// 111122223333 and the region eu-central-1. A function that it can't resolve fails the test.
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
	present, err := s.scope().Present(s.template.resources(kind))
	if err != nil {
		s.t.Fatalf("the template's conditions are not resolved here: %v", err)
	}
	found := map[string]any{}
	for name, resource := range present {
		found[name] = s.resolve(get(resource, "Properties"))
	}
	return found
}

func (s stack) resolve(from any) any {
	resolved, err := s.scope().Resolve(from)
	if err != nil {
		s.t.Fatalf("the template is not resolved here: %v", err)
	}
	return resolved
}

func (s stack) scope() cfn.Scope {
	return cfn.Scope{
		Conditions: s.template.section("Conditions"),
		Ref:        func(name string) (any, error) { return s.ref(name), nil },
		GetAtt:     func(logical, attribute string) (any, error) { return s.attribute(logical, attribute), nil },
	}
}

func (s stack) ref(name string) any {
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
func (s stack) attribute(name, attribute string) string {
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
		s.t.Fatalf("the attribute %s.%s (%s) of the template is not resolved here", name, attribute, kind)
		return ""
	}
}

// arnOf is the ARN of something in the stack's account and region.
func arnOf(service, resource string) string {
	return strings.Join([]string{"arn", "aws", service, stackRegion, stackAccount, resource}, ":")
}
