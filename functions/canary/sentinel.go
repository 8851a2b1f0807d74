package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/alert"
	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// description is for whoever sees the rule in the seconds that it lives.
const description = "sgwarden canary: reverted within minutes"

// sentinel is the canary's group.
type sentinel struct {
	groups ec2groups.Groups
	id     string
}

func (s sentinel) Open(ctx context.Context) (ruleID string, err error) {
	answer, err := s.groups.Client.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId:       &s.id,
		IpPermissions: []types.IpPermission{ec2groups.Permission(secgroup.ApprovedRule{Rule: alert.CanaryRule, Description: description})},
	})
	if awserr.ClassOf(err) == awserr.Duplicate {
		return s.openedBefore(ctx, err)
	}
	if err != nil {
		return "", err
	}
	if len(answer.SecurityGroupRules) != 1 {
		return "", fmt.Errorf("EC2 answered with %d rules instead of one", len(answer.SecurityGroupRules))
	}
	return aws.ToString(answer.SecurityGroupRules[0].SecurityGroupRuleId), nil
}

// openedBefore is for the SDK's second attempt of a call whose answer was lost.
func (s sentinel) openedBefore(ctx context.Context, duplicate error) (ruleID string, err error) {
	ids, err := s.Opened(ctx)
	if err != nil || len(ids) != 1 {
		return "", errors.Join(duplicate, err)
	}
	return ids[0], nil
}

func (s sentinel) Opened(ctx context.Context) (ruleIDs []string, err error) {
	rules, err := s.groups.Rules(ctx, s.id)
	for _, r := range rules {
		if r.Rule == alert.CanaryRule {
			ruleIDs = append(ruleIDs, r.ID)
		}
	}
	return ruleIDs, err
}

func (s sentinel) Close(ctx context.Context, ruleIDs []string) error {
	rules := make([]secgroup.LiveRule, len(ruleIDs))
	for i, id := range ruleIDs {
		rules[i] = secgroup.LiveRule{ID: id, Rule: alert.CanaryRule}
	}
	var errs []error
	for _, err := range s.groups.Revoke(ctx, s.id, rules) {
		if !errors.Is(err, secgroup.ErrNotFound) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
