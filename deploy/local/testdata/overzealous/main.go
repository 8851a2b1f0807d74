// A remediator, and a sweeper, that revokes every ingress rule of the group, for the demo to notice.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

type event struct {
	Detail struct {
		RequestParameters struct {
			GroupID string `json:"groupId"`
		} `json:"requestParameters"`
	} `json:"detail"`
}

func main() {
	configuration, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		panic(err)
	}
	groups, parameters := ec2.NewFromConfig(configuration), ssm.NewFromConfig(configuration)
	lambda.Start(func(ctx context.Context, e event) error {
		group := e.Detail.RequestParameters.GroupID
		if _, err := parameters.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String("/sg-baseline/groups/" + group)}); err != nil {
			return nil // the groups are still being made
		}
		live, err := groups.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{
			Filters: []types.Filter{{Name: aws.String("group-id"), Values: []string{group}}},
		})
		if err != nil {
			return err
		}
		var ids []string
		for _, rule := range live.SecurityGroupRules {
			if !*rule.IsEgress {
				ids = append(ids, *rule.SecurityGroupRuleId)
			}
		}
		if len(ids) == 0 {
			return nil // its own revokes come back as events
		}
		_, err = groups.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &group, SecurityGroupRuleIds: ids})
		return err
	})
}
