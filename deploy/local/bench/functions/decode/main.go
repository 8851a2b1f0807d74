// Command decode is a Lambda function that lists all rules and all baselines of a region with the SDK, and forgets them:
// what a sweep costs before it does anything.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

func main() {
	loaded, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "decode can't start:", err)
		os.Exit(1)
	}
	lambda.Start(handler{ec2.NewFromConfig(loaded), ssm.NewFromConfig(loaded)})
}

type handler struct {
	ec2 *ec2.Client
	ssm *ssm.Client
}

// Invoke counts what it lists, under the names of the sweeper's summary.
func (h handler) Invoke(ctx context.Context, _ []byte) ([]byte, error) {
	rules, err := h.rules(ctx)
	if err != nil {
		return nil, err
	}
	baselines, err := h.baselines(ctx)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]int{"rules": rules, "baselines": baselines})
}

func (h handler) rules(ctx context.Context) (count int, err error) {
	pages := ec2.NewDescribeSecurityGroupRulesPaginator(h.ec2, &ec2.DescribeSecurityGroupRulesInput{MaxResults: aws.Int32(1000)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, fmt.Errorf("list the rules: %w", err)
		}
		count += len(page.SecurityGroupRules)
	}
	return count, nil
}

func (h handler) baselines(ctx context.Context) (count int, err error) {
	pages := ssm.NewGetParametersByPathPaginator(h.ssm, &ssm.GetParametersByPathInput{
		Path: aws.String("/sg-baseline/groups"), MaxResults: aws.Int32(10), WithDecryption: aws.Bool(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, fmt.Errorf("list the baselines: %w", err)
		}
		count += len(page.Parameters)
	}
	return count, nil
}
