package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/imported"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

const stackTemplate = `
Parameters:
  Office: {Type: String}
Resources:
  Net:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.42.0.0/16}
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: web
      VpcId: !Ref Net
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: !Ref Office}
  Database:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: db, VpcId: !Ref Net}
  FromWeb:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: !GetAtt Database.GroupId, IpProtocol: tcp, FromPort: 5432, ToPort: 5432, SourceSecurityGroupId: !GetAtt Web.GroupId}
`

// makeStack makes a stack in moto and returns its groups' ids by logical id.
func makeStack(t *testing.T, cfg aws.Config, name, template string) map[string]string {
	t.Helper()
	client := cfn.NewFromConfig(cfg)
	if _, err := client.CreateStack(t.Context(), &cfn.CreateStackInput{
		StackName: &name, TemplateBody: &template,
		Parameters: []types.Parameter{{ParameterKey: aws.String("Office"), ParameterValue: aws.String("192.0.2.0/24")}},
	}); err != nil {
		t.Fatal(err)
	}
	answer, err := client.ListStackResources(t.Context(), &cfn.ListStackResourcesInput{StackName: &name})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, r := range answer.StackResourceSummaries {
		ids[*r.LogicalResourceId] = *r.PhysicalResourceId
	}
	return ids
}

func TestImportCloudFormation(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	ids := makeStack(t, cfg, "import-shop", stackTemplate)
	dir := t.TempDir()
	got := runCommand(t, &cfg, "", "import", "cloudformation", "import-shop", "--out", dir)
	if got.status != 0 || !strings.HasSuffix(got.out, "2 groups: 2 written, 0 unchanged, 0 failed; 0 unresolved\n") {
		t.Fatalf("%+v", got)
	}
	want := map[string][]string{
		ids["Web"]:      {"ingress tcp 443 192.0.2.0/24", "egress all all 0.0.0.0/0"},
		ids["Database"]: {"ingress tcp 5432 " + ids["Web"], "egress all all 0.0.0.0/0"},
	}
	if diff := cmp.Diff(want, permittedIn(t, dir)); diff != "" {
		t.Error(diff)
	}
}

func TestImportCloudFormationAsksEC2WhatItGaveTheGroupItself(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	const ingress = "      SecurityGroupIngress:\n"
	ids := makeStack(t, cfg, "import-own", strings.Replace(stackTemplate, ingress, "      SecurityGroupEgress: []\n"+ingress, 1))
	if err := authorize(t.Context(), cfg, ids["Database"], "egress all all ::/0"); err != nil {
		t.Fatal(err)
	}
	revoke(t, cfg, ids["Database"], "egress all all 0.0.0.0/0")
	dir := t.TempDir()
	got := runCommand(t, &cfg, "", "import", "cloudformation", "import-own", "--out", dir)
	const leftover = "unresolved: Web (GROUP): it still has EC2's own egress all all 0.0.0.0/0, which the template does not ask for"
	if !strings.Contains(strings.ReplaceAll(got.out, ids["Web"], "GROUP"), leftover) || got.status != 2 {
		t.Errorf("%+v", got)
	}
	want := map[string][]string{
		ids["Web"]:      {"ingress tcp 443 192.0.2.0/24", "egress all all 0.0.0.0/0"},
		ids["Database"]: {"ingress tcp 5432 " + ids["Web"], "egress all all ::/0"},
	}
	if diff := cmp.Diff(want, permittedIn(t, dir)); diff != "" {
		t.Error(diff)
	}
}

func TestImportCloudFormationWithholdsAGroupWithRulesFromElsewhere(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	ids := makeStack(t, cfg, "import-shared", stackTemplate)
	mustAuthorize(t, cfg, ids["Database"], "ingress tcp 5432 10.9.0.0/16")
	mustAuthorize(t, cfg, ids["Web"], "ingress tcp 443 192.0.2.128/25") // within what the template permits
	dir := t.TempDir()
	got := runCommand(t, &cfg, "", "import", "cloudformation", "import-shared", "--out", dir)
	expect(t, got, 2, "unresolved: Database ("+ids["Database"]+"): ingress tcp 5432 10.9.0.0/16 is in the group, but not from this stack: revoke it, or add it to the group's file",
		"no file for "+ids["Database"], "1 group: 1 written, 0 unchanged, 0 failed; 1 unresolved")
	if permitted := permittedIn(t, dir); len(permitted) != 1 || permitted[ids["Web"]] == nil {
		t.Errorf("%v", permitted)
	}
}

