package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	headOf000  = "schema: 1\ngroupId: sg-000\n"
	theirs     = `{"schema":1,"groupId":"sg-000","ingress":[{"protocol":"tcp","ports":"22","sources":["10.0.0.0/8"]}],"egress":[]}`
	theirsFile = headOf000 + "ingress: [{protocol: tcp, ports: '22', sources: [10.0.0.0/8]}]\negress: []\n"
)

// checkout is a working copy of a repository with one baseline.
type checkout struct {
	t     *testing.T
	store *parameterStore
	file  string
}

func newCheckout(t *testing.T, content string) checkout {
	t.Helper()
	c := checkout{t, newParameterStore(t), filepath.Join(t.TempDir(), "web.yaml")}
	write(t, c.file, content)
	return c
}

// push runs as a pipeline does: nobody is asked, and nothing is written back.
func (c checkout) push(content string, flags ...string) ran {
	c.t.Helper()
	write(c.t, c.file, content)
	cfg := c.store.configOf()
	got := runCommand(c.t, &cfg, "", append([]string{"push", c.file, "--yes"}, flags...)...)
	if diff := cmp.Diff(content, contents(c.t, filepath.Dir(c.file))["web.yaml"]); diff != "" {
		c.t.Errorf("the push changed the file: %s", diff)
	}
	return got
}

func TestAPipelinePushesWithoutForceAndWithoutACommitBack(t *testing.T) {
	t.Parallel()
	const first, second = headOf000 + nothing, headOf000 + "mode: alert\n" + nothing
	c := newCheckout(t, first)
	expect(t, c.push(first), 0, "wrote "+c.file+": version 1")
	expect(t, c.push(first), 0, "0 written, 1 unchanged")
	expect(t, c.push(second), 0, "~ mode: enforce -> alert", "wrote "+c.file+": version 2")
	expect(t, c.push(second), 0, "0 written, 1 unchanged")
	// git revert; the file is as a fresh checkout of the first commit.
	expect(t, c.push(first), 0, "the file says what version 1 said, pushed at 2026-11-21T12:00:00Z by arn:aws:iam::123456789012:user/ana: is this a revert, or an old checkout?", "wrote "+c.file+": version 3")
	expect(t, c.push(theirsFile), 0, "version 4")
	if strings.Contains(c.push(theirsFile).out, "old checkout") {
		t.Error("what is in force is called an old checkout")
	}
}

func TestAPushRefusesToUndoWhatSomebodyElseChanged(t *testing.T) {
	t.Parallel()
	const ours = headOf000 + nothing
	cases := map[string]struct {
		prepare func(t *testing.T, c checkout)
		file    string
		refused string // empty where the file is written
	}{
		"after a push, somebody wrote by hand": {func(t *testing.T, c checkout) {
			expect(t, c.push(ours), 0)
			c.store.set("/sg-baseline/groups/sg-000", theirs)
		}, headOf000 + "mode: alert\n" + nothing, "others changed the baseline of sg-000 since the last push (version 1, 2026-11-21T12:00:00Z by arn:aws:iam::123456789012:user/ana)\n" +
			"  version 2, 2026-11-21T12:00:00Z by arn:aws:iam::123456789012:user/ana:\n    + ingress tcp 22 10.0.0.0/8\n" +
			"  of that, the file would undo:\n    + ingress tcp 22 10.0.0.0/8\n  the file itself changes since the last push:\n    ~ mode: enforce -> alert"},
		"after a push, somebody permitted a rule for good": {func(t *testing.T, c checkout) {
			expect(t, c.push(ours), 0)
			cfg := c.store.configOf()
			expect(t, runCommand(t, &cfg, "", "allow", "sg-000", "ingress tcp 22 10.0.0.0/8", "--for-good", "--allow-missing"), 0)
		}, ours, "of that, the file would undo:\n    + ingress tcp 22 10.0.0.0/8\n  the file itself changes since the last push:\n    nothing"},
		"after a push, somebody rolled back": {func(t *testing.T, c checkout) {
			expect(t, c.push(ours), 0)
			expect(t, c.push(theirsFile), 0)
			cfg := c.store.configOf()
			expect(t, runCommand(t, &cfg, "", "rollback", "sg-000", "--to", "1", "--yes"), 0)
		}, theirsFile, "of that, the file would undo:\n    - ingress tcp 22 10.0.0.0/8"},
		"the file has what somebody permitted, and more": {func(t *testing.T, c checkout) {
			expect(t, c.push(ours), 0)
			c.store.set("/sg-baseline/groups/sg-000", theirs)
		}, "mode: alert\n" + theirsFile, ""},
		"no push is known, and the file lacks a rule": {func(_ *testing.T, c checkout) {
			c.store.set("/sg-baseline/groups/sg-000", theirs)
		}, ours, "the baseline of sg-000 was never pushed from a file, or not since Parameter Store's oldest version\n  in force, and not in the file:\n    + ingress tcp 22 10.0.0.0/8"},
		"no push is known, and the file has all": {func(_ *testing.T, c checkout) {
			c.store.set("/sg-baseline/groups/sg-000", theirs)
		}, strings.Replace(theirsFile, "'22'", "20-25", 1), ""},
		"an old file is of the version in force": {func(_ *testing.T, c checkout) {
			c.store.set("/sg-baseline/groups/sg-000", theirs)
			c.store.set("/sg-baseline/groups/sg-000", theirs)
		}, "# version: 2\n" + ours, ""},
		"an old file is of the version before": {func(_ *testing.T, c checkout) {
			c.store.set("/sg-baseline/groups/sg-000", theirs)
			c.store.set("/sg-baseline/groups/sg-000", theirs)
		}, "# version: 1\n" + ours, "in force, and not in the file:\n    + ingress tcp 22 10.0.0.0/8"},
		"an old file is of a baseline that is deleted": {func(*testing.T, checkout) {}, "# version: 3\n" + ours, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			web := newCheckout(t, "")
			c.prepare(t, web)
			if c.refused == "" {
				expect(t, web.push(c.file), 0, "1 written")
				return
			}
			puts, other := web.store.puts, filepath.Join(filepath.Dir(web.file), "other.yaml")
			write(t, other, strings.Replace(ours, "sg-000", "sg-001", 1))
			expect(t, web.push(c.file, other), 1, "nothing was written:\n"+web.file+": ", c.refused, "push --force")
			// The way out that is named is one.
			if got := web.push(c.file, other); strings.Contains(got.errs, "Nobody knows whose the differences are") == pulls(t, web) {
				t.Errorf("pull does not do what the text says: %s", got.errs)
			}
			write(t, web.file, c.file)
			if got := web.push(c.file); strings.Contains(strings.ToLower(got.out+got.errs), "capture again") {
				t.Errorf("it advises to copy live drift: %s", got.errs)
			}
			if web.store.puts != puts {
				t.Errorf("%d were written", web.store.puts-puts)
			}
			expect(t, web.push(c.file, other, "--force"), 0, "--force undoes what others changed: ", "2 written")
			expect(t, web.push(c.file, other), 0, "0 written, 2 unchanged")
		})
	}
}

