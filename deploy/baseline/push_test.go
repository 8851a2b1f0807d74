package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// writeBaselines writes n files, of sg-000 and so on, and returns their directory.
func writeBaselines(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		write(t, filepath.Join(dir, fmt.Sprintf("%03d.yaml", i)), fmt.Sprintf("# ours\nschema: 1\ngroupId: sg-%03d\ningress:\n  # why\n  - {protocol: tcp, ports: \"443\", sources: [10.0.0.0/8]}\negress: []\n", i))
	}
	return dir
}

func TestAPushAsksOnATerminal(t *testing.T) {
	t.Parallel()
	cfg, dir := motoConfig(t), writeBaselines(t, 1)
	push := []string{"push", dir, "--prefix", prefixOf(t)}
	expect(t, runCommand(t, &cfg, "", push...), 1, "+ ingress tcp 443 10.0.0.0/8", "nothing was written: 1 baseline would change, and there is no terminal to ask on: add --yes")
	expect(t, onTerminal(t, cfg, nil, "n\n", push...), 1, "Write 1 baseline under ", "nothing was written, as you said")
	expect(t, runCommand(t, &cfg, "", append(push, "--output", "json")...), 1, "--output json doesn't ask, so add --yes")
	expect(t, runCommand(t, &cfg, "", "diff", dir, "--prefix", prefixOf(t)), 2, "has no baseline in Parameter Store yet")

	expect(t, onTerminal(t, cfg, nil, "y\n", push...), 0, "wrote "+filepath.Join(dir, "000.yaml")+": version 1")
	want := "# version: 1\n# ours\nschema: 1\ngroupId: sg-000\ningress:\n  # why\n  - {protocol: tcp, ports: \"443\", sources: [10.0.0.0/8]}\negress: []\n"
	if diff := cmp.Diff(want, contents(t, dir)["000.yaml"]); diff != "" {
		t.Error(diff)
	}
	expect(t, runCommand(t, &cfg, "", push...), 0, "1 baseline: 0 written, 1 unchanged")
}

func TestAPushRefusesToUndoWhatSomebodyElseChanged(t *testing.T) {
	t.Parallel()
	const mine = "schema: 1\ngroupId: sg-000\ningress: []\negress: []\n"
	const theirs = `{"schema":1,"groupId":"sg-000","ingress":[{"protocol":"tcp","ports":"22","sources":["10.0.0.0/8"]}],"egress":[]}`
	cases := map[string]struct {
		file    string
		stored  int // versions of theirs
		refused string
	}{
		"the file is of the version before": {"# version: 1\n" + mine, 2, "captured from version 1, and Parameter Store has version 2: somebody changed it since"},
		"the file says no version":          {mine, 1, "Parameter Store has version 1 of this baseline, and the file does not say"},
		"somebody deleted it":               {"# version: 3\n" + mine, 0, "captured from version 3, and Parameter Store has no such baseline any more"},
		"the file is of this version":       {"# version: 2\n" + mine, 2, ""},
		"there is none yet":                 {mine, 0, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, dir := newParameterStore(t), t.TempDir()
			cfg := store.configOf()
			for range c.stored {
				store.set("/sg-baseline/groups/sg-000", theirs)
			}
			write(t, filepath.Join(dir, "a.yaml"), c.file)
			write(t, filepath.Join(dir, "b.yaml"), strings.Replace(mine, "sg-000", "sg-001", 1))
			if c.refused != "" {
				expect(t, runCommand(t, &cfg, "", "push", dir, "--yes"), 1, "nothing was written", c.refused, "Capture again", "--force")
				if store.puts != 0 {
					t.Errorf("%d were written", store.puts)
				}
				expect(t, runCommand(t, &cfg, "", "push", dir, "--yes", "--force"), 0, "2 written")
			} else {
				expect(t, runCommand(t, &cfg, "", "push", dir, "--yes"), 0, "2 written")
			}
			if first := fmt.Sprintf("# version: %d\n", c.stored+1); !strings.HasPrefix(contents(t, dir)["a.yaml"], first) {
				t.Errorf("the file doesn't begin with %q", first)
			}
			expect(t, runCommand(t, &cfg, "", "push", dir, "--yes"), 0, "0 written, 2 unchanged")
		})
	}
}

