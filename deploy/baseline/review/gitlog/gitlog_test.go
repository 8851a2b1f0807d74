package gitlog

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// repository is a folder with git.
type repository struct {
	*testing.T
	dir string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	r := repository{t, t.TempDir()}
	r.git("init", "-q")
	return r
}

func (r repository) git(args ...string) {
	r.Helper()
	c := exec.CommandContext(r.Context(), "git", append([]string{"-C", r.dir, "-c", "user.name=Ana <b>", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false"}, args...)...)
	c.Env = append(os.Environ(), "GIT_AUTHOR_DATE=2026-11-01T10:00:00+09:00", "GIT_CONFIG_GLOBAL="+os.DevNull)
	if out, err := c.CombinedOutput(); err != nil {
		r.Fatalf("git %v: %v: %s", args, err, out)
	}
}

// out returns what git prints.
func (r repository) out(in string, args ...string) string {
	r.Helper()
	c := exec.CommandContext(r.Context(), "git", append([]string{"-C", r.dir}, args...)...)
	c.Stdin = strings.NewReader(in)
	out, err := c.Output()
	if err != nil {
		r.Fatalf("git %v: %v", args, err)
	}
	return string(out)
}

func (r repository) write(name, content string) string {
	r.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		r.Fatal(err)
	}
	return path
}

func (r repository) commit(name, content string) string {
	r.Helper()
	path := r.write(name, content)
	r.git("add", "--", name)
	r.git("commit", "-q", "-m", "change")
	return path
}

// data are the contents of versions.
func data(versions []Version) (all []string) {
	for _, v := range versions {
		all = append(all, string(v.Data))
	}
	return all
}

func TestTheVersionsOfAFile(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	const name = "a web :*.yaml"
	r.commit(name, "one\n")
	r.commit("other.yaml", "never mind")
	r.git("rm", "-q", "--", name)
	r.git("commit", "-q", "-m", "gone")
	path := r.commit(name, "two\nlines\x00")
	r.write(name, "not committed")
	got, err := Of(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"one\n", "", "two\nlines\x00"}, data(got)); diff != "" {
		t.Error(diff)
	}
	if got[0].Author != "Ana <b>" && got[0].Author != "Ana b" || !got[0].At.Equal(time.Date(2026, 11, 1, 1, 0, 0, 0, time.UTC)) || len(got[0].Short()) != 12 {
		t.Errorf("got %+v", got[0].Commit)
	}
}

func TestACommitMayClaimATimeThatDoesNotExist(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	path := r.commit("web.yaml", "one")
	head := r.out("", "cat-file", "commit", "HEAD")
	for name, claimed := range map[string]string{"after the year 9999": "999999999999999 +0000", "no number": "tomorrow"} {
		author := strings.SplitAfter(head, "> ")
		forged := author[0] + claimed + head[len(author[0])+strings.Index(head[len(author[0]):], "\n"):]
		hash := strings.TrimSpace(r.out(forged, "hash-object", "-t", "commit", "-w", "--stdin", "--literally"))
		r.git("update-ref", "HEAD", hash)
		got, err := Of(t.Context(), path)
		if err != nil || len(got) != 1 || !got[0].At.IsZero() || string(got[0].Data) != "one" {
			t.Errorf("%s: %v, error %v", name, got, err)
		}
	}
}

func TestAFileThatGitDoesNotKnow(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	uncommitted := r.write("new.yaml", "x")
	outside := filepath.Join(t.TempDir(), "x.yaml")
	if err := os.WriteFile(outside, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Of(t.Context(), uncommitted); !errors.Is(err, ErrNone) { // no commit at all
		t.Errorf("got the error %v", err)
	}
	r.commit("other.yaml", "y")
	for _, path := range []string{uncommitted, outside} {
		if _, err := Of(t.Context(), path); !errors.Is(err, ErrNone) {
			t.Errorf("%s: got the error %v", path, err)
		}
	}
	if _, err := Of(t.Context(), filepath.Join(r.dir, "nowhere.yaml")); err == nil || errors.Is(err, ErrNone) {
		t.Errorf("got the error %v", err)
	}
}

// TestARepositoryRunsNothing has a repository name programs wherever git would run one.
func TestARepositoryRunsNothing(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	path := r.commit("web.yaml", "x")
	program, ran := filepath.Join(r.dir, "program"), filepath.Join(r.dir, "ran")
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho \"$@\" >> '"+ran+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, hook := range []string{"post-index-change", "pre-auto-gc", "reference-transaction"} {
		if err := os.WriteFile(filepath.Join(r.dir, ".git/hooks", hook), []byte("#!/bin/sh\n"+program+" hook\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	r.write(".gitattributes", "*.yaml diff=x filter=x\n")
	for _, setting := range []string{
		"core.fsmonitor", "core.pager", "pager.log", "gpg.program", "diff.external", "diff.x.textconv", "diff.x.command", "filter.x.smudge", "filter.x.clean", "core.sshCommand", "core.editor", "alias.log",
	} {
		value := program + " " + setting
		if strings.HasPrefix(setting, "alias") {
			value = "!" + value
		}
		r.git("config", setting, value)
	}
	r.git("config", "log.showSignature", "true")
	if got, err := Of(t.Context(), path); err != nil || len(got) != 1 {
		t.Fatalf("%v: %v", data(got), err)
	}
	if said, err := os.ReadFile(ran); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("git ran %s: %v", said, err)
	}
	r.git("status") // the twin: another command does run a program of these
	if _, err := os.ReadFile(ran); err != nil {
		t.Errorf("the test could not see a program that runs: %v", err)
	}
}
