package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

func TestACaptureIsWrittenForPeople(t *testing.T) {
	t.Parallel()
	cfg, dir := motoConfig(t), t.TempDir()
	id := mustMake(t, cfg, "web: front/End", "ingress tcp 443 0.0.0.0/0 # HTTPS", "ingress tcp 443 ::/0 # HTTPS", "ingress tcp 8000-8080 self", "ingress icmp 3/4 10.0.0.0/8", "ingress tcp 22 10.0.0.0/8 # yes")
	got := runCommand(t, &cfg, "", "capture", "--tag", "called=web: front/End", "--out", dir, "--prefix", prefixOf(t))
	name := filepath.Join(dir, "web-front-End."+id+".yaml")
	expect(t, got, 0)
	if diff := cmp.Diff("wrote "+name+": 6 rules\n1 group: 1 written, 0 unchanged, 0 failed\n", got.out); diff != "" {
		t.Error(diff)
	}
	want := `schema: 1
groupId: GROUP
groupName: 'web: front/End'
ingress:
  - protocol: icmp
    ports: "3/4"
    sources: [10.0.0.0/8]
  - protocol: tcp
    ports: "22"
    sources: [10.0.0.0/8]
    description: yes
  - protocol: tcp
    ports: "443"
    sources: [0.0.0.0/0, '::/0']
    description: HTTPS
  - protocol: tcp
    ports: "8000-8080"
    sources: [self]
egress:
  - protocol: all
    destinations: [0.0.0.0/0]
`
	if diff := cmp.Diff(map[string]string{filepath.Base(name): strings.ReplaceAll(want, "GROUP", id)}, contents(t, dir)); diff != "" {
		t.Error(diff)
	}
}

func TestACaptureKeepsWhatLiveRulesDoNotSay(t *testing.T) {
	t.Parallel()
	cfg, dir := motoConfig(t), t.TempDir()
	id := mustMake(t, cfg, "kept", "ingress tcp 22 203.0.113.7/32", "ingress tcp 443 10.0.0.0/8", "ingress tcp 80 10.0.0.0/8 # in EC2", "ingress tcp 25 10.0.0.0/8")
	name := filepath.Join(dir, "my-own-name.yml")
	mine := strings.ReplaceAll(`# a comment
schema: 1
groupId: GROUP
mode: alert
match: exact
restore: true
graceMinutes: 30
ingress:
  - {protocol: tcp, ports: "443", sources: [10.0.0.0/8], description: internal TLS}
  - {protocol: tcp, ports: "80", sources: [10.0.0.0/8], description: in the file}
egress: []
exceptions:
  - {direction: ingress, protocol: tcp, ports: "22", sources: [203.0.113.7/32], expires: 2026-12-01T09:00:00Z, reason: INC-1, approvedBy: ana}
  - {direction: ingress, protocol: tcp, ports: "25", sources: [10.0.0.0/8], expires: 2026-01-01T09:00:00Z, reason: over}
`, "GROUP", id)
	write(t, name, mine)
	capture := func() ran {
		return runCommand(t, &cfg, "", "capture", "--group-id", id, "--out", dir, "--prefix", prefixOf(t))
	}
	expect(t, capture(), 0, "1 written", "ingress tcp 22 203.0.113.7/32 stays an exception and is not made permanent",
		"ingress tcp 25 10.0.0.0/8 is left out: its exception until 2026-01-01T09:00:00Z (over) has expired")
	want := strings.ReplaceAll(`schema: 1
groupId: GROUP
groupName: kept
mode: alert
match: exact
restore: true
graceMinutes: 30
ingress:
  - protocol: tcp
    ports: "80"
    sources: [10.0.0.0/8]
    description: in EC2
  - protocol: tcp
    ports: "443"
    sources: [10.0.0.0/8]
    description: internal TLS
egress:
  - protocol: all
    destinations: [0.0.0.0/0]
exceptions:
  - direction: ingress
    protocol: tcp
    ports: "22"
    sources: [203.0.113.7/32]
    expires: 2026-12-01T09:00:00Z
    reason: INC-1
    approvedBy: ana
  - direction: ingress
    protocol: tcp
    ports: "25"
    sources: [10.0.0.0/8]
    expires: 2026-01-01T09:00:00Z
    reason: over
`, "GROUP", id)
	if diff := cmp.Diff(map[string]string{"my-own-name.yml": want}, contents(t, dir)); diff != "" {
		t.Error(diff)
	}
	expect(t, capture(), 0, "0 written, 1 unchanged")

	kept := strings.Replace(want, "ingress:\n", "ingress:\n  - protocol: tcp\n    ports: \"25\"\n    sources: [10.0.0.0/8]\n", 1)
	write(t, name, kept)
	if got := capture(); strings.Contains(got.out, "left out") {
		t.Errorf("what the file permits for good is left out: %s", got.out)
	}
	if diff := cmp.Diff(kept, contents(t, dir)["my-own-name.yml"]); diff != "" {
		t.Error(diff)
	}
}