func TestLiveRulesFromElsewhereAreListed(t *testing.T) {
	t.Parallel()
	live := func(text string) secgroup.LiveRule { return secgroup.LiveRule{Rule: mustParse(t, text)} }
	notJudged := secgroup.LiveRule{ID: "sgr-1", Text: "ingress tcp ?-? 10.0.0.0/8 ", NotCanonical: errors.New("without a port range")}
	cases := map[string]struct {
		live []secgroup.LiveRule
		want []string
	}{
		"the same":         {[]secgroup.LiveRule{live("ingress tcp 443 10.0.0.0/8")}, nil},
		"covered":          {[]secgroup.LiveRule{live("ingress tcp 443 10.1.0.0/16")}, nil},
		"not there at all": {nil, nil},
		"wider": {
			[]secgroup.LiveRule{live("ingress tcp 443 0.0.0.0/0")},
			[]string{"ingress tcp 443 0.0.0.0/0 is in the group, but not from this stack: revoke it, or add it to the group's file if it belongs there; a group without a file can be captured"},
		},
		"unreadable": {
			[]secgroup.LiveRule{notJudged}, []string{"its live rule sgr-1 (ingress tcp ?-? 10.0.0.0/8) can't be put into a baseline: without a port range"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := imported.Group{ID: "sg-0a", Address: "Web", Rules: []baseline.Described{{Rule: mustParse(t, "ingress tcp 443 10.0.0.0/8")}}}
			var got []string
			for _, u := range strangersIn(g, c.live) {
				if got = append(got, u.Reason); !u.Withheld || u.GroupID != "sg-0a" || u.Address != "Web" {
					t.Errorf("%+v", u)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// permittedIn reads what the files of a directory permit, by group.
func permittedIn(t *testing.T, dir string) map[string][]string {
	t.Helper()
	files, err := basefile.Read([]string{dir})
	if err == nil {
		err = basefile.Usable(files)
	}
	if err != nil {
		t.Fatal(err)
	}
	permitted := map[string][]string{}
	for _, f := range files {
		for _, r := range f.Doc.PermanentRules() {
			permitted[f.Doc.GroupID] = append(permitted[f.Doc.GroupID], r.String())
		}
	}
	return permitted
}

func TestImportCloudFormationOfADeletedGroup(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	ids := makeStack(t, cfg, "import-gone", stackTemplate)
	if _, err := ec2.NewFromConfig(cfg).DeleteSecurityGroup(t.Context(), &ec2.DeleteSecurityGroupInput{GroupId: aws.String(ids["Database"])}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	got := runCommand(t, &cfg, "", "import", "cloudformation", "import-gone", "--out", dir)
	if !strings.Contains(got.out, "unresolved: Database ("+ids["Database"]+"): the group is not in EC2 any more") || got.status != 2 {
		t.Errorf("%+v", got)
	}
	if permitted := permittedIn(t, dir); len(permitted) != 1 || permitted[ids["Web"]] == nil {
		t.Errorf("%v", permitted)
	}
}

func TestImportOfNoStack(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	dir := filepath.Join(t.TempDir(), "new")
	got := runCommand(t, &cfg, "", "import", "cloudformation", "no-such-stack", "--out", dir)
	if got.status != 1 || !strings.Contains(got.errs, "describe stack no-such-stack") || !strings.Contains(got.errs, "does not exist") {
		t.Errorf("%+v", got)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory was made: %v", err)
	}
}

// fakeStacks is CloudFormation with one stack, a resource a page.
type fakeStacks struct {
	stack    types.Stack
	template string
	pages    []types.StackResourceSummary
	stage    types.TemplateStage // that was asked for
	fails    string              // the call, with the page where it lists
}

func (f *fakeStacks) fail(call string) error {
	if f.fails == call {
		return &smithy.GenericAPIError{Code: "AccessDenied", Message: "no"}
	}
	return nil
}

func (f *fakeStacks) DescribeStacks(context.Context, *cfn.DescribeStacksInput, ...func(*cfn.Options)) (*cfn.DescribeStacksOutput, error) {
	return &cfn.DescribeStacksOutput{Stacks: []types.Stack{f.stack}}, f.fail("describe")
}

func (f *fakeStacks) GetTemplate(_ context.Context, in *cfn.GetTemplateInput, _ ...func(*cfn.Options)) (*cfn.GetTemplateOutput, error) {
	f.stage = in.TemplateStage
	return &cfn.GetTemplateOutput{TemplateBody: &f.template}, f.fail("template")
}

func (f *fakeStacks) ListStackResources(_ context.Context, in *cfn.ListStackResourcesInput, _ ...func(*cfn.Options)) (*cfn.ListStackResourcesOutput, error) {
	page := 0
	if in.NextToken != nil {
		if _, err := fmt.Sscan(*in.NextToken, &page); err != nil {
			return nil, err
		}
	}
	answer := &cfn.ListStackResourcesOutput{StackResourceSummaries: f.pages[page : page+1]}
	if page+1 < len(f.pages) {
		answer.NextToken = aws.String(fmt.Sprint(page + 1))
	}
	return answer, f.fail(fmt.Sprint("list ", page))
}

func shopStack() *fakeStacks {
	resource := func(logical, physical string, status types.ResourceStatus) types.StackResourceSummary {
		return types.StackResourceSummary{LogicalResourceId: &logical, PhysicalResourceId: &physical, ResourceStatus: status}
	}
	return &fakeStacks{
		stack: types.Stack{
			StackId: aws.String("arn:aws:cloudformation:us-east-1:111122223333:stack/shop/1"), StackName: aws.String("shop"), StackStatus: types.StackStatusUpdateComplete,
			Parameters: []types.Parameter{{ParameterKey: aws.String("Office"), ParameterValue: aws.String("/office/cidr"), ResolvedValue: aws.String("192.0.2.0/24")}},
		},
		template: stackTemplate + "  Old: {Type: AWS::EC2::SecurityGroup, Condition: No}\n",
		pages: []types.StackResourceSummary{
			resource("Net", "vpc-0a", types.ResourceStatusCreateComplete), resource("Old", "sg-0c", types.ResourceStatusDeleteComplete),
			resource("Web", "sg-0a", types.ResourceStatusUpdateComplete), resource("FromWeb", "sgr-0a", types.ResourceStatusCreateComplete),
			resource("Database", "sg-0b", types.ResourceStatusCreateComplete),
		},
	}
}

func TestReadStackReadsEveryPage(t *testing.T) {
	t.Parallel()
	client := shopStack()
	result, err := readStack(t.Context(), client, "shop")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]rule.Rule{}
	for _, g := range result.Groups {
		got[g.ID] = g.Rules[0].Rule
	}
	want := map[string]rule.Rule{"sg-0a": mustParse(t, "ingress tcp 443 192.0.2.0/24"), "sg-0b": mustParse(t, "ingress tcp 5432 sg-0a")}
	if diff := cmp.Diff(fmt.Sprint(want), fmt.Sprint(got)); diff != "" || len(result.Unresolved) != 0 || client.stage != types.TemplateStageProcessed {
		t.Errorf("stage %s, unresolved %v: %s", client.stage, result.Unresolved, diff)
	}
}

func mustParse(t *testing.T, text string) rule.Rule {
	t.Helper()
	r, err := rule.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReadStackFailsWhereAnyCallDoes(t *testing.T) {
	t.Parallel()
	for fails, says := range map[string]string{
		"describe": "describe stack shop: ", "template": "get the template of stack shop: ", "list 0": "list the resources of stack shop: ", "list 3": "list the resources of stack shop: ",
	} {
		t.Run(fails, func(t *testing.T) {
			t.Parallel()
			client := shopStack()
			client.fails = fails
			result, err := readStack(t.Context(), client, "shop")
			if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(advise(err), "these credentials may not do that") || len(result.Groups) != 0 {
				t.Errorf("got %v, %v", result, err)
			}
		})
	}
}

func TestReadStackWaitsForAStackThatChanges(t *testing.T) {
	t.Parallel()
	client := shopStack()
	client.stack.StackStatus = types.StackStatusUpdateInProgress
	if _, err := readStack(t.Context(), client, "shop"); err == nil || !strings.Contains(err.Error(), "shop is changing (UPDATE_IN_PROGRESS): wait") {
		t.Errorf("got %v", err)
	}
}

func TestImportOfAStackNeedsToSeeItsGroups(t *testing.T) {
	t.Parallel()
	for _, denied := range []string{"DescribeSecurityGroups", "DescribeSecurityGroupRules"} {
		t.Run(denied, func(t *testing.T) {
			t.Parallel()
			stub := awsstub.New(0, map[string]awsstub.Handler{
				"DescribeSecurityGroups":     func(awsstub.Request) (any, error) { return nil, nil },
				"DescribeSecurityGroupRules": func(awsstub.Request) (any, error) { return nil, nil },
			})
			t.Cleanup(stub.Close)
			stub.Inject(denied, 1, awsstub.Fault{Error: &awsstub.Error{Code: "UnauthorizedOperation", Message: "no", Status: 403}})
			result, err := readStack(t.Context(), shopStack(), "shop")
			if err != nil {
				t.Fatal(err)
			}
			cfg := stub.Config()
			i := importing{app: &app{Account: account.Account{Config: &cfg, Errs: io.Discard, Getenv: func(string) string { return "" }}}}
			groups, err := i.Groups(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := i.live(t.Context(), groups, result); err == nil || !strings.Contains(advise(err), "these credentials may not do that") {
				t.Errorf("got %v", err)
			}
		})
	}
}
