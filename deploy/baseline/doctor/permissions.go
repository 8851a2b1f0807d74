package doctor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/deadletters"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// Simulator is IAM.
type Simulator interface {
	iam.SimulatePrincipalPolicyAPIClient
}

// Permissions checks that the roles may do what the functions do: nobody edited a policy, and
// neither a permissions boundary nor a policy of the organisation stands against it. IAM
// simulates service control policies with their conditions. It simulates no policy of a topic,
// queue or key for a role (IAM API reference, SimulatePrincipalPolicy).
func Permissions(ctx context.Context, client Simulator, stack deadletters.Stack, resources []Resource, where account.Identity, region string) []Check {
	facts := newStackFacts(stack, resources, where, region)
	var grants []grant
	for _, g := range expected.Grants {
		if expected.areTrue(g.When, stack.Parameters) {
			grants = append(grants, g)
		}
	}
	denied, err := simulateAll(ctx, client, facts, grants)
	checks := denialsText(denied, facts)
	if err != nil {
		checks = append([]Check{unknown("permissions", "iam:SimulatePrincipalPolicy", err)}, checks...)
	}
	return orPassed(checks, passed("permissions", "the roles may do all that the functions do (%s)", words.Count(len(grants), "statement")))
}

// simulateAll asks about the statements side by side. The first is asked alone: where IAM does
// not answer, the others are spared. The error is that of one statement.
func simulateAll(ctx context.Context, client Simulator, facts stackFacts, grants []grant) ([]denial, error) {
	found, errs := make([][]denial, len(grants)), make([]error, len(grants))
	ask := func(i int) { found[i], errs[i] = simulate(ctx, client, facts, grants[i]) }
	if len(grants) > 0 {
		ask(0)
	}
	if len(grants) > 1 && errs[0] == nil {
		inParallel(len(grants)-1, func(i int) { ask(i + 1) })
	}
	for _, err := range errs {
		if err != nil {
			return slices.Concat(found...), err
		}
	}
	return slices.Concat(found...), nil
}

// denial is an action that a role may not take.
type denial struct{ role, action, by string }

// simulate asks IAM about one statement.
func simulate(ctx context.Context, client Simulator, facts stackFacts, g grant) ([]denial, error) {
	input := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: aws.String(facts.fill("${" + g.Role + ".Arn}")), ActionNames: g.Actions}
	for _, r := range g.Resources {
		input.ResourceArns = append(input.ResourceArns, sample(facts.fill(r)))
	}
	for key, values := range g.Context {
		entry := types.ContextEntry{ContextKeyName: &key, ContextKeyType: types.ContextKeyTypeEnumString}
		for _, v := range values {
			entry.ContextKeyValues = append(entry.ContextKeyValues, sample(facts.fill(v)))
		}
		input.ContextEntries = append(input.ContextEntries, entry)
	}
	var denied []denial
	pages := iam.NewSimulatePrincipalPolicyPaginator(client, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("simulate what the role %s may do: %w", g.Role, err)
		}
		for _, r := range page.EvaluationResults {
			if by := deniedBy(r); by != "" {
				denied = append(denied, denial{g.Role, aws.ToString(r.EvalActionName), by})
			}
		}
	}
	return denied, nil
}

// deniedBy says what denies an action on some resource; empty where nothing does.
func deniedBy(r types.EvaluationResult) string {
	decision, boundary := r.EvalDecision, r.PermissionsBoundaryDecisionDetail
	for _, one := range r.ResourceSpecificResults {
		if one.EvalResourceDecision != types.PolicyEvaluationDecisionTypeAllowed {
			decision, boundary = one.EvalResourceDecision, cmp.Or(one.PermissionsBoundaryDecisionDetail, boundary)
		}
	}
	switch {
	case decision == types.PolicyEvaluationDecisionTypeAllowed:
		return ""
	case r.OrganizationsDecisionDetail != nil && !r.OrganizationsDecisionDetail.AllowedByOrganizations:
		return "a service control policy of the organisation"
	case boundary != nil && !boundary.AllowedByPermissionsBoundary:
		return "the role's permissions boundary"
	case decision == types.PolicyEvaluationDecisionTypeExplicitDeny:
		return "an explicit Deny"
	}
	return "no policy that permits it"
}

// denialsText makes one check for each role and reason.
func denialsText(all []denial, facts stackFacts) (checks []Check) {
	actions := map[denial][]string{}
	for _, d := range all {
		key := denial{role: d.role, by: d.by}
		if !slices.Contains(actions[key], d.action) {
			actions[key] = append(actions[key], d.action)
		}
	}
	for key, denied := range actions {
		slices.Sort(denied)
		checks = append(checks, Check{
			"permissions " + key.role, Fail, fmt.Sprintf("the role %s may not call %s: %s", facts.names[key.role], strings.Join(denied, ", "), reasonText(key.by)),
			fmt.Sprintf("aws cloudformation detect-stack-drift --stack-name %s --region %s shows edited policies", facts.stack, facts.region),
		})
	}
	slices.SortFunc(checks, func(a, b Check) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Found, b.Found)) })
	return checks
}

func reasonText(by string) string {
	if strings.HasPrefix(by, "no policy") {
		return "no policy permits it"
	}
	return "denied by " + by
}
