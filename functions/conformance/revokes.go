package conformance

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// unknownRule is the id of no rule.
const unknownRule = "sgr-0123456789abcdef0"

// Sources: EC2 API reference, RevokeSecurityGroupIngress, ModifySecurityGroupRules; EC2
// Developer Guide, "Error codes for the Amazon EC2 API".
var revokePromises = []promise{
	{"a revoke by id takes this rule and no other", func(ctx context.Context, a AWS) error {
		id, live, err := a.groupOf(ctx, "one-goes", ssh, https)
		if err != nil {
			return err
		}
		if err := a.groups().Revoke(ctx, id, []secgroup.LiveRule{live[ssh]})[0]; err != nil {
			return err
		}
		return a.hasIngress(ctx, id, https)
	}},
	{"a revoke takes ingress and egress rules by their own calls", func(ctx context.Context, a AWS) error {
		id, live, err := a.groupOf(ctx, "both-directions", ssh, outward)
		if err != nil {
			return err
		}
		if err := errors.Join(a.groups().Revoke(ctx, id, []secgroup.LiveRule{live[ssh], live[outward]})...); err != nil {
			return err
		}
		live, err = a.live(ctx, id)
		if _, egress := live[outward]; err == nil && egress {
			err = fmt.Errorf("%s is still live", outward)
		}
		return errors.Join(err, a.hasIngress(ctx, id))
	}},
	{"the answer to a revoke names the ids that it took", func(ctx context.Context, a AWS) error {
		id, live, err := a.groupOf(ctx, "names-ids", ssh)
		if err != nil {
			return err
		}
		answer, err := a.revoke(ctx, id, live[ssh].ID)
		if err == nil && (len(answer.RevokedSecurityGroupRules) != 1 || aws.ToString(answer.RevokedSecurityGroupRules[0].SecurityGroupRuleId) != live[ssh].ID) {
			err = fmt.Errorf("the answer names %d rules", len(answer.RevokedSecurityGroupRules))
		}
		return err
	}},
	{"a revoke of an id that is gone is a gone error", func(ctx context.Context, a AWS) error {
		id, live, err := a.groupOf(ctx, "gone-id", ssh)
		if err != nil {
			return err
		}
		if _, err := a.revoke(ctx, id, live[ssh].ID); err != nil {
			return err
		}
		_, again := a.revoke(ctx, id, live[ssh].ID)
		_, unknown := a.revoke(ctx, id, unknownRule)
		return errors.Join(isClass(again, awserr.NotFound), isClass(unknown, awserr.NotFound))
	}},
	{"a revoke of an id that is gone has the code of a rule id", func(ctx context.Context, a AWS) error {
		id, err := a.NewGroup(ctx, "gone-code")
		if err != nil {
			return err
		}
		_, err = a.revoke(ctx, id, unknownRule)
		return isCode(err, "InvalidSecurityGroupRuleId.NotFound")
	}},
	{"one id that is gone rejects a whole revoke call", func(ctx context.Context, a AWS) error {
		id, live, err := a.groupOf(ctx, "one-rejects-all", ssh, https)
		if err != nil {
			return err
		}
		if _, err := a.revoke(ctx, id, live[ssh].ID, unknownRule); awserr.ClassOf(err) != awserr.NotFound {
			return isClass(err, awserr.NotFound)
		}
		return a.hasIngress(ctx, id, ssh, https)
	}},
	{"one id that is gone does not save the other rules from the adapter", func(ctx context.Context, a AWS) error {
		id, live, err := a.groupOf(ctx, "one-saves-none", ssh, https, ping)
		if err != nil {
			return err
		}
		gone := live[https]
		gone.ID = unknownRule
		errs := a.groups().Revoke(ctx, id, []secgroup.LiveRule{live[ssh], gone, live[ping]})
		if err := errors.Join(errs[0], isError(errs[1], secgroup.ErrNotFound), errs[2]); err != nil {
			return err
		}
		return a.hasIngress(ctx, id, https)
	}},
	{"a revoke from a group that nobody knows is a gone error", func(ctx context.Context, a AWS) error {
		_, err := a.revoke(ctx, unknownGroup, unknownRule)
		return isClass(err, awserr.NotFound)
	}},
	{"a modified rule keeps its id", func(ctx context.Context, a AWS) error {
		id, live, err := a.groupOf(ctx, "modified", https)
		if err != nil {
			return err
		}
		_, err = a.EC2.ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{GroupId: &id, SecurityGroupRules: []types.SecurityGroupRuleUpdate{{
			SecurityGroupRuleId: aws.String(live[https].ID),
			SecurityGroupRule:   &types.SecurityGroupRuleRequest{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(22), ToPort: aws.Int32(22), CidrIpv4: aws.String("0.0.0.0/0")},
		}}})
		if err != nil {
			return err
		}
		is, err := a.live(ctx, id)
		if err == nil && is[ssh].ID != live[https].ID {
			err = fmt.Errorf("%s had the id %s, and %s has the id %q", https, live[https].ID, ssh, is[ssh].ID)
		}
		return err
	}},
}

// groupOf makes a group with some rules and reads the rules back.
func (a AWS) groupOf(ctx context.Context, name string, texts ...string) (id string, live map[string]secgroup.LiveRule, err error) {
	if id, err = a.groupWith(ctx, name, texts...); err != nil {
		return "", nil, err
	}
	live, err = a.live(ctx, id)
	for _, text := range texts {
		if live[text].ID == "" {
			err = errors.Join(err, fmt.Errorf("%s is not live", text))
		}
	}
	return id, live, err
}

func (a AWS) revoke(ctx context.Context, group string, ids ...string) (*ec2.RevokeSecurityGroupIngressOutput, error) {
	return a.EC2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &group, SecurityGroupRuleIds: ids})
}
