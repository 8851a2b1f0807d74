package doctor

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"
)

// iamService plays IAM's simulation. It is asked side by side.
type iamService struct {
	answer func(action string) types.EvaluationResult
	err    error

	mu    sync.Mutex
	asked []*iam.SimulatePrincipalPolicyInput
}

func (s *iamService) SimulatePrincipalPolicy(_ context.Context, in *iam.SimulatePrincipalPolicyInput, _ ...func(*iam.Options)) (*iam.SimulatePrincipalPolicyOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, in)
	out := &iam.SimulatePrincipalPolicyOutput{}
	for _, action := range in.ActionNames {
		r := s.answer(action)
		r.EvalActionName = &action
		out.EvaluationResults = append(out.EvaluationResults, r)
	}
	return out, s.err
}

var stackResources = []Resource{
	{"SweeperRole", "sgwarden-SweeperRole-1", "AWS::IAM::Role"},
	{"RemediatorRole", "sgwarden-RemediatorRole-1", "AWS::IAM::Role"},
	{"NotifierRole", "sgwarden-NotifierRole-1", "AWS::IAM::Role"},
	{"SweeperFailures", "https://sqs.us-east-1.amazonaws.com/111122223333/q", "AWS::SQS::Queue"},
	{"SweeperLogGroup", "sweeper-log", "AWS::Logs::LogGroup"},
	{"AlertKey", "0000-1", "AWS::KMS::Key"},
	{"MailTopic", "arn:aws:sns:us-east-1:111122223333:mails", "AWS::SNS::Topic"},
}

func allowed(string) types.EvaluationResult {
	return types.EvaluationResult{EvalDecision: types.PolicyEvaluationDecisionTypeAllowed}
}

// but denies one action of those that are allowed.
func but(action string, r types.EvaluationResult) func(string) types.EvaluationResult {
	return func(asked string) types.EvaluationResult {
		if asked == action {
			return r
		}
		return allowed(asked)
	}
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	const hint = "aws cloudformation detect-stack-drift --stack-name sgwarden --region us-east-1 shows edited policies"
	denies := func(why string) []Check {
		return []Check{{"permissions SweeperRole", Fail, "the role sgwarden-SweeperRole-1 may not call sns:GetTopicAttributes: " + why, hint}}
	}
	implicit := types.PolicyEvaluationDecisionTypeImplicitDeny
	for name, c := range map[string]struct {
		answer func(string) types.EvaluationResult
		want   []Check
	}{
		"no policy permits it": {but("sns:GetTopicAttributes", types.EvaluationResult{EvalDecision: implicit}), denies("no policy permits it")},
		"an explicit deny":     {but("sns:GetTopicAttributes", types.EvaluationResult{EvalDecision: types.PolicyEvaluationDecisionTypeExplicitDeny}), denies("denied by an explicit Deny")},
		"the organisation": {
			but("sns:GetTopicAttributes", types.EvaluationResult{EvalDecision: implicit, OrganizationsDecisionDetail: &types.OrganizationsDecisionDetail{AllowedByOrganizations: false}}),
			denies("denied by a service control policy of the organisation"),
		},
		"the boundary": {
			but("sns:GetTopicAttributes", types.EvaluationResult{EvalDecision: implicit, PermissionsBoundaryDecisionDetail: &types.PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: false}}),
			denies("denied by the role's permissions boundary"),
		},
		"one of several resources": {
			but("sns:GetTopicAttributes", types.EvaluationResult{EvalDecision: types.PolicyEvaluationDecisionTypeAllowed, ResourceSpecificResults: []types.ResourceSpecificResult{
				{EvalResourceDecision: types.PolicyEvaluationDecisionTypeAllowed}, {EvalResourceDecision: implicit},
			}}),
			denies("no policy permits it"),
		},
		"not the organisation, which permits it": {
			but("sns:GetTopicAttributes", types.EvaluationResult{EvalDecision: implicit, OrganizationsDecisionDetail: &types.OrganizationsDecisionDetail{AllowedByOrganizations: true}}),
			denies("no policy permits it"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, Permissions(t.Context(), &iamService{answer: c.answer}, aStack(), stackResources, here, "us-east-1"), c.want...)
		})
	}
	client := &iamService{answer: allowed}
	got := Permissions(t.Context(), client, aStack(), stackResources, here, "us-east-1")
	if len(got) != 1 || got[0].Status != OK || !strings.HasPrefix(got[0].Found, "the roles may do all that the functions do (") {
		t.Errorf("got %+v", got)
	}
	refusing := &iamService{answer: allowed, err: denied}
	expect(t, Permissions(t.Context(), refusing, aStack(), stackResources, here, "us-east-1"), unknown("permissions", "iam:SimulatePrincipalPolicy", denied))
	if len(refusing.asked) != 1 {
		t.Errorf("IAM was asked %d times after it refused to answer", len(refusing.asked)-1)
	}
}