// pulls says whether a pull without a flag can join the file with Parameter Store, or
// says that the two changed the same.
func pulls(t *testing.T, c checkout) bool {
	t.Helper()
	cfg := c.store.configOf()
	got := runCommand(t, &cfg, "", "pull", c.file)
	return !strings.Contains(got.errs, "nobody knows which differences are changes of the file")
}

func TestAFileOfADeletedBaselineIsRemarkedOn(t *testing.T) {
	t.Parallel()
	c := newCheckout(t, "")
	expect(t, c.push("# version: 3\n"+headOf000+nothing), 0, "captured from version 3, and Parameter Store has no such baseline any more")
	c = newCheckout(t, "")
	if got := c.push(headOf000 + nothing); strings.Contains(got.out, "any more") {
		t.Error(got.out)
	}
}

// TestTheLocalAWSReturnsTheDescriptionOfEachVersion takes the steps of a pipeline with
// real clients, since all rests on the history's descriptions.
func TestTheLocalAWSReturnsTheDescriptionOfEachVersion(t *testing.T) {
	t.Parallel()
	cfg, dir, prefix := motoConfig(t), t.TempDir(), prefixOf(t)
	id := mustMake(t, cfg, "described", "ingress tcp 443 10.0.0.0/8")
	file := filepath.Join(dir, "web.yaml")
	push := func(settings string) ran {
		write(t, file, "schema: 1\ngroupId: "+id+"\n"+settings+"ingress: [{protocol: tcp, ports: '443', sources: [10.0.0.0/8]}]\n")
		return runCommand(t, &cfg, "", "push", dir, "--yes", "--prefix", prefix)
	}
	expect(t, push(""), 0, "version 1")
	expect(t, push("mode: alert\n"), 0, "version 2")
	expect(t, push(""), 0, "the file says what version 1 said", "version 3")
	expect(t, runCommand(t, &cfg, "", "allow", id, "ingress tcp 8443 10.0.0.0/8", "--for-good", "--prefix", prefix), 0, "version 4")
	expect(t, push(""), 1, "others changed the baseline of "+id+" since the last push (version 3, ", "version 4, ", "of that, the file would undo:\n    + ingress tcp 8443 10.0.0.0/8")
	expect(t, push("mode: alert\n"), 1, "the file itself changes since the last push:\n    ~ mode: enforce -> alert")
}

func TestARefusedPushWithOutputJSONSaysWhy(t *testing.T) {
	t.Parallel()
	c := newCheckout(t, "")
	expect(t, c.push(headOf000+nothing), 0)
	c.store.set("/sg-baseline/groups/sg-000", theirs)
	for _, verb := range []string{"push", "plan"} {
		cfg := c.store.configOf()
		got := runCommand(t, &cfg, "", verb, c.file, "--output", "json")
		var output pushPlan
		if err := json.Unmarshal([]byte(got.out), &output); err != nil || got.status != 1 {
			t.Fatalf("%v, status %d: %s", err, got.status, got.out)
		}
		if g := output.Groups[0]; g.Result != pushRefused || !strings.Contains(g.Error, "the file would undo:\n    + ingress tcp 22 10.0.0.0/8") {
			t.Errorf("%s: %+v", verb, g)
		}
	}
}
