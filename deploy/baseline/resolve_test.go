package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

const webByName = `# The front end.
schema: 1
groupId: name:web   # made by the script

ingress:
  - protocol: tcp
    ports: "80"
    sources: [name:alb, self, 10.0.0.0/8]  # nobody else
egress:
  - {protocol: tcp, ports: "5432", destinations: ['name:db: main, #1']}
exceptions:
  - {direction: ingress, protocol: tcp, ports: 22, sources: ["name:alb"], expires: 2026-12-01T09:00:00Z, reason: x, approvedBy: y}
`

// TestNamesBecomeIDs is the way from a design to what is enforced.
func TestNamesBecomeIDs(t *testing.T) {
	t.Parallel()
	cfg, from, out, prefix := regionConfig(t, "eu-central-1"), t.TempDir(), filepath.Join(t.TempDir(), "new", "resolved"), prefixOf(t)
	alb, web, db := mustMake(t, cfg, "alb"), mustMake(t, cfg, "web"), mustMake(t, cfg, "db: main, #1")
	write(t, filepath.Join(from, "web.yaml"), webByName)
	write(t, filepath.Join(from, "db.json"), `{"schema": 1, "groupId": "name:db: main, #1", "ingress": [{"protocol": "tcp", "ports": "5432", "sources": ["name:web"]}]}`)
	write(t, filepath.Join(from, "alb.yml"), "schema: 1\ngroupId: "+alb+"\ningress: []\negress: []\n")
	do := func(args ...string) ran { return runCommand(t, &cfg, "", append(args, "--prefix", prefix)...) }

	expect(t, do("push", from, "--yes"), 1, "nothing was written", "web.yaml:3:10: groupId: name:web names a group, which is for files", "baseline resolve")
	expect(t, do("diff", from), 1, "baseline resolve")
	expect(t, do("show", web), 1, "no baseline")

	expect(t, do("resolve", from, "--out", out), 0, "wrote "+filepath.Join(out, "web."+web+".yaml")+" from "+filepath.Join(from, "web.yaml"), "3 files: 3 written, 0 unchanged")
	want := map[string]string{
		"web." + web + ".yaml":      strings.NewReplacer("name:web", web, "name:alb", alb, "name:db: main, #1", db).Replace(webByName),
		"db-main-1." + db + ".json": `{"schema": 1, "groupId": "` + db + `", "ingress": [{"protocol": "tcp", "ports": "5432", "sources": ["` + web + `"]}]}`,
		"alb." + alb + ".yaml":      "schema: 1\ngroupId: " + alb + "\ningress: []\negress: []\n",
	}
	if diff := cmp.Diff(want, contents(t, out)); diff != "" {
		t.Fatal(diff)
	}
	expect(t, do("resolve", from, "--out", out), 0, "3 files: nothing changed")
	expect(t, do("push", out, "--yes"), 1, "nothing was written: 2 live rules would be revoked, and nobody was asked", "--revoke-live 2")
	expect(t, do("push", out, "--yes", "--revoke-live", "2"), 0, "3 written")
	expect(t, do("resolve", from, "--out", out), 0, "3 files: nothing changed")

	write(t, filepath.Join(from, "web.yaml"), strings.Replace(webByName, `"80"`, `"81"`, 1))
	pushed := contents(t, out)
	expect(t, do("resolve", from, "--out", out), 1, "nothing was written", "web."+web+".yaml is there and says something else", "--force")
	if diff := cmp.Diff(pushed, contents(t, out)); diff != "" {
		t.Error(diff)
	}
	got := do("resolve", from, "--out", out, "--force", "--output", "json")
	var output struct{ Files []rewritten }
	if err := json.Unmarshal([]byte(got.out), &output); err != nil || got.status != 0 || len(output.Files) != 3 {
		t.Fatalf("%v in %+v", err, got)
	}
	if f := output.Files[2]; !f.Changed || f.GroupID != web || f.GroupName != "web" || output.Files[0].Changed {
		t.Errorf("got %+v", output)
	}
	expect(t, do("push", out, "--yes", "--revoke-live", "1"), 0, "1 written, 2 unchanged", "version 2")
}

// inVPCs answers as EC2 with groups, in pages of two; those called web are in all
// of the VPCs.
func inVPCs(t *testing.T) (*awsstub.Stub, aws.Config) {
	t.Helper()
	group := func(id, name, vpc string) types.SecurityGroup {
		return types.SecurityGroup{GroupId: &id, GroupName: &name, VpcId: &vpc}
	}
	pages := map[string]awsstub.GroupsAnswer{
		"":  {Groups: []types.SecurityGroup{group("sg-0a", "web", "vpc-1"), group("sg-0b", "db", "vpc-1")}, NextToken: "b"},
		"b": {Groups: []types.SecurityGroup{group("sg-0c", "web", "vpc-2"), group("sg-0d", "cache", "vpc-2")}, NextToken: "c"},
		"c": {Groups: []types.SecurityGroup{group("sg-0e", "w*", "vpc-1")}},
	}
	stub := awsstub.New(0, map[string]awsstub.Handler{
		"DescribeSecurityGroups": func(r awsstub.Request) (any, error) { return pages[r.Form.Get("NextToken")], nil },
	})
	t.Cleanup(stub.Close)
	return stub, stub.Config()
}

