package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// TestCaptureOfAPrefixListIsWrittenForPeople captures a list on the local AWS, twice.
func TestCaptureOfAPrefixListIsWrittenForPeople(t *testing.T) {
	t.Parallel()
	cfg, dir := motoConfig(t), t.TempDir()
	id, err := makeList(t.Context(), cfg, "our: offices", "20.0.0.0/24", "10.0.0.0/8 # head office")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "my-own-name.yml")
	write(t, name, "# a comment\nschema: 1\nprefixListId: "+id+"\nrestore: true\ngraceMinutes: 30\nentries:\n  - {cidr: 20.0.0.0/24, description: in the file}\n")
	capture := func() ran {
		return runCommand(t, &cfg, "", "capture", id, "--out", dir, "--prefix", prefixOf(t))
	}
	expect(t, capture(), 0, "wrote "+name+": 2 entries", "1 prefix list: 1 written, 0 unchanged, 0 failed")
	want := `schema: 1
prefixListId: ID
prefixListName: 'our: offices'
restore: true
graceMinutes: 30
entries:
  - {cidr: 10.0.0.0/8, description: head office}
  - {cidr: 20.0.0.0/24, description: in the file}
`
	if diff := cmp.Diff(map[string]string{"my-own-name.yml": strings.ReplaceAll(want, "ID", id)}, contents(t, dir)); diff != "" {
		t.Error(diff)
	}
	expect(t, capture(), 0, "1 prefix list: 0 written, 1 unchanged, 0 failed")
}

// TestListsThatSgwardenCannotChange captures and plans lists of owners and states that
// the local AWS doesn't have.
func TestListsThatSgwardenCannotChange(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		list types.ManagedPrefixList
		mode string // that capture writes; empty: capture refuses the list
		want string
	}{
		"of this account":       {types.ManagedPrefixList{OwnerId: aws.String(stubAccount)}, "enforce", "wrote"},
		"of another account":    {types.ManagedPrefixList{OwnerId: aws.String("444455556666")}, "alert", "the prefix list belongs to account 444455556666: sgwarden tells of changes and can't undo them, so the mode is alert"},
		"filled by IPAM":        {types.ManagedPrefixList{OwnerId: aws.String(stubAccount), IpamPrefixListResolverTargetId: aws.String("x")}, "alert", "IPAM writes the entries of this prefix list: sgwarden tells of changes"},
		"of AWS":                {types.ManagedPrefixList{OwnerId: aws.String("AWS")}, "", "AWS manages the prefix list pl-0a"},
		"that is being changed": {types.ManagedPrefixList{OwnerId: aws.String(stubAccount), State: types.PrefixListStateModifyInProgress}, "", "is being changed (its state is modify-in-progress)"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			cfg := listStub(t, c.list)
			got := runCommand(t, &cfg, "", "capture", "pl-0a", "--out", dir)
			files := contents(t, dir)
			if c.mode == "" {
				expect(t, got, 1, c.want)
				if len(files) > 0 {
					t.Errorf("it wrote %v", files)
				}
				return
			}
			expect(t, got, 0, c.want)
			if isAlert := strings.Contains(files["offices.pl-0a.yaml"], "mode: alert"); isAlert != (c.mode == "alert") {
				t.Errorf("got %s", files["offices.pl-0a.yaml"])
			}
			file := filepath.Join(dir, "offices.pl-0a.yaml")
			write(t, file, "schema: 1\nprefixListId: pl-0a\nentries: []\n")
			plan := runCommand(t, &cfg, "", "plan", file)
			if c.mode == "alert" {
				expect(t, plan, 2, "only reported         entry 0.0.0.0/0", "so write mode: alert", "no live rule will be revoked")
			} else {
				expect(t, plan, 2, "removed at once       entry 0.0.0.0/0", "1 live entry will be removed")
			}
		})
	}
}

// TestAListThatIsBeingChangedStopsNoOtherPlan: the plan names that list, and reports the
// others what a push would do.
func TestAListThatIsBeingChangedStopsNoOtherPlan(t *testing.T) {
	t.Parallel()
	for state, changing := range map[types.PrefixListState]bool{types.PrefixListStateModifyInProgress: true, types.PrefixListStateModifyComplete: false} {
		var lists []types.ManagedPrefixList
		dir := t.TempDir()
		for i := range 20 {
			id, own := fmt.Sprintf("pl-%02d", i), types.PrefixListStateModifyComplete
			if i == 3 {
				own = state
			}
			lists = append(lists, types.ManagedPrefixList{PrefixListId: &id, PrefixListName: &id, Version: aws.Int64(1), OwnerId: aws.String(stubAccount), State: own})
			write(t, filepath.Join(dir, id+".yaml"), "schema: 1\nprefixListId: "+id+"\nentries: []\n")
		}
		cfg := listsStub(t, lists)
		plan := runCommand(t, &cfg, "", "plan", dir)
		push := runCommand(t, &cfg, "", "push", dir, "--yes", "--revoke-live", "20")
		if !changing {
			expect(t, plan, 2, "pl-03", "20 live entries will be removed")
			expect(t, push, 0, "20 written")
			continue
		}
		expect(t, plan, 1, "pl-03.yaml: the prefix list pl-03 is being changed (its state is modify-in-progress)", "pl-19.yaml")
		if n := strings.Count(plan.out, "removed at once"); n != 19 {
			t.Errorf("it reports %d lists", n)
		}
		expect(t, push, 1, "nothing was written", "pl-03.yaml: the prefix list pl-03 is being changed")
	}
}

// stubAccount is whose credentials the stub says are in use.
const stubAccount = "123456789012"

// listStub answers for an account with one prefix list, pl-0a, which holds the world, and
// with no documents.
func listStub(t *testing.T, l types.ManagedPrefixList) aws.Config {
	t.Helper()
	l.PrefixListId, l.PrefixListName, l.Version = aws.String("pl-0a"), aws.String("offices"), aws.Int64(1)
	if l.State == "" {
		l.State = types.PrefixListStateCreateComplete
	}
	return listsStub(t, []types.ManagedPrefixList{l})
}

// listsStub is listStub with lists of the test's.
func listsStub(t *testing.T, lists []types.ManagedPrefixList) aws.Config {
	t.Helper()
	stub := awsstub.New(0, map[string]awsstub.Handler{
		"GetParameters":       func(awsstub.Request) (any, error) { return awsstub.ParametersAnswer{}, nil },
		"GetParametersByPath": func(awsstub.Request) (any, error) { return awsstub.ParametersAnswer{}, nil },
		"PutParameter":        func(awsstub.Request) (any, error) { return map[string]any{"Version": 1}, nil },
		"DescribeManagedPrefixLists": func(r awsstub.Request) (any, error) {
			asked := slices.DeleteFunc(slices.Clone(lists), func(l types.ManagedPrefixList) bool { return *l.PrefixListId != r.Form.Get("PrefixListId.1") })
			return awsstub.PrefixListsAnswer{Lists: asked}, nil
		},
		"GetManagedPrefixListEntries": func(awsstub.Request) (any, error) {
			return awsstub.EntriesAnswer{Entries: []types.PrefixListEntry{{Cidr: aws.String("0.0.0.0/0")}}}, nil
		},
	})
	t.Cleanup(stub.Close)
	return stub.Config()
}
