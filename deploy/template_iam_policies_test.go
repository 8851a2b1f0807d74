package deploy_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/iam"
)

// everything switches on all that the template can have but what only a central stack has, which can't be both.
var everything = map[string]string{
	"CentralAlertTopicArn": "arn:aws:sns:us-east-2:" + centralAccount + ":central",
	"Mode":                 "enforce", "OnlyGroupsTagged": "prod", "Canary": "on", "CanaryVpcId": "vpc-0a", "Chat": "on", "Events": "on", "AlertEmail": "ana@example.com",
}

// centralAccount is that of the central stack.
const centralAccount = "333333333333"

// centralStack is the stack that writes the mails of an organisation.
var centralStack = map[string]string{"OrganizationId": "o-a1b2c3d4e5"}

// but is everything with other values.
func but(other map[string]string) map[string]string {
	given := maps.Clone(everything)
	maps.Copy(given, other)
	return given
}

// policy is a policy of a stack: of roles, or of a queue, a topic or a key.
type policy struct {
	statements []iam.Statement
	roles      []string // nil for the policy of a resource
}

// policies returns those of a stack by logical id.
func policies(t *testing.T, s stack) map[string]policy {
	t.Helper()
	found := map[string]policy{}
	for kind, document := range map[string]string{
		"AWS::IAM::Policy": "PolicyDocument", "AWS::KMS::Key": "KeyPolicy", "AWS::SNS::TopicPolicy": "PolicyDocument", "AWS::SQS::QueuePolicy": "PolicyDocument",
	} {
		for name, properties := range s.resources(kind) {
			statements, err := iam.Parse(get(properties, document))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if kind == "AWS::KMS::Key" {
				onlyThisKey(statements, name)
			}
			p := policy{statements: statements}
			for _, role := range list(get(properties, "Roles")) {
				p.roles = append(p.roles, role.(string))
			}
			found[name] = p
		}
	}
	return found
}

// onlyThisKey: in the policy of a key, the resource * is the key. Source: KMS Developer Guide, "Key policies in AWS KMS".
func onlyThisKey(statements []iam.Statement, key string) {
	for i := range statements {
		if slices.Equal(statements[i].Resources, []string{"*"}) {
			statements[i].Resources = []string{arnOf("kms", "key/"+key)}
		}
	}
}

// statementsOf returns those of all policies of a role.
func statementsOf(all map[string]policy, role string) (statements []iam.Statement) {
	for _, p := range all {
		for _, r := range p.roles {
			if r == role {
				statements = append(statements, p.statements...)
			}
		}
	}
	return statements
}

// may reports whether statements allow a call.
func may(t *testing.T, statements []iam.Statement, c iam.Call) bool {
	t.Helper()
	allowed, err := iam.Allows(statements, c)
	if err != nil {
		t.Fatal(err)
	}
	return allowed
}
