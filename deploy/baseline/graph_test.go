package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/sgwarden/sgwarden/deploy/baseline/picture"
	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
	"github.com/sgwarden/sgwarden/deploy/local/reference"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

// anAccount is an account of the local AWS in which there is nothing but what EC2 gives
// every account.
func anAccount(t *testing.T) aws.Config {
	t.Helper()
	root := motoConfig(t)
	assumed, err := sts.NewFromConfig(root).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String(fmt.Sprintf("arn:aws:iam::%012d:role/operator", 200000000000+accounts.Add(1))), RoleSessionName: aws.String("ana"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return awsconfig.New(localtest.SharedMoto(t), aws.Credentials{
		AccessKeyID: *assumed.Credentials.AccessKeyId, SecretAccessKey: *assumed.Credentials.SecretAccessKey, SessionToken: *assumed.Credentials.SessionToken,
	})
}

// demo is the five groups of the demo in an account, with their baselines in Parameter
// Store and in files.
type demo struct {
	cfg    aws.Config
	groups reference.Groups
	dir    string
}

func newDemo(t *testing.T) demo {
	t.Helper()
	d := demo{cfg: anAccount(t), dir: t.TempDir()}
	client := ec2.NewFromConfig(d.cfg)
	vpc, err := client.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	if err != nil {
		t.Fatal(err)
	}
	if d.groups, err = reference.Create(t.Context(), client, *vpc.Vpc.VpcId); err != nil {
		t.Fatal(err)
	}
	for _, g := range d.groups {
		_, err := g.Push(t.Context(), ssm.NewFromConfig(d.cfg), "/sg-baseline")
		doc, docErr := g.Baseline()
		if err := errors.Join(err, docErr); err != nil {
			t.Fatal(err)
		}
		data, err := yamlfile.Encode(doc)
		if err == nil {
			err = os.WriteFile(filepath.Join(d.dir, g.Name+".yaml"), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// withNames writes names instead of the ids of the five groups.
func (d demo) withNames(text string) string {
	for _, g := range d.groups {
		text = strings.ReplaceAll(text, g.ID, "sg-"+g.Name)
	}
	return text
}

func (d demo) open(t *testing.T, group string, rules ...string) {
	t.Helper()
	if err := authorize(t.Context(), d.cfg, d.groups.Named(group).ID, rules...); err != nil {
		t.Fatal(err)
	}
}

func TestThePictureOfTheDemo(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	for _, format := range []string{"mermaid", "dot", "text"} {
		got := runCommand(t, &d.cfg, "", "graph", d.dir, "--format", format)
		goldenText(t, "graph-demo-"+format, d.withNames(got.out))
		if got.status != 0 || got.errs != "" {
			t.Errorf("%s: %+v", format, got)
		}
		for name, args := range map[string][]string{"of Parameter Store": {}, "of live groups and files": {d.dir, "--live"}} {
			if same := runCommand(t, &d.cfg, "", append(append([]string{"graph"}, args...), "--format", format)...); same != got {
				t.Errorf("the %s %s differs: %+v", format, name, same)
			}
		}
	}
}

// TestThePathsOfTheDemo asks for the only way to the database, and for one that there is
// not.
func TestThePathsOfTheDemo(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	var text strings.Builder
	for _, ends := range [][2]string{{"internet", "name:rds"}, {"name:ecs-front", "name:rds"}, {"name:rds", "internet"}} {
		got := runCommand(t, &d.cfg, "", "graph", "--from", ends[0], "--to", ends[1])
		if got.status != 0 || got.errs != "" {
			t.Errorf("%v: %+v", ends, got)
		}
		text.WriteString(got.out + "----\n")
	}
	goldenText(t, "graph-demo-paths", d.withNames(text.String()))
}

func TestDriftIsMarked(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.open(t, "ecs-front", "ingress tcp 22 0.0.0.0/0")
	d.open(t, "alb-public", "ingress tcp 8443 20.0.0.0/16")
	d.open(t, "rds", "ingress tcp 5432 10.0.0.0/24")
	for group, r := range map[string]string{"alb-public": "ingress tcp 8443 20.0.0.0/16", "rds": "ingress tcp 5432 10.0.0.0/8"} {
		if got := runCommand(t, &d.cfg, "", "allow", d.groups.Named(group).ID, r, "--expires", "8h", "--reason", "INC-1"); got.status != 0 {
			t.Fatalf("%+v", got)
		}
	}
	revoke(t, d.cfg, d.groups.Named("ecs-api").ID, "egress tcp 443 0.0.0.0/0")
	revoke(t, d.cfg, d.groups.Named("ecs-api").ID, "ingress tcp 8080 "+d.groups.Named("alb-internal").ID)
	if err := authorize(t.Context(), d.cfg, d.groups.Named("ecs-api").ID, "ingress tcp 8000-8080 "+d.groups.Named("alb-internal").ID); err != nil {
		t.Fatal(err)
	}
	stored := runCommand(t, &d.cfg, "", "graph", "--live", "--format", "text")
	vpcs, err := ec2.NewFromConfig(d.cfg).DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{Filters: []types.Filter{{Name: aws.String("group-name"), Values: []string{"default"}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range vpcs.SecurityGroups {
		stored.out = strings.ReplaceAll(stored.out, *g.GroupId, "sg-default")
	}
	goldenText(t, "graph-drift", d.withNames(stored.out))
	if stored.status != 2 || stored.errs != "" {
		t.Errorf("got %+v", stored)
	}
	files := runCommand(t, &d.cfg, "", "graph", d.dir, "--live", "--format", "text")
	if files.status != 2 || !strings.Contains(files.out, "tcp 22, violating") || !strings.Contains(files.out, "tcp 443, missing") || !strings.Contains(files.out, "tcp 8443, until 20:00 UTC") || strings.Contains(files.out, "default") {
		t.Errorf("got %+v", files)
	}
	approved := runCommand(t, &d.cfg, "", "graph", "--format", "text")
	if approved.status != 0 || strings.Contains(approved.out, "tcp 22") || !strings.Contains(approved.out, "tcp 8443, until 20:00 UTC") {
		t.Errorf("got %+v", approved)
	}
	// A violating rule is a way in; nobody would ask if it weren't.
	if paths := runCommand(t, &d.cfg, "", "graph", "--live", "--from", "internet", "--to", "name:ecs-front"); paths.status != 0 || !strings.Contains(paths.out, "ingress tcp 22 0.0.0.0/0  # violating") {
		t.Errorf("got %+v", paths)
	}
}

func TestAPictureForMachines(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	var p picture.Picture
	got := runCommand(t, &d.cfg, "", "graph", "--output", "json")
	if err := json.Unmarshal([]byte(got.out), &p); err != nil || len(p.Nodes) != 6 || len(p.Edges) != 6 || p.Edges[0].From != "internet" || len(p.Edges[0].Rules) != 2 {
		t.Errorf("%v: %+v", err, got)
	}
	var answer picture.Answer
	got = runCommand(t, &d.cfg, "", "graph", "--output", "json", "--from", "internet", "--to", "name:rds")
	if err := json.Unmarshal([]byte(got.out), &answer); err != nil || len(answer.Paths) != 1 || len(answer.Paths[0].Steps) != 5 || answer.To.Name != "rds" {
		t.Errorf("%v: %+v", err, got)
	}
	got = runCommand(t, &d.cfg, "", "graph", "--output", "json", "--from", "name:rds", "--to", "internet")
	if !strings.Contains(got.out, `"paths": []`) || !strings.Contains(got.out, `"remarks": []`) || got.status != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestFilesAreDrawnWithoutAWS(t *testing.T) {
	t.Parallel()
	got := runCommand(t, nil, "", "graph", "../examples/fargate", "--from", "internet", "--to", "name:rds")
	if got.status != 0 || !strings.HasPrefix(got.out, "1 path from Internet to rds\n") {
		t.Errorf("got %+v", got)
	}
}

func TestAPictureIsWrittenToAFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "groups.svg")
	a := &app{Account: accountOfNobody(), in: strings.NewReader(""), layout: func(_ context.Context, dot []byte) ([]byte, error) {
		if !bytes.HasPrefix(dot, []byte("digraph")) {
			return nil, errors.New("no DOT")
		}
		return []byte(`<svg viewBox="0 0 10 10"></svg>`), nil
	}}
	got := run(t, a, "graph", "../examples/fargate", "--format", "svg", "--out", name)
	data, err := os.ReadFile(name)
	if err != nil || got.status != 0 || got.out != "" || !bytes.HasPrefix(data, []byte("<svg ")) {
		t.Errorf("%v: %+v: %s", err, got, data)
	}
	if got := runCommand(t, nil, "", "graph", "../examples/fargate", "--format", "svg"); got.status != 1 || !strings.Contains(got.errs, "use --format dot") {
		t.Errorf("got %+v", got)
	}
}

func TestMoreThan40GroupsArePutTogether(t *testing.T) {
	t.Parallel()
	cfg := anAccount(t)
	client := ec2.NewFromConfig(cfg)
	for i := range 41 {
		team := aws.String(fmt.Sprintf("team %d", i%3))
		if _, err := client.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{
			GroupName: aws.String(fmt.Sprintf("group-%d", i)), Description: aws.String("many"),
			TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeSecurityGroup, Tags: []types.Tag{{Key: aws.String("team"), Value: team}}}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	got := runCommand(t, &cfg, "", "graph", "--live")
	const note = "42 groups are more than the 40 that one picture shows readably, so they are put together by VPC; --group-by tag:NAME puts them together by a tag"
	if got.status != 0 || got.errs != "! "+note+"\n" || !strings.Contains(got.out, "42 groups") || !strings.Contains(got.out, "vpc-") {
		t.Errorf("got %+v", got)
	}
	got = runCommand(t, &cfg, "", "graph", "--live", "--group-by", "tag:team", "--format", "text")
	for _, want := range []string{"\nteam 0\n  14 groups\n", "\nteam 1\n  14 groups\n", "\nteam 2\n  13 groups\n", "\nno tag team known\n  1 group\n"} {
		if got.status != 0 || !strings.Contains(got.out, want) {
			t.Errorf("no %q in %+v", want, got)
		}
	}
}

func TestWhatGraphRefuses(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(broken, []byte("schema: 2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for says, args := range map[string][]string{
		`--format "png": want mermaid, dot, svg, text`:                                    {"--format", "png"},
		`--group-by "team": want vpc, or tag:NAME such as tag:team`:                       {"--group-by", "team"},
		"--from and --to belong together":                                                 {"--from", "internet"},
		"--from and --to list paths: leave --format, --out and --group-by out":            {"--from", "internet", "--to", "sg-0a", "--format", "dot"},
		"--output json prints the picture's nodes and edges: leave --format and --out":    {"--output", "json", "--format", "dot"},
		"broken.yaml:1:9: schema":                                                         {broken},
		"there is no file and no directory nowhere":                                       {"nowhere"},
		`none of the 5 groups of the picture is called "rdss"; did you mean rds?`:         {"../examples/fargate", "--from", "internet", "--to", "name:rdss"},
		"names a group, which is for files: put its id here, or have baseline resolve do": {"../examples/fargate", "--live"},
	} {
		if got := runCommand(t, &aws.Config{}, "", append([]string{"graph"}, args...)...); got.status != 1 || !strings.Contains(got.errs, says) || got.out != "" {
			t.Errorf("%v: got %+v", args, got)
		}
	}
}

// TestABaselineThatCanNotBeUsedHidesNoOther group, and makes the status 1.
func TestABaselineThatCanNotBeUsedHidesNoOther(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	id := d.groups.Named("rds").ID
	if _, err := ssm.NewFromConfig(d.cfg).PutParameter(t.Context(), &ssm.PutParameterInput{Name: aws.String("/sg-baseline/groups/" + id), Value: aws.String("{"), Overwrite: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{}, {"--live"}} {
		got := runCommand(t, &d.cfg, "", append([]string{"graph", "--format", "text"}, args...)...)
		if got.status != 1 || !strings.Contains(got.errs, id+": /sg-baseline/groups/"+id+" (version 2) is broken") || !strings.Contains(got.out, "its baseline can't be used") || !strings.Contains(got.out, "alb-public") {
			t.Errorf("%v: %+v", args, got)
		}
	}
}

func TestWhereThereIsNothingToDraw(t *testing.T) {
	t.Parallel()
	cfg := anAccount(t)
	got := runCommand(t, &cfg, "", "graph")
	if got.status != 1 || !strings.Contains(got.errs, "there is no baseline under /sg-baseline in account 2") || !strings.Contains(got.errs, "graph --live draws the groups that EC2 has") {
		t.Errorf("got %+v", got)
	}
	if got := runCommand(t, &cfg, "", "graph", "--live", "--format", "text"); got.status != 0 || !strings.Contains(got.out, "default (sg-") || !strings.Contains(got.out, "no baseline") {
		t.Errorf("the groups that EC2 has: %+v", got)
	}
}

// TestTheGroupsOfAPictureAreTheSameForOtherDocuments holds pictured to what graph draws.
func TestTheGroupsOfAPictureAreTheSameForOtherDocuments(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	a := &app{Account: accountOfNobody()}
	a.Config, a.Prefix = &d.cfg, "/sg-baseline"
	for name, c := range map[string]struct {
		paths []string
		live  bool
		want  int
	}{"files": {[]string{d.dir}, false, 5}, "live files": {[]string{d.dir}, true, 5}, "Parameter Store": {nil, false, 5}, "all live groups": {nil, true, 7}} {
		groups, err := a.pictured(t.Context(), c.paths, c.live)
		if err != nil || len(groups) != c.want || groups[0].Name != "alb-internal" || groups[0].LiveRead != c.live {
			t.Errorf("%s: %v: %d groups", name, err, len(groups))
		}
	}
}
