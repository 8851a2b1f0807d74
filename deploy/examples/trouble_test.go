package examples_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAScriptThatFailsMidwayTakesBackWhatItMade(t *testing.T) {
	t.Parallel()
	vpcID, bin := newVPC(t), t.TempDir()
	newGroup(t, vpcID, "bystander")
	before := groupsOf(t, vpcID)
	// By then all four groups are there, and the rules of two name each other.
	const failing = `#!/usr/bin/env bash
if [[ $* == *authorize-security-group-egress*27017* ]]; then echo 'An error occurred (RulesPerSecurityGroupLimitExceeded)' >&2; exit 254; fi
PATH=${PATH#*:} exec aws "$@"
`
	if err := os.WriteFile(filepath.Join(bin, "aws"), []byte(failing), 0o755); err != nil {
		t.Fatal(err)
	}
	execute(t, "env", "PATH="+bin+":"+os.Getenv("PATH"), "bash", "deploy/examples/endpoints/groups.sh", "--vpc-id", vpcID).expect(t, 1,
		"vpc-endpoints is sg-", "groups.sh: cannot run aws ec2 authorize-security-group-egress --group-id sg-",
		"RulesPerSecurityGroupLimitExceeded", "taking back the groups that were made: sg-")
	if diff := cmp.Diff(before, groupsOf(t, vpcID)); diff != "" {
		t.Errorf("groups (-before +after):\n%s", diff)
	}
}

func TestAScriptSaysWhatItDoesAndWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, design := range designs {
		t.Run(design.name, func(t *testing.T) {
			t.Parallel()
			script := "deploy/examples/" + design.name + "/groups.sh"
			execute(t, "bash", script, "--help").expect(t, 0, "Usage: "+script+" [--vpc-id ID]\n\nMakes ", "groups", "--vpc-id ID   the VPC")
			execute(t, "bash", script, "--vpc").expect(t, 1, "groups.sh: unknown argument '--vpc'; see --help")
			execute(t, "bash", script, "--vpc-id", "").expect(t, 1, "--vpc-id wants the id of a VPC")
			execute(t, "bash", script, "--vpc-id").expect(t, 1, "--vpc-id wants the id of a VPC")
		})
	}
}

func TestNamesThatAreMissingOrUnclearAreNotResolved(t *testing.T) {
	t.Parallel()
	one, other, empty := newVPC(t), newVPC(t), newVPC(t)
	for _, name := range []string{"alb", "ecs", "postgres"} {
		newGroup(t, one, name)
	}
	newGroup(t, other, "alb")
	cases := map[string]struct {
		flags []string
		want  []string // nil: it is resolved
	}{
		"one VPC":                   {[]string{"--vpc-id", one}, nil},
		"a name that two VPCs have": {nil, []string{`alb.yaml:3:10: groupId: `, `groups are called "alb"`, one, other, "--vpc-id"}},
		"a group of another VPC":    {[]string{"--vpc-id", other}, []string{"postgres.yaml:4:10: groupId: no group of " + other + ` is called "postgres"; elsewhere there is`}},
		"no group at all":           {[]string{"--vpc-id", empty}, []string{"no group of " + empty + ` is called "alb"`, `is called "ecs"`}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "out")
			got := execute(t, command, append([]string{"resolve", "deploy/examples/three-tiers", "--out", out}, c.flags...)...)
			if c.want == nil {
				got.expect(t, 0, "3 files: 3 written")
				return
			}
			got.expect(t, 1, append(c.want, "nothing was written")...)
			isAbsent(t, out)
		})
	}
}

func TestStagingIsNotPromotedByAMapThatIsWrong(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, want string }{ // says nothing: it is promoted
		"a group each":            {"name:staging-web: name:a\nname:staging-db: name:b\n", ""},
		"two names for one group": {"name:staging-web: name:a\nname:staging-db: name:a\n", "name:staging-web and name:staging-db can't both become name:a"},
		"a group is left out":     {"name:staging-web: name:a\n", "name:staging-db is not in "},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			table, out := filepath.Join(dir, "production.map"), filepath.Join(dir, "out")
			if err := os.WriteFile(table, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			got := execute(t, command, "clone", "--from", "deploy/examples/whitelist/staging", "--map", table, "--out", out)
			if c.want == "" {
				got.expect(t, 0, "2 written")
				return
			}
			got.expect(t, 1, "nothing was written", c.want)
			isAbsent(t, out)
		})
	}
}

func isAbsent(t *testing.T, name string) {
	t.Helper()
	if _, err := os.Stat(name); !os.IsNotExist(err) {
		t.Errorf("%s is there: %v", name, err)
	}
}