func TestWhatIsUnclearIsNotResolved(t *testing.T) {
	t.Parallel()
	of := func(group string, sources ...string) string {
		return "schema: 1\ngroupId: " + group + "\ningress:\n  - {protocol: tcp, ports: 80, sources: [" + strings.Join(append(sources, "self"), ", ") + "]}\negress: []\n"
	}
	_, cfg := inVPCs(t)
	cases := map[string]struct {
		files map[string]string
		flags []string
		want  []string // none: it is resolved
	}{
		"names of one VPC":                      {map[string]string{"a.yaml": of("name:db", "name:w*")}, nil, nil},
		"a name that several VPCs have, in one": {map[string]string{"a.yaml": of("name:web", "name:db")}, []string{"--vpc-id", "vpc-1"}, nil},
		"a name that several VPCs have":         {map[string]string{"a.yaml": of("name:db", "name:web")}, nil, []string{`a.yaml:4:42: ingress[0].sources[0]: 2 groups are called "web": sg-0a (vpc-1), sg-0c (vpc-2): choose with --vpc-id`}},
		"a name that no group has":              {map[string]string{"a.yaml": of("name:dbs")}, nil, []string{`a.yaml:2:10: groupId: no group of this account and region is called "dbs"`}},
		"a name in other letters":               {map[string]string{"a.yaml": of("name:DB")}, nil, []string{`did you mean "db"?`}},
		"a pattern is no name":                  {map[string]string{"a.yaml": of("name:d*")}, nil, []string{`is called "d*"`}},
		"a name of another VPC":                 {map[string]string{"a.yaml": of("name:cache")}, []string{"--vpc-id", "vpc-1"}, []string{`no group of vpc-1 is called "cache"; elsewhere there is sg-0d (vpc-2)`}},
		"a source in another VPC":               {map[string]string{"a.yaml": of("name:db", "name:cache")}, nil, []string{`a.yaml:4:42: ingress[0].sources[0]: "cache" is sg-0d (vpc-2), and the group of this file is in vpc-1`}},
		"a source in another VPC than an id":    {map[string]string{"a.yaml": of("sg-0a", "name:cache")}, nil, []string{`the group of this file is in vpc-1`}},
		"an id in another VPC":                  {map[string]string{"a.yaml": of("name:db", "sg-0d")}, nil, nil},
		"a name for a group nobody knows":       {map[string]string{"a.yaml": of("sg-0dead", "name:cache")}, nil, nil},
		"a VPC that isn't there":                {map[string]string{"a.yaml": of("name:db")}, []string{"--vpc-id", "vpc-9"}, []string{"there is no group in vpc-9"}},
		"a VPC from an unset variable":          {map[string]string{"a.yaml": of("name:db")}, []string{"--vpc-id", ""}, []string{"--vpc-id is empty"}},
		"two files for one name":                {map[string]string{"a.yaml": of("name:db"), "b.yaml": of("name:db")}, nil, []string{"are both for name:db"}},
		"two files for one group":               {map[string]string{"a.yaml": of("name:db"), "b.yaml": of("sg-0b")}, nil, []string{"b.yaml: ", "a.yaml and this are both for sg-0b: keep one of them"}},
		"a name that EC2 wouldn't take":         {map[string]string{"a.yaml": of("name:sg-0a")}, nil, []string{"a.yaml:2:10: groupId: \"sg-0a\" is not a name that EC2 lets a group have"}},
		"a name on two lines":                   {map[string]string{"a.yaml": strings.Replace(of("name:db"), "name:db", "|-\n  name:db", 1)}, nil, []string{"a.yaml:2:10: ", "write it on one line"}},
		"everything at once": {
			map[string]string{"a.yaml": of("name:web", "name:x", "name:y"), "b.yaml": "schema: 1\n", "c.yaml": of("name:db")},
			nil,
			[]string{"a.yaml:2:10: ", "a.yaml:4:42: ", "a.yaml:4:50: ", "b.yaml:1:1: "},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
			for file, text := range c.files {
				write(t, filepath.Join(from, file), text)
			}
			got := runCommand(t, &cfg, "", append([]string{"resolve", from, "--out", out}, c.flags...)...)
			if c.want == nil {
				expect(t, got, 0, "1 file: 1 written")
				expect(t, runCommand(t, &cfg, "", "lint", out), 0)
				return
			}
			expect(t, got, 1, c.want...)
			if _, err := os.Stat(out); !os.IsNotExist(err) {
				t.Errorf("%s is there: %v", out, err)
			}
		})
	}
}

