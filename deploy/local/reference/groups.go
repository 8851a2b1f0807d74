// Package reference makes the security groups of a three-layer Fargate service, for the demo and for tests: a public
// load balancer, a front end, an internal load balancer, an API and its database, each open only to its neighbours.
package reference

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/rule"
)

const world = "0.0.0.0/0"

// entry is one approved entry: tcp, one port, one peer, which is a CIDR or the name of another group.
type entry struct {
	direction rule.Direction
	port      int32
	peer      string
	why       string
}

var layout = []struct {
	name, description string
	entries           []entry
}{
	{"alb-public", "Public load balancer", []entry{
		{rule.Ingress, 443, world, "HTTPS from anywhere"},
		{rule.Ingress, 80, world, "HTTP from anywhere"},
		{rule.Egress, 80, "ecs-front", "HTTP to the front end"},
	}},
	{"ecs-front", "Front end", []entry{
		{rule.Ingress, 80, "alb-public", "HTTP from the public load balancer"},
		{rule.Egress, 80, "alb-internal", "HTTP to the internal load balancer"},
	}},
	{"alb-internal", "Internal load balancer", []entry{
		{rule.Ingress, 80, "ecs-front", "HTTP from the front end"},
		{rule.Egress, 8080, "ecs-api", "HTTP to the API"},
	}},
	{"ecs-api", "API", []entry{
		{rule.Ingress, 8080, "alb-internal", "HTTP from the internal load balancer"},
		{rule.Egress, 3306, "rds", "MySQL to the database"},
		{rule.Egress, 443, world, "HTTPS to anywhere"},
	}},
	{"rds", "Database", []entry{
		{rule.Ingress, 3306, "ecs-api", "MySQL from the API"},
	}},
}

// Group is one reference group as it was made.
type Group struct {
	Name, ID, Description string

	entries []entry
	ids     map[string]string // of all groups, by name
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

// Create makes the five groups and their rules in a VPC, and takes away the egress to everywhere that EC2 gives a new
// group.
func Create(ctx context.Context, client *ec2.Client, vpcID string) (Groups, error) {
	ids := map[string]string{}
	var groups Groups
	for _, planned := range layout {
		made, err := client.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
			GroupName: aws.String(planned.name), Description: aws.String(planned.description), VpcId: aws.String(vpcID),
		})
		if err != nil {
			return nil, fmt.Errorf("create group %s: %w", planned.name, err)
		}
		ids[planned.name] = aws.ToString(made.GroupId)
		groups = append(groups, Group{
			Name: planned.name, ID: aws.ToString(made.GroupId), Description: planned.description, entries: planned.entries, ids: ids,
		})
	}
	for _, group := range groups {
		if err := group.createRules(ctx, client); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

func (g Group) createRules(ctx context.Context, client *ec2.Client) error {
	everywhere := types.IpPermission{IpProtocol: aws.String("-1"), IpRanges: []types.IpRange{{CidrIp: aws.String(world)}}}
	if _, err := client.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{
		GroupId: &g.ID, IpPermissions: []types.IpPermission{everywhere},
	}); err != nil {
		return fmt.Errorf("revoke the default egress of %s: %w", g.Name, err)
	}
	if permissions := g.permissions(rule.Ingress); len(permissions) > 0 {
		if _, err := client.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
			GroupId: &g.ID, IpPermissions: permissions,
		}); err != nil {
			return fmt.Errorf("authorize the ingress of %s: %w", g.Name, err)
		}
	}
	if permissions := g.permissions(rule.Egress); len(permissions) > 0 {
		if _, err := client.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{
			GroupId: &g.ID, IpPermissions: permissions,
		}); err != nil {
			return fmt.Errorf("authorize the egress of %s: %w", g.Name, err)
		}
	}
	return nil
}

func (g Group) permissions(direction rule.Direction) []types.IpPermission {
	var permissions []types.IpPermission
	for _, e := range g.entries {
		if e.direction != direction {
			continue
		}
		permission := types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(e.port), ToPort: aws.Int32(e.port)}
		if id, isGroup := g.ids[e.peer]; isGroup {
			permission.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: aws.String(id), Description: aws.String(e.why)}}
		} else {
			permission.IpRanges = []types.IpRange{{CidrIp: aws.String(e.peer), Description: aws.String(e.why)}}
		}
		permissions = append(permissions, permission)
	}
	return permissions
}

// Rules are the approved rules, in rule text, sorted.
func (g Group) Rules() []string {
	var rules []string
	for _, e := range g.entries {
		rules = append(rules, g.text(e))
	}
	slices.Sort(rules)
	return rules
}

// text is an entry as rule text.
func (g Group) text(e entry) string {
	return fmt.Sprintf("%s tcp %d %s", e.direction, e.port, g.peer(e))
}

func (g Group) peer(e entry) string {
	if id, isGroup := g.ids[e.peer]; isGroup {
		return id
	}
	return e.peer
}

// Live reads a group's rules from EC2, in rule text, sorted. A rule that has no rule text is written as EC2 spells it.
func Live(ctx context.Context, client *ec2.Client, groupID string) ([]string, error) {
	live, err := ec2groups.Groups{Client: client}.Rules(ctx, groupID)
	if err != nil {
		return nil, err
	}
	rules := make([]string, 0, len(live))
	for _, r := range live {
		if r.Unreadable != nil {
			rules = append(rules, strings.TrimSpace(r.Text))
			continue
		}
		rules = append(rules, r.Rule.String())
	}
	slices.Sort(rules)
	return rules, nil
}
