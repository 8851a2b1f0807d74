package deploy_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// parameters is how the ARNs of sgwarden's parameters begin.
const parameters = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${BaselinePrefix}"

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
	resourceless := []string{"ec2:DescribeManagedPrefixLists", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups"}
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
					if strings.HasPrefix(action, "ssm:") && !strings.HasPrefix(on, parameters) {
						complain("permits %s on %s, outside the prefix", action, on)
					}
					writes := action == "ssm:PutParameter" || strings.HasPrefix(action, "ssm:DeleteParameter")
					own := []string{"/sweep", "/sweep-request", "/sweep-versions", "/unreported/*"}
					switch action {
					case "ssm:PutParameter":
						own = append(own, "/approvals/*/pending-*", "/told/*")
					case "ssm:DeleteParameters":
						own = append(own, "/approvals/*", "/pause")
					}
					if writes && !slices.Contains(own, strings.TrimPrefix(on, parameters)) {
						complain("permits %s on %s, which people write", action, on)
					}
					if strings.HasSuffix(on, ":key/*") && target(get(statement, "Condition", "StringEquals", "kms:ViaService")) != "ssm.${AWS::Region}.amazonaws.com" {
						complain("permits %s on any key, not only through SSM", action)
					}
					if strings.HasPrefix(action, "events:") && !strings.HasSuffix(on, ":event-bus/default") {
						complain("permits %s on %s", action, on)
					}
					if action == "events:PutEvents" && get(statement, "Condition", "StringEquals", "events:source") != "sgwarden" {
						complain("permits %s in the name of others", action)
					}
				}
			}
		}
	}
	return problems
}

// eachMayDoJustWhatItNeeds compares the actions of each role, those of SSM with the parameters they are for.
func eachMayDoJustWhatItNeeds(t template) (problems []string) {
	both := []string{
		"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress",
		"ec2:DescribeManagedPrefixLists", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups",
		"ec2:GetManagedPrefixListEntries", "ec2:ModifyManagedPrefixList",
		"ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress",
		"events:PutEvents",
		"kms:Decrypt", "kms:GenerateDataKey*",
		"logs:CreateLogStream", "logs:PutLogEvents",
		"sns:Publish", "sqs:SendMessage",
		"ssm:GetParameters /approvals/*", "ssm:GetParameters /groups/*", "ssm:GetParameters /guardrail", "ssm:GetParameters /parts/*",
		"ssm:GetParameters /pause", "ssm:GetParameters /prefix-lists/*", "ssm:GetParameters /trust",
		"ssm:GetParametersByPath /approvals", "ssm:GetParametersByPath /approvals/*",
		"ssm:GetParameterHistory /approvals/*", "ssm:GetParameterHistory /groups/*", "ssm:GetParameterHistory /guardrail",
		"ssm:GetParameterHistory /pause", "ssm:GetParameterHistory /prefix-lists/*", "ssm:GetParameterHistory /trust",
		"ssm:PutParameter /approvals/*/pending-*",
		"ssm:DeleteParameters /unreported/*", "ssm:PutParameter /unreported/*",
	}
	wanted := map[string][]string{
		"RemediatorRole": append([]string{"ssm:PutParameter /sweep-request"}, both...),
		"SweeperRole": append([]string{
			"ssm:DeleteParameters /approvals/*", "ssm:DeleteParameters /pause",
			"ssm:GetParametersByPath /groups", "ssm:GetParametersByPath /groups/*",
			"ssm:GetParametersByPath /prefix-lists", "ssm:GetParametersByPath /prefix-lists/*",
			"ssm:GetParametersByPath /unreported", "ssm:GetParametersByPath /unreported/*",
			"ssm:DeleteParameter /sweep", "ssm:GetParameters /sweep", "ssm:PutParameter /sweep",
			"ssm:DeleteParameter /sweep-request", "ssm:GetParameters /sweep-request",
			"ssm:GetParameters /sweep-versions", "ssm:PutParameter /sweep-versions",
			"sns:GetTopicAttributes", "ssm:GetParameters /told/*",
		}, both...),
		"NotifierRole": {
			"kms:Decrypt", "kms:GenerateDataKey*", "logs:CreateLogStream", "logs:PutLogEvents", "sns:Publish",
			"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "ssm:GetParameters /told/*", "ssm:PutParameter /told/*",
		},
		"CanaryRole": {
			"ec2:AuthorizeSecurityGroupIngress", "ec2:DescribeSecurityGroupRules", "ec2:RevokeSecurityGroupIngress",
			"logs:CreateLogStream", "logs:PutLogEvents", "sqs:DeleteMessage", "sqs:ReceiveMessage",
		},
	}
	for role := range t.resources("AWS::IAM::Role") {
		slices.Sort(wanted[role])
		if diff := cmp.Diff(wanted[role], permitted(t, role)); diff != "" {
			problems = append(problems, fmt.Sprintf("%s: actions (-want +got):\n%s", role, diff))
		}
	}
	return problems
}

// permitted returns what a role may do, sorted, without duplicates.
func permitted(t template, role string) (all []string) {
	for _, policy := range t.resources("AWS::IAM::Policy") {
		if !slices.ContainsFunc(list(get(policy, "Properties", "Roles")), func(v any) bool { return target(v) == role }) {
			continue
		}
		for _, statement := range list(get(policy, "Properties", "PolicyDocument", "Statement")) {
			for _, action := range actions(statement) {
				if !strings.HasPrefix(action, "ssm:") {
					all = append(all, action)
					continue
				}
				for _, resource := range list(get(statement, "Resource")) {
					all = append(all, action+" "+strings.TrimPrefix(target(resource), parameters))
				}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func actions(statement any) (actions []string) {
	for _, action := range list(get(statement, "Action")) {
		actions = append(actions, action.(string))
	}
	return actions
}