func TestWhereResolvedFilesMayNotGo(t *testing.T) {
	t.Parallel()
	_, cfg := inVPCs(t)
	const db = "schema: 1\ngroupId: name:db\ningress: []\n"
	from := t.TempDir()
	write(t, filepath.Join(from, "db.yaml"), db)
	cases := map[string]struct {
		out  func(t *testing.T, dir string) string // where to, in or beside an empty directory
		want string
	}{
		"nowhere":           {func(*testing.T, string) string { return "" }, "--out DIR"},
		"among the sources": {func(*testing.T, string) string { return from }, "choose another directory"},
		"below the sources": {func(*testing.T, string) string { return filepath.Join(from, "out") }, "choose another directory"},
		"among the sources, by a link": {func(t *testing.T, _ string) string {
			link := filepath.Join(t.TempDir(), "link")
			if err := os.Symlink(from, link); err != nil {
				t.Fatal(err)
			}
			return filepath.Join(link, "out")
		}, "choose another directory"},
		"a file":                    {func(t *testing.T, dir string) string { write(t, dir+"/f", "x"); return dir + "/f" }, "is not a directory"},
		"below a file":              {func(t *testing.T, dir string) string { write(t, dir+"/f", "x"); return dir + "/f/out" }, "not a directory"},
		"among files with names":    {func(t *testing.T, dir string) string { write(t, dir+"/x.yaml", db); return dir }, "repair or remove"},
		"among what is no baseline": {func(t *testing.T, dir string) string { write(t, dir+"/x.yaml", "a: 1"); return dir }, "repair or remove"},
		"onto another group's": {func(t *testing.T, dir string) string {
			write(t, dir+"/db.sg-0b.yaml", "schema: 1\ngroupId: sg-0f\ningress: []\n")
			return dir
		}, "which is the baseline of sg-0f"},
		"beside the same in JSON": {func(t *testing.T, dir string) string {
			write(t, dir+"/x.json", `{"schema":1,"groupId":"sg-0b","ingress":[]}`)
			return dir
		}, "not of the same format"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			out := c.out(t, dir)
			before := contents(t, dir)
			expect(t, runCommand(t, &cfg, "", "resolve", from, "--out", out), 1, c.want)
			if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("a file of any name that is there already is the group's", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		write(t, dir+"/mine.yml", "# version: 4\n"+strings.Replace(db, "name:db", "sg-0b", 1))
		expect(t, runCommand(t, &cfg, "", "resolve", from, "--out", dir), 0, "nothing changed")
	})
}

func TestResolveReportsErrorsOfEC2(t *testing.T) {
	t.Parallel()
	stub, cfg := inVPCs(t)
	from, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	write(t, filepath.Join(from, "db.yaml"), "schema: 1\ngroupId: name:db\ningress: []\n")
	stub.Inject("DescribeSecurityGroups", 1, awsstub.Fault{Error: &awsstub.Error{Code: "UnauthorizedOperation", Message: "not you", Status: 403}})
	expect(t, runCommand(t, &cfg, "", "resolve", from, "--out", out), 1, "describe the security groups", "these credentials may not do that")
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("%s is there: %v", out, err)
	}
}

// TestOneNameInTwoVPCs asks moto, where the stub above only claims what EC2 says.
func TestOneNameInTwoVPCs(t *testing.T) {
	t.Parallel()
	cfg, from := regionConfig(t, "af-south-1"), t.TempDir()
	write(t, filepath.Join(from, "a.yaml"), "schema: 1\ngroupId: name:twice\ningress: []\n")
	client := ec2.NewFromConfig(cfg)
	made := map[string]string{}
	for range 2 {
		vpc, group := makeInNewVPC(t.Context(), t, client, "twice")
		made[vpc] = group
	}
	expect(t, runCommand(t, &cfg, "", "resolve", from, "--out", filepath.Join(t.TempDir(), "out")), 1, `2 groups are called "twice"`)
	for vpc, group := range made {
		expect(t, runCommand(t, &cfg, "", "resolve", from, "--out", filepath.Join(t.TempDir(), "out"), "--vpc-id", vpc), 0, "twice."+group+".yaml")
	}
}

func makeInNewVPC(ctx context.Context, t *testing.T, client *ec2.Client, name string) (vpcID, groupID string) {
	t.Helper()
	vpc, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	if err != nil {
		t.Fatal(err)
	}
	group, err := client.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: &name, Description: &name, VpcId: vpc.Vpc.VpcId})
	if err != nil {
		t.Fatal(err)
	}
	return *vpc.Vpc.VpcId, *group.GroupId
}
