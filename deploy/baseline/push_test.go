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
	push := []string{"push", dir, "--allow-missing", "--prefix", prefixOf(t)}
	before := contents(t, dir)
	expect(t, runCommand(t, &cfg, "", push...), 1, "+ ingress tcp 443 10.0.0.0/8",
		"nothing was written: 1 baseline would change, no live rule will be revoked, and there is no terminal to ask on: add --yes after a look at baseline plan")
	expect(t, onTerminal(t, cfg, nil, "n\n", push...), 1, "\nWrite 1 baseline (0 unchanged)?", "nothing was written, as you said")
	expect(t, runCommand(t, &cfg, "", append(push, "--output", "json")...), 1, "--output json doesn't ask, so add --yes")
	expect(t, runCommand(t, &cfg, "", "diff", dir, "--prefix", push[4]), 2, "has no baseline in Parameter Store yet")

	expect(t, onTerminal(t, cfg, nil, "y\n", push...), 0, "wrote "+filepath.Join(dir, "000.yaml")+": version 1")
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("the file was changed: %s", diff)
	}
	expect(t, runCommand(t, &cfg, "", push...), 0, "1 baseline: 0 written, 1 unchanged")
}

func TestAPushSaysAboveItsQuestionWhereItWrites(t *testing.T) {
	t.Parallel()
	store, dir := newParameterStore(t), writeBaselines(t, 1)
	cfg := store.configOf()
	got := onTerminal(t, cfg, nil, "n\n", "push", dir)
	expect(t, got, 1)
	const where = "account 123456789012, region us-east-1, prefix /sg-baseline\n"
	if !strings.HasPrefix(got.out, where) || !strings.Contains(got.errs, where+"Write 1 baseline (0 unchanged)? [y/N]") {
		t.Errorf("%s\nand\n%s", got.out, got.errs)
	}
}

func TestAPushThatFailsHalfWayIsRunAgain(t *testing.T) {
	t.Parallel()
	store, dir := newParameterStore(t), writeBaselines(t, 30)
	cfg, before := store.configOf(), contents(t, dir)
	store.onPut = func(n int) error {
		if n > 12 {
			return &awsstub.Error{Code: "AccessDeniedException", Message: "not any more"}
		}
		return nil
	}
	got := runCommand(t, &cfg, "", "push", dir, "--yes")
	expect(t, got, 1, "30 baselines: 12 written, 0 unchanged, 18 not written", "wrote "+filepath.Join(dir, "011.yaml")+": version 1",
		"not written: "+filepath.Join(dir, "012.yaml"), "not written: "+filepath.Join(dir, "029.yaml"), "012.yaml: put parameter /sg-baseline/groups/sg-012", "not any more",
		"12 of 30 baselines written. Run the same command again to write the rest")
	if n := len(store.Requests("PutParameter")); n != 13 {
		t.Errorf("%d writes were tried", n)
	}
	store.onPut = func(int) error { return nil }
	expect(t, runCommand(t, &cfg, "", "push", dir, "--yes"), 0, "30 baselines: 18 written, 12 unchanged, 0 not written")
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("files were changed: %s", diff)
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

func TestAPushWithOutputJSONSaysWhatBecameOfEach(t *testing.T) {
	t.Parallel()
	store, dir := newParameterStore(t), writeBaselines(t, 3)
	cfg := store.configOf()
	expect(t, runCommand(t, &cfg, "", "push", filepath.Join(dir, "000.yaml"), "--yes"), 0)
	store.onPut = func(int) error { return &awsstub.Error{Code: "ValidationException", Message: "no"} }
	got := runCommand(t, &cfg, "", "push", dir, "--yes", "--output", "json")
	var output pushPlan
	if err := json.Unmarshal([]byte(got.out), &output); err != nil || got.status != 1 {
		t.Fatalf("%v, status %d: %s", err, got.status, got.out)
	}
	if diff := cmp.Diff([]pushResult{pushUnchanged, pushFailed, pushNotWritten}, resultsOf(output)); diff != "" {
		t.Error(diff)
	}
	if output.Identity.Account != "123456789012" || output.Identity.Region != "us-east-1" || output.Groups[1].Live == nil {
		t.Errorf("got %+v", output)
	}
}

func resultsOf(plan pushPlan) []pushResult {
	var results []pushResult
	for _, g := range plan.Groups {
		results = append(results, g.Result)
	}
	return results
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
