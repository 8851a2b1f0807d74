package reference_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
	"github.com/sgwarden/sgwarden/deploy/local/reference"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

func TestTheGroupsHaveTheirRulesAndBaselinesThatPermitExactlyThem(t *testing.T) {
	t.Parallel()
	config := awsconfig.New(localtest.Moto(t).URL, awsconfig.Keys)
	client, parameters := ec2.NewFromConfig(config), ssm.NewFromConfig(config)
	vpc, err := client.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	if err != nil {
		t.Fatal(err)
	}
	groups, err := reference.Create(t.Context(), client, *vpc.Vpc.VpcId)
	if err != nil {
		t.Fatal(err)
	}
	id := func(name string) string { return groups.Named(name).ID }
	want := map[string][]string{
		"alb-public":   {"egress tcp 80 " + id("ecs-front"), "ingress tcp 443 0.0.0.0/0", "ingress tcp 80 0.0.0.0/0"},
		"ecs-front":    {"egress tcp 80 " + id("alb-internal"), "ingress tcp 80 " + id("alb-public")},
		"alb-internal": {"egress tcp 8080 " + id("ecs-api"), "ingress tcp 80 " + id("ecs-front")},
		"ecs-api":      {"egress tcp 3306 " + id("rds"), "egress tcp 443 0.0.0.0/0", "ingress tcp 8080 " + id("alb-internal")},
		"rds":          {"ingress tcp 3306 " + id("ecs-api")},
	}
	planned, live := map[string][]string{}, map[string][]string{}
	for _, group := range groups {
		planned[group.Name] = group.Rules()
		if live[group.Name], err = reference.Live(t.Context(), client, group.ID); err != nil {
			t.Fatal(err)
		}
		const extra = "ingress tcp 22 203.0.113.0/24"
		if _, err := group.Push(t.Context(), parameters, "/test", extra); err != nil {
			t.Fatal(err)
		}
		stored, err := parameters.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("/test/groups/" + group.ID)})
		if err != nil {
			t.Fatal(err)
		}
		document, err := baseline.Decode([]byte(*stored.Parameter.Value), group.ID)
		if err != nil {
			t.Fatalf("%s: %v", group.Name, err)
		}
		permitted := map[string]bool{}
		for _, r := range document.PermanentRules() {
			permitted[r.String()] = true
		}
		expected := map[string]bool{}
		for _, r := range group.RulesAnd(extra) {
			expected[r] = true
		}
		if diff := cmp.Diff(expected, permitted); diff != "" {
			t.Errorf("baseline of %s (-want +got):\n%s", group.Name, diff)
		}
	}
	if diff := cmp.Diff(want, planned); diff != "" {
		t.Errorf("planned rules (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, live); diff != "" {
		t.Errorf("live rules (-want +got):\n%s", diff)
	}
}
