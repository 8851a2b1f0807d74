package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/sgwarden/sgwarden/deploy/baseline/cloudformation"
	"github.com/sgwarden/sgwarden/deploy/baseline/imported"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// stackClient is what reading a stack takes.
type stackClient interface {
	DescribeStacks(context.Context, *cfn.DescribeStacksInput, ...func(*cfn.Options)) (*cfn.DescribeStacksOutput, error)
	GetTemplate(context.Context, *cfn.GetTemplateInput, ...func(*cfn.Options)) (*cfn.GetTemplateOutput, error)
	ListStackResources(context.Context, *cfn.ListStackResourcesInput, ...func(*cfn.Options)) (*cfn.ListStackResourcesOutput, error)
}

func (a *app) stacks(ctx context.Context) (stackClient, error) {
	cfg, err := a.AWS(ctx)
	return cfn.NewFromConfig(cfg), err
}

// readStack reads the groups of a stack out of CloudFormation.
func readStack(ctx context.Context, client stackClient, name string) (imported.Result, error) {
	answer, err := client.DescribeStacks(ctx, &cfn.DescribeStacksInput{StackName: &name})
	if err != nil {
		return imported.Result{}, fmt.Errorf("describe stack %s: %w", name, err)
	}
	if len(answer.Stacks) != 1 {
		return imported.Result{}, fmt.Errorf("describe stack %s: %d stacks", name, len(answer.Stacks))
	}
	found := answer.Stacks[0]
	if strings.HasSuffix(string(found.StackStatus), "_IN_PROGRESS") {
		return imported.Result{}, fmt.Errorf("stack %s is changing (%s): wait until it is done", name, found.StackStatus)
	}
	stack := cloudformation.Stack{ID: aws.ToString(found.StackId), Name: aws.ToString(found.StackName), Parameters: map[string]string{}}
	for _, p := range found.Parameters {
		value := p.ParameterValue
		if p.ResolvedValue != nil {
			value = p.ResolvedValue
		}
		stack.Parameters[aws.ToString(p.ParameterKey)] = aws.ToString(value)
	}
	template, err := client.GetTemplate(ctx, &cfn.GetTemplateInput{StackName: found.StackId, TemplateStage: types.TemplateStageProcessed})
	if err != nil {
		return imported.Result{}, fmt.Errorf("get the template of stack %s: %w", name, err)
	}
	stack.Template = []byte(aws.ToString(template.TemplateBody))
	if stack.Physical, err = physicalIDs(ctx, client, found.StackId); err != nil {
		return imported.Result{}, fmt.Errorf("list the resources of stack %s: %w", name, err)
	}
	return cloudformation.Read(stack)
}

// physicalIDs reads the ids of the resources that a stack has, by logical id.
func physicalIDs(ctx context.Context, client stackClient, stackID *string) (map[string]string, error) {
	physical := map[string]string{}
	pages := cfn.NewListStackResourcesPaginator(client, &cfn.ListStackResourcesInput{StackName: stackID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range page.StackResourceSummaries {
			if !slices.Contains(deletedStates, r.ResourceStatus) {
				physical[aws.ToString(r.LogicalResourceId)] = aws.ToString(r.PhysicalResourceId)
			}
		}
	}
	return physical, nil
}

// deletedStates are the states of resources that are not there.
var deletedStates = []types.ResourceStatus{types.ResourceStatusDeleteComplete, types.ResourceStatusCreateFailed, types.ResourceStatusDeleteSkipped}

// live adds what only EC2 can say: the groups' names, and which of EC2's own
// rules they have. A group with rules from elsewhere is withheld.
func (i *importing) live(ctx context.Context, groups ec2groups.Groups, result imported.Result) (imported.Result, error) {
	var ids []string
	for _, g := range result.Groups {
		ids = append(ids, g.ID)
	}
	if ids == nil {
		return result, nil
	}
	found, err := groups.List(ctx, ec2groups.Selection{IDs: ids})
	if err != nil {
		return result, err
	}
	rules, err := i.LiveRules(ctx, groups, ids)
	if err != nil {
		return result, err
	}
	there := imported.Result{Unresolved: result.Unresolved}
	for _, g := range result.Groups {
		at := slices.IndexFunc(found, func(f secgroup.Group) bool { return f.ID == g.ID })
		if at < 0 {
			there.Unresolved = append(there.Unresolved, imported.Unresolved{Address: g.Address, GroupID: g.ID, Reason: "the group is not in EC2 any more", Withheld: true})
			continue
		}
		g.Name = found[at].Name
		there.Unresolved = append(there.Unresolved, addOwn(&g, rules[g.ID])...)
		strangers := strangersIn(g, rules[g.ID])
		there.Unresolved = append(there.Unresolved, strangers...)
		if strangers == nil {
			there.Groups = append(there.Groups, g)
			continue
		}
		for n := range there.Unresolved {
			there.Unresolved[n].Withheld = there.Unresolved[n].Withheld || there.Unresolved[n].GroupID == g.ID
		}
	}
	return there, nil
}

// strangersIn lists the live rules of a group that its complete rules don't
// permit. Something else gave the group these, such as another stack.
func strangersIn(g imported.Group, live []secgroup.LiveRule) (strangers []imported.Unresolved) {
	rules := make([]rule.Rule, len(g.Rules))
	for n, d := range g.Rules {
		rules[n] = d.Rule
	}
	permitted := rule.Compile(rules)
	for _, l := range live {
		reason := ""
		switch {
		case l.NotCanonical != nil:
			reason = fmt.Sprintf("its live rule %s (%s) can't be put into a baseline: %v", l.ID, strings.TrimSpace(l.Text), l.NotCanonical)
		case !permitted.Permits(l.Rule, rule.Covered):
			reason = fmt.Sprintf("%s is in the group, but not from this stack: revoke it, or add it to the group's file if it belongs there; a group without a file can be captured", l.Rule)
		default:
			continue
		}
		strangers = append(strangers, imported.Unresolved{Address: g.Address, GroupID: g.ID, Reason: reason, Withheld: true})
	}
	return strangers
}

// addOwn adds the rules from EC2 itself that a group has, and lists those that
// it should not have any more.
func addOwn(g *imported.Group, live []secgroup.LiveRule) (left []imported.Unresolved) {
	has := func(r rule.Rule) bool {
		return slices.ContainsFunc(live, func(l secgroup.LiveRule) bool { return l.NotCanonical == nil && l.Rule == r })
	}
	written := func(r rule.Rule) bool {
		return slices.ContainsFunc(g.Rules, func(d baseline.Described) bool { return d.Rule == r })
	}
	for _, r := range slices.Concat(g.Default, g.Leftover) {
		if !has(r) || written(r) {
			continue
		}
		g.Rules = append(g.Rules, baseline.Described{Rule: r})
		if slices.Contains(g.Leftover, r) {
			left = append(left, imported.Unresolved{
				Address: g.Address, GroupID: g.ID,
				Reason: fmt.Sprintf("it still has EC2's own %s, which the template does not ask for: see whether it belongs there", r),
			})
		}
	}
	return left
}
