// Package reference makes the security groups of deploy/examples/fargate, for the demo and for tests: a public load
// balancer, a front end, an internal load balancer, an API and its database, each open only to its neighbours.
package reference

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/sgwarden/sgwarden/deploy/examples"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// names are the groups from the public side to the database.
var names = []string{"alb-public", "ecs-front", "alb-internal", "ecs-api", "rds"}

// Group is one reference group as it was made.
type Group struct {
	Name, ID string

	document *baseline.Document
}

// Groups are the five, from the public side to the database.
type Groups []Group

// Named is the group of that name. It panics for another name.
func (g Groups) Named(name string) Group {
	i := slices.IndexFunc(g, func(group Group) bool { return group.Name == name })
	if i < 0 {
		panic("no reference group is called " + name)
	}
	return g[i]
}

// Create makes the five groups in a VPC, with the rules of their baselines and no others.
func Create(ctx context.Context, client *ec2.Client, vpcID string) (Groups, error) {
	ids := map[string]string{}
	for _, name := range names {
		made, err := client.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
			GroupName: aws.String(name), Description: aws.String("Fargate example"), VpcId: aws.String(vpcID),
		})
		if err != nil {
			return nil, fmt.Errorf("create group %s: %w", name, err)
		}
		ids[name] = aws.ToString(made.GroupId)
	}
	var groups Groups
	for _, name := range names {
		document, err := resolve(name, ids)
		if err != nil {
			return nil, err
		}
		group := Group{Name: name, ID: ids[name], document: document}
		if err := group.createRules(ctx, ec2groups.Groups{Client: client}); err != nil {
			return nil, err
		}
		groups = append(groups, group)
	}
	return groups, nil
}

// resolve reads a group's baseline with ids in the place of names.
func resolve(name string, ids map[string]string) (*baseline.Document, error) {
	data, err := examples.Fargate.ReadFile("fargate/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("read the example's baseline: %w", err)
	}
	document, err := yamlfile.DecodeWithNames(data, func(r baseline.Reference) (string, error) {
		named, _ := baseline.Name(r.Text)
		if ids[named] == "" {
			return "", fmt.Errorf("%s is none of the example's groups", r.Text)
		}
		return ids[named], nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the example's baseline of %s: %w", name, err)
	}
	return document, nil
}

// createRules takes away the egress to everywhere that EC2 gives a new group, and adds the baseline's rules.
func (g Group) createRules(ctx context.Context, groups ec2groups.Groups) error {
	unwanted, err := groups.Rules(ctx, g.ID)
	if err != nil {
		return err
	}
	var approved []secgroup.ApprovedRule
	for _, entry := range slices.Concat(g.document.Ingress, g.document.Egress) {
		for _, r := range entry.Rules() {
			approved = append(approved, secgroup.ApprovedRule{Rule: r, Description: entry.Description})
		}
	}
	return errors.Join(append(groups.Revoke(ctx, g.ID, unwanted), groups.Authorize(ctx, g.ID, approved)...)...)
}

// Rules are the approved rules, in rule text, sorted.
func (g Group) Rules() []string {
	var rules []string
	for _, r := range g.document.PermanentRules() {
		rules = append(rules, r.String())
	}
	slices.Sort(rules)
	return rules
}

// Live reads a group's rules from EC2, in rule text, sorted. A rule that has no rule text is written as EC2 spells it.
func Live(ctx context.Context, client *ec2.Client, groupID string) ([]string, error) {
	live, err := ec2groups.Groups{Client: client}.Rules(ctx, groupID)
	if err != nil {
		return nil, err
	}
	rules := make([]string, 0, len(live))
	for _, r := range live {
		if r.NotCanonical != nil {
			rules = append(rules, strings.TrimSpace(r.Text))
			continue
		}
		rules = append(rules, r.Rule.String())
	}
	slices.Sort(rules)
	return rules, nil
}
