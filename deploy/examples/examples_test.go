// Package examples_test builds every example on the local AWS with its own script, approves its baselines, and tries what
// its attacks.txt says.
package examples_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/reference"
)

// unguarded stands in for a group that an AWS service manages: it has no baseline.
const unguarded = "efs-mount"

// designs are the examples.
var designs = []struct {
	name       string   // of the folder
	lint       int      // lint's exit status
	defaultVPC bool     // rather than one that groups.sh gets as an argument
	others     []string // groups that its script doesn't make
	isPromoted bool     // whether some of its baselines are made of others
}{
	{name: "fargate"},
	{name: "three-tiers", lint: 2},
	{name: "endpoints", lint: 2},
	{name: "traffic", lint: 2, defaultVPC: true},
	{name: "whitelist", others: []string{unguarded}, isPromoted: true},
}

func TestEveryIntrusionIsRevertedAndReportedAndEveryPermittedChangeStays(t *testing.T) {
	t.Parallel()
	for _, design := range designs {
		t.Run(design.name, func(t *testing.T) {
			t.Parallel()
			folder := "deploy/examples/" + design.name // from the root, where programs run
			lint := execute(t, command, "lint", folder)
			if diff := cmp.Diff(read(t, design.name+"/lint.txt"), lint.out); diff != "" || lint.status != design.lint {
				t.Errorf("lint's exit status %d, output (-want +got):\n%s", lint.status, diff)
			}
			s := build(t, folder, design.defaultVPC, design.others...)
			resolved := filepath.Join(t.TempDir(), "baselines")
			execute(t, command, "resolve", folder, "--vpc-id", s.vpcID, "--out", resolved).expect(t, 0)
			if design.isPromoted {
				s.promote(t, resolved)
			}
			s.guard(t, resolved)
			s.attack(t, readAttacks(t, design.name+"/attacks.txt"))
			waitUntilStable(t)
			s.live(t)
			s.alerts(t)
		})
	}
}

// build makes the example's groups with its script, and others beside them.
func build(t *testing.T, folder string, inDefaultVPC bool, others ...string) *site {
	t.Helper()
	s := &site{folder: folder, rules: map[string][]string{}}
	script := []string{folder + "/groups.sh"}
	if inDefaultVPC {
		s.vpcID = defaultVPC(t)
	} else {
		s.vpcID = newVPC(t)
		script = append(script, "--vpc-id", s.vpcID)
	}
	made := execute(t, "bash", script...)
	made.expect(t, 0, "groups are in "+s.vpcID)
	s.ids = groupsOf(t, s.vpcID)
	var names []string
	for name, id := range s.ids {
		if !strings.Contains(made.out, name+" is "+id) {
			t.Errorf("the script doesn't report %s: %s", name, made.out)
		}
		names = append(names, name)
	}
	execute(t, "bash", script...).expect(t, 1, append(names, "nothing was made", "already")...)
	for _, name := range others {
		newGroup(t, s.vpcID, name)
		s.rules[name] = []string{"egress all all 0.0.0.0/0"}
	}
	if again := groupsOf(t, s.vpcID); len(again) != len(s.ids)+len(others) {
		t.Errorf("the script's second run made groups: %v", again)
	}
	s.ids = groupsOf(t, s.vpcID)
	return s
}

// guard approves baselines, which have to be what the script made, and waits until sgwarden knows them.
func (s *site) guard(t *testing.T, resolved string) {
	t.Helper()
	waitUntilStable(t) // else events of the script are judged by the baselines
	execute(t, command, "push", resolved, "--yes").expect(t, 0)
	execute(t, command, "diff", resolved).expect(t, 0)
	execute(t, command, "diff", resolved, "--live").expect(t, 0)
	s.approved(t, resolved)
	waitUntilStable(t) // else the change of a baseline may be what finds an intrusion
	s.live(t)
	s.alerts(t)
}

// promote makes production's baselines of staging's as they are resolved, and has nothing of staging left in them.
func (s *site) promote(t *testing.T, resolved string) {
	t.Helper()
	dir := t.TempDir()
	staging, promoted := filepath.Join(dir, "staging"), filepath.Join(dir, "promoted")
	execute(t, command, "resolve", s.folder+"/staging", "--vpc-id", s.vpcID, "--out", staging).expect(t, 0)
	execute(t, command, "clone", "--from", staging, "--map", s.folder+"/production.map", "--out", promoted).expect(t, 0)
	execute(t, command, "lint", promoted).expect(t, 0)
	execute(t, command, "resolve", promoted, "--vpc-id", s.vpcID, "--out", resolved).expect(t, 0)
	var of []string
	for _, name := range filesIn(t, resolved) {
		text := read(t, name)
		if !strings.Contains(text, "groupName: production-") {
			continue
		}
		of = append(of, filepath.Base(name))
		for _, foreign := range []string{"staging", s.ids["staging-web"], s.ids["staging-db"]} {
			if strings.Contains(text, foreign) {
				t.Errorf("%s has something of staging, %s:\n%s", name, foreign, text)
			}
		}
	}
	want := []string{"production-db." + s.ids["production-db"] + ".yaml", "production-web." + s.ids["production-web"] + ".yaml"}
	if !slices.Equal(of, want) {
		t.Errorf("production has %v, want %v", of, want)
	}
}

func TestTheDemoHasTheGroupsThatTheExampleApproves(t *testing.T) {
	t.Parallel()
	s := &site{vpcID: newVPC(t), rules: map[string][]string{}}
	groups, err := reference.Create(t.Context(), admin, s.vpcID)
	if err != nil {
		t.Fatal(err)
	}
	s.ids = groupsOf(t, s.vpcID)
	resolved := filepath.Join(t.TempDir(), "baselines")
	execute(t, command, "resolve", "deploy/examples/fargate", "--vpc-id", s.vpcID, "--out", resolved).expect(t, 0)
	s.approved(t, resolved)
	s.live(t)
	for _, group := range groups {
		if diff := cmp.Diff(slices.Sorted(slices.Values(s.rules[group.Name])), group.Rules()); diff != "" {
			t.Errorf("rules of %s (-file +demo):\n%s", group.Name, diff)
		}
	}
}