func TestACaptureKeepsTheLineEndsOfWindows(t *testing.T) {
	t.Parallel()
	cfg, dir := motoConfig(t), t.TempDir()
	id := mustMake(t, cfg, "windows", "ingress tcp 443 10.0.0.0/8")
	capture := func() ran {
		return runCommand(t, &cfg, "", "capture", "--group-id", id, "--out", dir, "--prefix", prefixOf(t))
	}
	expect(t, capture(), 0, "1 written")
	name := "windows." + id + ".yaml"
	windows := "\ufeff" + strings.ReplaceAll(contents(t, dir)[name], "\n", "\r\n")
	write(t, filepath.Join(dir, name), windows)
	expect(t, capture(), 0, "0 written, 1 unchanged")
	write(t, filepath.Join(dir, name), strings.Replace(windows, "10.0.0.0/8", "10.0.0.0/9", 1))
	expect(t, capture(), 0, "1 written")
	if diff := cmp.Diff(windows, contents(t, dir)[name]); diff != "" {
		t.Error(diff)
	}
}

func TestACaptureGuardsBothDirectionsAndSaysSoWhereOneWasNot(t *testing.T) {
	t.Parallel()
	cfg, dir := motoConfig(t), t.TempDir()
	id := mustMake(t, cfg, "half", "ingress tcp 443 10.0.0.0/8")
	name := filepath.Join(dir, "half.yaml")
	write(t, name, "schema: 1\ngroupId: "+id+"\ningress: []\n")
	capture := func() ran {
		return runCommand(t, &cfg, "", "capture", "--group-id", id, "--out", dir, "--prefix", prefixOf(t))
	}
	const note = "egress was not guarded, and is now: remove the egress list to leave rules of that direction alone"
	got := capture()
	expect(t, got, 0, "1 written", "note: "+id+": "+note)
	if strings.Contains(got.out, "ingress was not guarded") || !strings.Contains(contents(t, dir)["half.yaml"], "\negress:\n") {
		t.Errorf("%s\n%s", got.out, contents(t, dir)["half.yaml"])
	}
	if again := capture(); strings.Contains(again.out, "note:") || again.status != 0 {
		t.Errorf("a second time: %+v", again)
	}
}

func TestACaptureKeepsTheSettingsOfAFileAndSaysWhereParameterStoreHasOthers(t *testing.T) {
	t.Parallel()
	cfg, dir, prefix := motoConfig(t), t.TempDir(), prefixOf(t)
	id := mustMake(t, cfg, "shared", "ingress tcp 443 10.0.0.0/8")
	do := func(args ...string) ran { return runCommand(t, &cfg, "", append(args, "--prefix", prefix)...) }
	capture := func(dir string) ran { return do("capture", "--group-id", id, "--out", dir) }
	expect(t, capture(dir), 0)
	expect(t, do("push", dir, "--yes"), 0, "1 written")
	if got := capture(dir); got.status != 0 || strings.Contains(got.out, "note:") || !strings.Contains(got.out, "0 written, 1 unchanged") {
		t.Errorf("the same settings: %+v", got)
	}

	other := t.TempDir()
	expect(t, capture(other), 0)
	file := filepath.Join(other, "shared."+id+".yaml")
	write(t, file, strings.Replace(contents(t, other)[filepath.Base(file)], "ingress:", "mode: alert\ningress:", 1)+
		"exceptions:\n  - {direction: ingress, protocol: tcp, ports: \"22\", sources: [203.0.113.7/32], expires: 2099-12-01T09:00:00Z, reason: INC-1}\n")
	expect(t, do("push", other, "--yes"), 0, "~ mode: enforce -> alert", "version 2")

	mine := filepath.Join(dir, "shared."+id+".yaml")
	before := contents(t, dir)
	expect(t, capture(dir), 0, "0 written, 1 unchanged", "note: "+id+": "+mine+" keeps its settings and exceptions, and version 2 in Parameter Store has others (~ mode: enforce -> alert; "+
		"+ ingress tcp 22 203.0.113.7/32  # exception until 2099-12-01T09:00:00Z (INC-1)): to take those into the file, run baseline pull "+mine)
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Error(diff)
	}
	captured := t.TempDir()
	expect(t, capture(captured), 0, "1 written")
	if got := contents(t, captured)["shared."+id+".yaml"]; !strings.Contains(got, "mode: alert\n") || !strings.Contains(got, "INC-1") {
		t.Errorf("without a file, the settings are not those of Parameter Store: %s", got)
	}
}

