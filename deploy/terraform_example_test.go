package deploy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
)

// planOf is what `terraform show -json` writes of a plan that opens a port in a group. A group that the plan makes has
// no id.
func planOf(group string) string {
	values, unknown := `"id": "`+group+`", "security_group_id": "`+group+`",`, ""
	if group == "" {
		values, unknown = "", `"id": true, "security_group_id": true`
	}
	change := func(address, kind, after string) string {
		return `{"address": "` + address + `", "mode": "managed", "type": "` + kind + `", "name": "x", "change": {"actions": ["create"], "before": null, "after": {` + values + after + `}, "after_unknown": {` + unknown + `}}}`
	}
	resource := func(address, kind, after string) string {
		return `{"address": "` + address + `", "mode": "managed", "type": "` + kind + `", "name": "x", "values": {` + values + after + `}}`
	}
	const web, rule = `"name": "web", "egress": [], "ingress": []`, `"ip_protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": "203.0.113.0/24"`
	const webKind, ruleKind = "aws_security_group", "aws_vpc_security_group_ingress_rule"
	return `{"format_version": "1.2", "planned_values": {"root_module": {"resources": [` +
		resource("aws_security_group.web", webKind, web) + `, ` + resource("aws_vpc_security_group_ingress_rule.https", ruleKind, rule) + `]}},
  "resource_changes": [` + change("aws_security_group.web", webKind, web) + `, ` + change("aws_vpc_security_group_ingress_rule.https", ruleKind, rule) + `],
  "configuration": {"root_module": {}}}`
}

// fakeTerraform notes its arguments in order, shows the plan, and at the apply notes the baseline that there is then.
const fakeTerraform = `#!/bin/sh
echo "$*" >>calls
case $1 in
show) cat plan-fixture.json ;;
apply) aws ssm get-parameter --name "/sg-baseline/groups/$GROUP" --query Parameter.Value --output text >at-apply 2>&1 || true ;;
plan) exit "${PLAN_STATUS:-0}" ;;
esac
`

// terraformProject is a working directory of Terraform, beside a local AWS with a group in it.
type terraformProject struct {
	*meddled
	dir, group string
}

func startTerraformProject(t *testing.T) *terraformProject {
	t.Helper()
	p := &terraformProject{meddled: startMeddled(t), dir: t.TempDir()}
	client := ec2.NewFromConfig(awsconfig.New(p.moto.URL, awsconfig.Keys))
	vpc, err := client.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	if err != nil {
		t.Fatal(err)
	}
	made, err := client.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: aws.String("web"), Description: aws.String("web"), VpcId: vpc.Vpc.VpcId})
	if err != nil {
		t.Fatal(err)
	}
	p.group = *made.GroupId // with the egress to everywhere that EC2 gives a group, which the plan takes away
	p.write(t, "bin/terraform", fakeTerraform)
	p.write(t, "plan-fixture.json", planOf(p.group))
	return p
}

func (p *terraformProject) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

func (p *terraformProject) apply(t *testing.T, variables string, arguments ...string) scriptRun {
	t.Helper()
	script, err := filepath.Abs("terraform/example/apply.sh")
	if err != nil {
		t.Fatal(err)
	}
	line := fmt.Sprintf(`cd %q && export PATH=%q:"$PATH" GROUP=%s && %s exec %q "$@"`, p.dir, filepath.Join(p.dir, "bin"), p.group, variables, script)
	return p.command(t, append([]string{"bash", "-c", line, "apply.sh"}, arguments...)...)
}

func (p *terraformProject) said(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(data)
}

const inOrder = "plan -out plan.out -lock=false\nshow -json plan.out\napply plan.out\n"

func TestTheExampleApprovesBeforeItApplies(t *testing.T) {
	t.Parallel()
	p := startTerraformProject(t)
	got := p.apply(t, "", "--yes", "--revoke-live", "1", "-lock=false")
	if diff := cmp.Diff(inOrder, p.said(t, "calls")); diff != "" || got.status != 0 {
		t.Fatalf("status %d, terraform's calls (-want +got):\n%s\n%s%s", got.status, diff, got.out, got.errs)
	}
	if at := p.said(t, "at-apply"); !strings.Contains(at, "203.0.113.0/24") {
		t.Errorf("the baseline at the apply is %s", at)
	}
	file := filepath.Join("baselines", "web."+p.group+".yaml")
	if text := p.said(t, file); !strings.Contains(text, "203.0.113.0/24") {
		t.Errorf("%s in the repository is %q", file, text)
	}
	left, err := filepath.Glob(filepath.Join(p.dir, "plan.*"))
	if err != nil || len(left) > 0 {
		t.Errorf("plans are left, with secrets: %v, %v", left, err)
	}
}

func TestTheExampleAppliesNothingThatWasNotApproved(t *testing.T) {
	t.Parallel()
	p := startTerraformProject(t)
	for name, row := range map[string]struct {
		variables string
		arguments []string
		want      string
	}{
		"a plan that fails":                   {"PLAN_STATUS=1", []string{"--yes"}, "failed with status 1: nothing was applied"},
		"a push that nobody can be asked for": {"", nil, "nothing was applied"},
		"a push that has a live rule revoked": {"", []string{"--yes"}, "1 live rule would be revoked, and nobody was asked"},
		"a number that is missing":            {"", []string{"--revoke-live"}, "--revoke-live needs a number"},
	} {
		got := p.apply(t, row.variables, row.arguments...)
		if got.status != 1 || !strings.Contains(got.errs, row.want) || slices.Contains(strings.Split(p.said(t, "calls"), "\n"), "apply plan.out") {
			t.Errorf("%s: %+v; terraform's calls: %s", name, got, p.said(t, "calls"))
		}
	}
}

func TestTheExampleAppliesAGroupThatHasNoIDYet(t *testing.T) {
	t.Parallel()
	p := startTerraformProject(t)
	p.write(t, "plan-fixture.json", planOf(""))
	got := p.apply(t, "", "--yes", "-lock=false")
	if got.status != 0 || p.said(t, "calls") != inOrder || !strings.Contains(got.out, "no group of the plan has an id yet") {
		t.Errorf("%+v; terraform's calls: %s", got, p.said(t, "calls"))
	}
}
