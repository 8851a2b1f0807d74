package deploy_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

func rolesAreBare(t template) (problems []string) {
	for name, role := range t.resources("AWS::IAM::Role") {
		for _, property := range []string{"Policies", "ManagedPolicyArns"} {
			if get(role, "Properties", property) != nil {
				problems = append(problems, name+": has "+property)
			}
		}
		for _, statement := range list(get(role, "Properties", "AssumeRolePolicyDocument", "Statement")) {
			if got := fmt.Sprint(get(statement, "Principal")); got != "map[Service:lambda.amazonaws.com]" {
				problems = append(problems, name+": may be assumed by "+got)
			}
		}
	}
	return problems
}

func permissionsAreNarrow(t template) (problems []string) {
	// EC2 defines no resource for these. Source: Service Authorization Reference, Amazon EC2.
	resourceless := []string{"ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups"}
	for name, policy := range t.resources("AWS::IAM::Policy") {
		for _, statement := range list(get(policy, "Properties", "PolicyDocument", "Statement")) {
			complain := func(format string, args ...any) {
				problems = append(problems, fmt.Sprintf("%s, %v: ", name, get(statement, "Sid"))+fmt.Sprintf(format, args...))
			}
			for _, action := range actions(statement) {
				// The one family without a common name: GenerateDataKey and its three variants.
				if strings.Contains(action, "*") && action != "kms:GenerateDataKey*" {
					complain("permits %s", action)
				}
				for _, resource := range list(get(statement, "Resource")) {
					on := target(resource)
					if on == "*" && !slices.Contains(resourceless, action) {
						complain("permits %s on everything", action)
					}
					if strings.HasPrefix(action, "ssm:") && !strings.Contains(on, ":parameter${BaselinePrefix}") {
						complain("permits %s on %s, outside the prefix", action, on)
					}
					if strings.HasSuffix(on, ":key/*") && target(get(statement, "Condition", "StringEquals", "kms:ViaService")) != "ssm.${AWS::Region}.amazonaws.com" {
						complain("permits %s on any key, not only through SSM", action)
					}
				}
			}
		}
	}
	return problems
}

func remediatorMayDoJustWhatItNeeds(t template) []string {
	want := []string{
		"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress",
		"ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups",
		"ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress",
		"kms:Decrypt", "kms:GenerateDataKey*",
		"logs:CreateLogStream", "logs:PutLogEvents",
		"sns:Publish", "sqs:SendMessage",
		"ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParameters", "ssm:GetParametersByPath",
	}
	var got []string
	for _, policy := range t.resources("AWS::IAM::Policy") {
		if !slices.ContainsFunc(list(get(policy, "Properties", "Roles")), func(v any) bool { return target(v) == "RemediatorRole" }) {
			continue
		}
		for _, statement := range list(get(policy, "Properties", "PolicyDocument", "Statement")) {
			got = append(got, actions(statement)...)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
		return []string{"actions (-want +got):\n" + diff}
	}
	return nil
}

func actions(statement any) (actions []string) {
	for _, action := range list(get(statement, "Action")) {
		actions = append(actions, action.(string))
	}
	return actions
}
