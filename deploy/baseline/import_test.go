package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

const stateOfTwo = `{"format_version": "1.0", "values": {"root_module": {"resources": [
  {"address": "aws_security_group.web", "mode": "managed", "type": "aws_security_group", "values": {"id": "sg-0a1b2c3d4e5f60718", "name": "web", "egress": [], "ingress": [
    {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.0.0/8"], "description": "TLS", "self": true}]}},
  {"address": "aws_security_group.db", "mode": "managed", "type": "aws_security_group", "values": {"id": "sg-0b1b2c3d4e5f60718", "name": "data base", "egress": [], "ingress": []}},
  {"address": "aws_security_group_rule.db", "mode": "managed", "type": "aws_security_group_rule", "values": {"security_group_id": "sg-0b1b2c3d4e5f60718",
    "type": "ingress", "protocol": "tcp", "from_port": 5432, "to_port": 5432, "source_security_group_id": "sg-0a1b2c3d4e5f60718"}}]}}}`

func TestImportTerraformWritesAFileForEachGroup(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "baselines")
	got := runCommand(t, nil, stateOfTwo, "import", "terraform", "-", "--out", dir)
	want := "wrote DIR/web.sg-0a1b2c3d4e5f60718.yaml: 2 rules of aws_security_group.web\n" +
		"wrote DIR/data-base.sg-0b1b2c3d4e5f60718.yaml: 1 rule of aws_security_group.db\n" +
		"2 groups: 2 written, 0 unchanged, 0 failed; 0 unresolved\n"
	if diff := cmp.Diff(ran{want, "", 0}, ran{strings.ReplaceAll(got.out, dir, "DIR"), got.errs, got.status}, cmp.AllowUnexported(ran{})); diff != "" {
		t.Error(diff)
	}
	data, err := os.ReadFile(filepath.Join(dir, "web.sg-0a1b2c3d4e5f60718.yaml"))
	wantFile := `schema: 1
groupId: sg-0a1b2c3d4e5f60718
groupName: web
ingress:
  - protocol: tcp
    ports: "443"
    sources: [10.0.0.0/8, self]
    description: TLS
egress: []
`
	if diff := cmp.Diff(wantFile, string(data)); err != nil || diff != "" {
		t.Errorf("%v: %s", err, diff)
	}
	again := runCommand(t, nil, stateOfTwo, "import", "terraform", "-", "--out", dir)
	if again.out != "2 groups: 0 written, 2 unchanged, 0 failed; 0 unresolved\n" || again.status != 0 {
		t.Errorf("a second time: %+v", again)
	}
}

func TestImportKeepsWhatCodeDoesNotSay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "mine.yaml")
	write(t, name, `# version: 7
schema: 1
groupId: sg-0a1b2c3d4e5f60718
mode: alert
restore: true
ingress: []
egress: []
exceptions:
  - {direction: ingress, protocol: tcp, ports: "22", sources: [203.0.113.7/32], expires: 2026-12-01T09:00:00Z, reason: INC-1, approvedBy: ana}
`)
	if got := runCommand(t, nil, stateOfTwo, "import", "terraform", "-", "--out", dir); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	f := basefile.ReadOne(name)
	if f.Problem != nil {
		t.Fatal(f.Problem)
	}
	if f.Version != 0 || f.Doc.Mode != baseline.Alert || !f.Doc.Restore || len(f.Doc.Exceptions) != 1 || len(f.Doc.PermanentRules()) != 2 {
		t.Errorf("%d %+v", f.Version, f.Doc)
	}
}

func TestImportSaysThatADirectionBecomesGuarded(t *testing.T) {
	t.Parallel()
	const note = "note: sg-0a1b2c3d4e5f60718: egress was not guarded, and is now: remove the egress list to leave rules of that direction alone\n"
	for lists, noted := range map[string]bool{"ingress: []\n": true, "ingress: []\negress: []\n": false} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "mine.yaml"), "schema: 1\ngroupId: sg-0a1b2c3d4e5f60718\n"+lists)
		got := runCommand(t, nil, stateOfTwo, "import", "terraform", "-", "--out", dir)
		if strings.Contains(got.out, note) != noted || strings.Contains(got.out, "note:") != noted || got.status != 0 {
			t.Errorf("%q: %+v", lists, got)
		}
		if f := basefile.ReadOne(filepath.Join(dir, "mine.yaml")); f.Problem != nil || len(compare.Unguarded(f.Doc)) > 0 {
			t.Errorf("%q: %+v", lists, f)
		}
	}
}

func TestImportListsWhatItDoesNotWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	before := `{"schema":1,"groupId":"sg-0c00000000000000b","ingress":[],"egress":[]}`
	old := filepath.Join(dir, "jobs.json")
	write(t, old, before)
	got := runCommand(t, nil, "", "import", "terraform", "terraform/testdata/plan-change.json", "--out", dir)
	golden, err := os.ReadFile("testdata/import-plan.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), strings.ReplaceAll(got.out, dir, "DIR")); diff != "" || got.status != 2 || got.errs != "" {
		t.Errorf("status %d, %q: %s", got.status, got.errs, diff)
	}
	if data, err := os.ReadFile(old); err != nil || string(data) != before {
		t.Errorf("the file of the group that can't be known: %v, %s", err, data)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 3 {
		t.Errorf("%v, %v", files, err)
	}
}

func TestImportForMachines(t *testing.T) {
	t.Parallel()
	got := runCommand(t, nil, "", "import", "terraform", "terraform/testdata/plan-change.json", "--out", t.TempDir(), "--output", "json")
	var answer struct {
		Groups []struct {
			GroupID, GroupName, Address, File string
			Rules                             int
			Changed                           bool
		}
		Unresolved []struct {
			Address, GroupID, Reason string
			Withheld                 bool
		}
	}
	if err := json.Unmarshal([]byte(got.out), &answer); err != nil || got.status != 2 {
		t.Fatalf("%v: %+v", err, got)
	}
	if len(answer.Groups) != 2 || answer.Groups[0].GroupID != "sg-0c00000000000000a" || answer.Groups[0].Rules != 3 || !answer.Groups[0].Changed {
		t.Errorf("%+v", answer.Groups)
	}
	if len(answer.Unresolved) != 4 || !answer.Unresolved[2].Withheld || answer.Unresolved[2].GroupID != "sg-0c00000000000000b" {
		t.Errorf("%+v", answer.Unresolved)
	}
	valid := runCommand(t, nil, stateOfTwo, "import", "terraform", "-", "--out", t.TempDir(), "--output", "json")
	if !strings.Contains(valid.out, `"unresolved": []`) || valid.status != 0 {
		t.Errorf("%+v", valid)
	}
}

func TestImportFailsClearly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.Mkdir(broken, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(broken, "x.yaml"), "schema: 1\n")
	mapped := strings.Replace(stateOfTwo, "10.0.0.0/8", "::ffff:10.0.0.0/104", 1)
	cases := map[string]struct {
		in   string
		args []string
		want string
	}{
		"no source":                   {"", []string{"--out", dir}, "say what to import: terraform FILE or cloudformation STACK"},
		"a source that there isn't":   {"", []string{"pulumi", "x", "--out", dir}, "pulumi"},
		"no directory":                {stateOfTwo, []string{"terraform", "-"}, "say where to write the files: --out DIR"},
		"no file":                     {"", []string{"terraform", filepath.Join(dir, "none.json"), "--out", dir}, "no such file"},
		"not a state":                 {"{}", []string{"terraform", "-", "--out", dir}, "no format_version"},
		"a state without groups":      {`{"format_version": "1.0", "values": {}}`, []string{"terraform", "-", "--out", dir}, "has no security groups: nothing was written"},
		"a directory with a bad file": {stateOfTwo, []string{"terraform", "-", "--out", broken}, "x.yaml"},
		"a rule that no baseline can say": {
			mapped, []string{"terraform", "-", "--out", t.TempDir()}, "sg-0a1b2c3d4e5f60718 (aws_security_group.web): its rules can't be put into a baseline",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, nil, c.in, append([]string{"import"}, c.args...)...)
			if got.status != 1 || !strings.Contains(got.errs, c.want) {
				t.Errorf("want %q: %+v", c.want, got)
			}
		})
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("something was written: %v, %v", files, err)
	}
}