func TestAPushThatFailsHalfWayIsRunAgain(t *testing.T) {
	t.Parallel()
	store, dir := newParameterStore(t), writeBaselines(t, 30)
	cfg := store.configOf()
	store.onPut = func(n int) error {
		if n > 12 {
			return &awsstub.Error{Code: "AccessDeniedException", Message: "not any more"}
		}
		return nil
	}
	got := runCommand(t, &cfg, "", "push", dir, "--yes")
	expect(t, got, 1, "30 baselines: 12 written, 0 unchanged, 18 not written", "wrote "+filepath.Join(dir, "011.yaml")+": version 1",
		"not written: "+filepath.Join(dir, "012.yaml"), "not written: "+filepath.Join(dir, "029.yaml"), "012.yaml: put parameter /sg-baseline/groups/sg-012", "not any more", "Run the same command again")
	if n := len(store.Requests("PutParameter")); n != 13 {
		t.Errorf("%d writes were tried", n)
	}
	// As if it had been killed before the file was told its version.
	write(t, filepath.Join(dir, "005.yaml"), strings.TrimPrefix(contents(t, dir)["005.yaml"], "# version: 1\n"))

	store.onPut = func(int) error { return nil }
	expect(t, runCommand(t, &cfg, "", "push", dir, "--yes"), 0, "30 baselines: 18 written, 12 unchanged, 0 not written")
	for name, content := range contents(t, dir) {
		if !strings.HasPrefix(content, "# version: 1\n# ours\n") {
			t.Errorf("%s is\n%s", name, content)
		}
	}
	expect(t, runCommand(t, &cfg, "", "push", dir), 0, "0 written, 30 unchanged")
}

func TestAPushOf500SurvivesThrottling(t *testing.T) {
	t.Parallel()
	store, dir := newParameterStore(t), writeBaselines(t, 500)
	cfg := store.configOf()
	store.onPut = func(n int) error {
		if n%4 != 0 {
			return &awsstub.Error{Code: "ThrottlingException", Message: "Rate exceeded"}
		}
		return nil
	}
	expect(t, runCommand(t, &cfg, "", "push", dir, "--yes"), 0, "500 baselines: 500 written, 0 unchanged, 0 not written")
	if store.puts != 2000 {
		t.Errorf("%d writes were tried", store.puts)
	}

	// With the SDK's own retryer, which this one is for, it would not.
	store, dir = newParameterStore(t), writeBaselines(t, 500)
	cfg = store.Config()
	cfg.RetryMaxAttempts = 0
	store.onPut = func(n int) error {
		if n%3 != 0 {
			return &awsstub.Error{Code: "ThrottlingException", Message: "Rate exceeded"}
		}
		return nil
	}
	expect(t, runCommand(t, &cfg, "", "push", dir, "--yes"), 1, "retry quota exceeded", "Run the same command again")
}

func TestAPushNoticesWhoWritesMeanwhile(t *testing.T) {
	t.Parallel()
	store, dir := newParameterStore(t), writeBaselines(t, 2)
	cfg := store.configOf()
	store.onPut = func(n int) error {
		store.set("/sg-baseline/groups/sg-001", "{}") // while the first one is written
		return nil
	}
	expect(t, runCommand(t, &cfg, "", "push", dir, "--yes"), 1, "1 written, 0 unchanged, 1 not written", "001.yaml: /sg-baseline/groups/sg-001 was version 0 and is version 1 now: it has changed meanwhile")
	if store.puts != 1 {
		t.Errorf("%d writes", store.puts)
	}
}

func TestAPushTellsMachinesWhatBecameOfEach(t *testing.T) {
	t.Parallel()
	store, dir := newParameterStore(t), writeBaselines(t, 3)
	cfg := store.configOf()
	expect(t, runCommand(t, &cfg, "", "push", filepath.Join(dir, "000.yaml"), "--yes"), 0)
	store.onPut = func(int) error { return &awsstub.Error{Code: "ValidationException", Message: "no"} }
	got := runCommand(t, &cfg, "", "push", dir, "--yes", "--output", "json")
	var told struct{ Groups []pushed }
	if err := json.Unmarshal([]byte(got.out), &told); err != nil || got.status != 1 {
		t.Fatalf("%v, status %d: %s", err, got.status, got.out)
	}
	var results []pushResult
	for _, g := range told.Groups {
		results = append(results, g.Result)
	}
	if diff := cmp.Diff([]pushResult{pushUnchanged, pushFailed, pushNotWritten}, results); diff != "" {
		t.Error(diff)
	}
}

func TestAPushWithoutPermissionOrTwoFilesForOneGroupWritesNothing(t *testing.T) {
	t.Parallel()
	store, dir := newParameterStore(t), writeBaselines(t, 1)
	cfg := store.configOf()
	store.Inject("GetParameters", 3, awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "not you"}})
	expect(t, runCommand(t, &cfg, "", "push", dir, "--yes"), 1, "nothing was written", "these credentials may not do that")
	write(t, filepath.Join(dir, "again.yaml"), contents(t, dir)["000.yaml"])
	expect(t, runCommand(t, &cfg, "", "push", dir, "--yes"), 1, "are both for sg-000: keep one of them")
	expect(t, runCommand(t, &aws.Config{}, "", "push"), 1, "push: an argument is missing")
	if store.puts != 0 {
		t.Errorf("%d writes", store.puts)
	}
}