func TestWhatCannotBeCapturedIsReportedAndTheRestIsWritten(t *testing.T) {
	t.Parallel()
	group := func(id, name string) types.SecurityGroup { return types.SecurityGroup{GroupId: &id, GroupName: &name} }
	rules := map[string][]types.SecurityGroupRule{
		"sg-0a": {{SecurityGroupRuleId: aws.String("sgr-1"), IpProtocol: aws.String("tcp"), CidrIpv4: aws.String("10.0.0.0/8")}},
		"sg-0b": {{SecurityGroupRuleId: aws.String("sgr-2"), IpProtocol: aws.String("-1"), CidrIpv4: aws.String("10.0.0.0/8")}},
		"sg-0c": {{SecurityGroupRuleId: aws.String("sgr-3"), IpProtocol: aws.String("-1"), CidrIpv6: aws.String("::ffff:10.0.0.0/104")}},
	}
	stub := awsstub.New(0, map[string]awsstub.Handler{
		"DescribeSecurityGroups": func(awsstub.Request) (any, error) {
			return awsstub.GroupsAnswer{Groups: []types.SecurityGroup{group("sg-0a", "odd"), group("sg-0b", "fine"), group("sg-0c", "mapped")}}, nil
		},
		"DescribeSecurityGroupRules": func(r awsstub.Request) (any, error) {
			return awsstub.RulesAnswer{Rules: rules[r.Form.Get("Filter.1.Value.1")]}, nil
		},
		"GetParameters":       func(awsstub.Request) (any, error) { return awsstub.ParametersAnswer{}, nil },
		"GetParametersByPath": func(awsstub.Request) (any, error) { return awsstub.HistoryAnswer{}, nil },
	})
	t.Cleanup(stub.Close)
	cfg, dir := stub.Config(), t.TempDir()
	args := []string{"capture", "--group-id", "sg-0a,sg-0b", "--group-id", "sg-0c", "--group-id", "sg-0dead", "--out", dir}
	got := runCommand(t, &cfg, "", args...)
	expect(t, got, 1, "4 groups: 1 written, 0 unchanged, 3 failed",
		"sg-0dead: there is no such group in this account and region",
		"sg-0a: rule sgr-1 (ingress tcp ?-? 10.0.0.0/8) can't be put into a baseline: a tcp rule without a port range",
		"sg-0c: its rules can't be put into a baseline: ingress[0].sources[0]: ::ffff:10.0.0.0/104 is an IPv4-mapped IPv6 prefix")
	if files := contents(t, dir); len(files) != 1 || files["fine.sg-0b.yaml"] == "" {
		t.Errorf("wrote %v", files)
	}
	expect(t, runCommand(t, &cfg, "", append(args, "--output", "json")...), 1, `"error": "there is no such group`, `"changed": false`)

	stub.Inject("DescribeSecurityGroupRules", 1, awsstub.Fault{Error: &awsstub.Error{Code: "UnauthorizedOperation", Message: "not you", Status: 403}})
	expect(t, runCommand(t, &cfg, "", args...), 1, "describe the rules of sg-0", "these credentials may not do that")
}

func TestACaptureRefusesWhatIsUnclear(t *testing.T) {
	t.Parallel()
	broken := t.TempDir()
	write(t, filepath.Join(broken, "notes.yaml"), "hello: world\n")
	cases := map[string]struct {
		args []string
		want string
	}{
		"no kind of selection":           {[]string{"--out", "x"}, "exactly one of"},
		"two kinds of selection":         {[]string{"--all", "--vpc-id", "vpc-1", "--out", "x"}, "exactly one of"},
		"no directory":                   {[]string{"--all"}, "--out DIR"},
		"a VPC from an unset variable":   {[]string{"--vpc-id", "", "--out", "x"}, "--vpc-id is empty"},
		"a group from an unset variable": {[]string{"--group-id", "", "--out", "x"}, "--group-id is empty"},
		"a name instead of an id":        {[]string{"--group-id", "web", "--out", "x"}, `"web" is not the id of a security group`},
		"a tag without a value":          {[]string{"--tag", "env", "--out", "x"}, "want KEY=VALUE"},
		"not all":                        {[]string{"--all=false", "--out", "x"}, "selects nothing"},
		"a directory with other YAML":    {[]string{"--all", "--out", broken}, "notes.yaml:1:8: hello: unknown field"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, runCommand(t, &aws.Config{}, "", append([]string{"capture"}, c.args...)...), 1, c.want)
		})
	}
	cfg := motoConfig(t)
	expect(t, runCommand(t, &cfg, "", "capture", "--vpc-id", "vpc-0none", "--out", t.TempDir()), 1, "no security group was found")
}

func TestNamesOfFilesAreFitForAnyFileSystem(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"web":                    "web.sg-1.yaml",
		"":                       "sg-1.yaml",
		"../../etc/passwd":       "etc-passwd.sg-1.yaml",
		"Grüße an alle":          "Gr-e-an-alle.sg-1.yaml",
		"///":                    "sg-1.yaml",
		strings.Repeat("x", 255): strings.Repeat("x", 100) + ".sg-1.yaml",
	} {
		if got := basefile.NameFor(secgroup.Group{ID: "sg-1", Name: name}); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
