package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// unknownGroup is the id of no group.
const unknownGroup = "sg-0123456789abcdef0"

// Sources: EC2 API reference, AuthorizeSecurityGroupIngress, DescribeSecurityGroups,
// DescribeSecurityGroupRules; EC2 Developer Guide, "Error codes for the Amazon EC2 API";
// Amazon VPC User Guide, "Amazon VPC quotas".
var groupPromises = []promise{
	{"a rule that was authorised reads back as it was written, with an id", func(ctx context.Context, a AWS) error {
		id, err := a.groupWith(ctx, "reads-back", append([]string{outward}, sixRules...)...)
		if err != nil {
			return err
		}
		live, err := a.live(ctx, id)
		for _, text := range append([]string{outward}, sixRules...) {
			if !strings.HasPrefix(live[text].ID, "sgr-") {
				err = errors.Join(err, fmt.Errorf("%s has the id %q", text, live[text].ID))
			}
		}
		return err
	}},
	{"a rule names the account of its group", func(ctx context.Context, a AWS) error {
		id, err := a.groupWith(ctx, "names-owner", ssh)
		if err != nil {
			return err
		}
		live, err := a.live(ctx, id)
		if err == nil && len(live[ssh].GroupOwner) != 12 {
			err = fmt.Errorf("the rule names the account %q", live[ssh].GroupOwner)
		}
		return err
	}},
	{"a rule keeps its description", func(ctx context.Context, a AWS) error {
		id, err := a.NewGroup(ctx, "keeps-description")
		if err != nil {
			return err
		}
		described := approved(ssh)
		described[0].Description = "the office"
		if err := a.groups().Authorize(ctx, id, described)[0]; err != nil {
			return err
		}
		live, err := a.live(ctx, id)
		if err == nil && live[ssh].Description != "the office" {
			err = fmt.Errorf("the description is %q", live[ssh].Description)
		}
		return err
	}},
	{"to authorise a rule twice is a duplicate error", func(ctx context.Context, a AWS) error {
		id, err := a.groupWith(ctx, "twice", ssh)
		if err != nil {
			return err
		}
		return isClass(authorize(ctx, a, id, ssh), awserr.Duplicate)
	}},
	{"one duplicate rejects a whole authorise call", func(ctx context.Context, a AWS) error {
		id, err := a.groupWith(ctx, "duplicate-rejects", ssh)
		if err != nil {
			return err
		}
		if err := isClass(authorize(ctx, a, id, https, ssh), awserr.Duplicate); err != nil {
			return err
		}
		return a.hasIngress(ctx, id, ssh)
	}},
	{"a rule beyond the quota is a full error and is not added", func(ctx context.Context, a AWS) error {
		rules := sixRules
		for port := 53; len(rules) <= a.Quota; port++ { // the simulator knows port 53
			rules = append(rules, fmt.Sprintf("ingress udp %d 10.0.0.0/8", port))
		}
		id, err := a.groupWith(ctx, "full", rules[:a.Quota]...)
		if err != nil {
			return err
		}
		if err := isClass(authorize(ctx, a, id, rules[a.Quota]), awserr.Full); err != nil {
			return err
		}
		return a.hasIngress(ctx, id, rules[:a.Quota]...)
	}},
	{"a group is found by its id and by its name", func(ctx context.Context, a AWS) error {
		id, err := a.NewGroup(ctx, "found-by-name")
		if err != nil {
			return err
		}
		byID, err := a.groups().Group(ctx, id)
		byName, nameErr := a.groups().GroupByName(ctx, byID.Name)
		if err = errors.Join(err, nameErr); err == nil && (byID.ID != id || byID.VpcID == "" || byID != byName) {
			err = fmt.Errorf("by its id the group is %+v, by its name %+v", byID, byName)
		}
		return err
	}},
	{"a group that nobody knows is gone", func(ctx context.Context, a AWS) error {
		_, err := a.groups().Group(ctx, unknownGroup)
		_, nameErr := a.groups().GroupByName(ctx, "nobody-knows-this-name")
		return errors.Join(isError(err, secgroup.ErrNotFound), isError(nameErr, secgroup.ErrNotFound))
	}},
	{"a group that nobody knows has no rules, which is no error", func(ctx context.Context, a AWS) error {
		rules, err := a.groups().Rules(ctx, unknownGroup)
		if len(rules) > 0 {
			err = fmt.Errorf("it has %d rules", len(rules))
		}
		return err
	}},
	{"to authorise a rule of a group that nobody knows is a gone error", func(ctx context.Context, a AWS) error {
		return isClass(authorize(ctx, a, unknownGroup, ssh), awserr.NotFound)
	}},
	{"the list of all rules says of each rule which group has it", func(ctx context.Context, a AWS) error {
		id, err := a.groupWith(ctx, "listed", ssh, https)
		if err != nil {
			return err
		}
		found := 0
		for r, err := range a.groups().AllRules(ctx) {
			if err != nil {
				return err
			}
			if text := r.Rule.String(); r.GroupID == id && (text == ssh || text == https) {
				found++
			}
		}
		if found != 2 {
			return fmt.Errorf("%d of the 2 rules are listed", found)
		}
		return nil
	}},
	{"rules come in pages of the size that is asked for", func(ctx context.Context, a AWS) error {
		id, err := a.groupWith(ctx, "paged", sixRules...)
		if err != nil {
			return err
		}
		pages := ec2.NewDescribeSecurityGroupRulesPaginator(a.EC2, &ec2.DescribeSecurityGroupRulesInput{
			Filters: []types.Filter{{Name: aws.String("group-id"), Values: []string{id}}}, MaxResults: aws.Int32(5),
		})
		seen := map[string]bool{}
		for n := 0; pages.HasMorePages(); n++ {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			if len(page.SecurityGroupRules) > 5 {
				return fmt.Errorf("page %d has %d rules", n+1, len(page.SecurityGroupRules))
			}
			for _, r := range page.SecurityGroupRules {
				if seen[aws.ToString(r.SecurityGroupRuleId)] {
					return fmt.Errorf("%s is on two pages", aws.ToString(r.SecurityGroupRuleId))
				}
				seen[aws.ToString(r.SecurityGroupRuleId)] = true
			}
		}
		if len(seen) < len(sixRules) {
			return fmt.Errorf("the pages have %d rules, want %d at least", len(seen), len(sixRules))
		}
		return nil
	}},
}

// authorize makes one ingress call for some rules.
func authorize(ctx context.Context, a AWS, id string, texts ...string) error {
	input := &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id}
	for _, r := range approved(texts...) {
		input.IpPermissions = append(input.IpPermissions, ec2groups.Permission(r))
	}
	_, err := a.EC2.AuthorizeSecurityGroupIngress(ctx, input)
	return err
}

func isClass(err error, want awserr.Class) error {
	if got := awserr.ClassOf(err); got != want {
		return fmt.Errorf("the error is of the class %q, want %q: %w", got, want, orNone(err))
	}
	return nil
}

func isError(err, want error) error {
	if !errors.Is(err, want) {
		return fmt.Errorf("want the error %q: %w", want, orNone(err))
	}
	return nil
}

var errNone = errors.New("there is no error")

func orNone(err error) error {
	if err == nil {
		return errNone
	}
	return err
}