func TestWhatIsAskedOfIAM(t *testing.T) {
	t.Parallel()
	client := &iamService{answer: allowed}
	stack := aStack()
	Permissions(t.Context(), client, stack, stackResources, here, "us-east-1")
	at := func(role, action string) (asked []*iam.SimulatePrincipalPolicyInput) {
		for _, in := range client.asked {
			if strings.HasSuffix(*in.PolicySourceArn, role) && slices.Contains(in.ActionNames, action) {
				asked = append(asked, in)
			}
		}
		return asked
	}
	decrypt := at("role/sgwarden-SweeperRole-1", "kms:Decrypt")
	var contexts []string
	for _, in := range decrypt {
		for _, c := range in.ContextEntries {
			contexts = append(contexts, aws.ToString(c.ContextKeyName)+"="+strings.Join(c.ContextKeyValues, ","))
		}
	}
	if diff := cmp.Diff([]string{"kms:ViaService=ssm.us-east-1.amazonaws.com"}, contexts); diff != "" {
		t.Error(diff)
	}
	for _, c := range []struct{ role, action, resource string }{
		{"SweeperRole-1", "sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q"},
		{"SweeperRole-1", "logs:PutLogEvents", "arn:aws:logs:us-east-1:111122223333:log-group:sweeper-log:sample"},
		{"SweeperRole-1", "kms:GenerateDataKey", "arn:aws:kms:us-east-1:111122223333:key/0000-1"},
		{"SweeperRole-1", "sns:GetTopicAttributes", "arn:aws:sns:us-east-1:111122223333:mails"},
		{"SweeperRole-1", "ssm:DeleteParameter", "arn:aws:ssm:us-east-1:111122223333:parameter/sg-baseline/sweep"},
	} {
		asked := at(c.role, c.action)
		if !slices.ContainsFunc(asked, func(in *iam.SimulatePrincipalPolicyInput) bool { return slices.Contains(in.ResourceArns, c.resource) }) {
			t.Errorf("%s was not asked whether it may call %s on %s", c.role, c.action, c.resource)
		}
	}
	if asked := at("", "events:PutEvents"); len(asked) > 0 {
		t.Errorf("asked about events, which are off: %v", asked[0].ResourceArns)
	}
	stack.Parameters["Events"] = "on"
	Permissions(t.Context(), client, stack, stackResources, here, "us-east-1")
	if asked := at("", "events:PutEvents"); len(asked) != 2 {
		t.Errorf("asked %d roles about events, which are on", len(asked))
	}
}

func TestWhatIsAskedDependsOnTheStacksParameters(t *testing.T) {
	t.Parallel()
	central := "arn:aws:sns:eu-west-1:444455556666:alerts"
	for name, c := range map[string]struct {
		parameters   map[string]string
		action, role string
		want         []string // resources and contexts; nil where IAM is not asked
	}{
		"enforce":                           {map[string]string{"Mode": "enforce"}, "ec2:RevokeSecurityGroupIngress", "Sweeper", []string{"arn:aws:ec2:us-east-1:111122223333:security-group/sample"}},
		"alert":                             {map[string]string{"Mode": "alert"}, "ec2:RevokeSecurityGroupIngress", "Sweeper", nil},
		"only tagged groups":                {map[string]string{"Mode": "enforce", "OnlyGroupsTagged": "yes"}, "ec2:RevokeSecurityGroupIngress", "Sweeper", []string{"arn:aws:ec2:us-east-1:111122223333:security-group/sample", "aws:ResourceTag/sgwarden=yes"}},
		"forwarded alerts":                  {map[string]string{"CentralAlertTopicArn": central}, "kms:Decrypt", "Notifier", []string{"arn:aws:kms:us-east-1:111122223333:key/0000-1", "arn:aws:kms:eu-west-1:444455556666:key/sample", "kms:ViaService=sns.eu-west-1.amazonaws.com"}},
		"alerts of this account and region": {nil, "kms:Decrypt", "Notifier", []string{"arn:aws:kms:us-east-1:111122223333:key/0000-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, stack := &iamService{answer: allowed}, aStack()
			stack.Parameters = c.parameters
			Permissions(t.Context(), client, stack, stackResources, here, "us-east-1")
			got := map[string]bool{}
			for _, in := range client.asked {
				if !slices.Contains(in.ActionNames, c.action) || !strings.Contains(*in.PolicySourceArn, c.role) {
					continue
				}
				for _, r := range in.ResourceArns {
					got[r] = true
				}
				for _, entry := range in.ContextEntries {
					got[*entry.ContextKeyName+"="+strings.Join(entry.ContextKeyValues, ",")] = true
				}
			}
			want := map[string]bool{}
			for _, text := range c.want {
				want[text] = true
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
