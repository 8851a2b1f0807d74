package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// script runs deploy/baseline.sh of a copy of the repository's sources, from
// another directory.
type script struct {
	root, path, away string
}

func newScript(t *testing.T, under string) script {
	t.Helper()
	source, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	s := script{root: filepath.Join(under, "two words"), away: t.TempDir()}
	s.path = filepath.Join(s.root, "deploy/baseline.sh")
	for _, name := range []string{"deploy/baseline", "deploy/cfn", "pkg"} {
		if err := os.CopyFS(filepath.Join(s.root, name), os.DirFS(filepath.Join(source, name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"deploy/baseline.sh", "go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(s.root, name), data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s script) run(t *testing.T, args ...string) ran {
	t.Helper()
	return s.runAs(t, s.path, os.Environ(), args...)
}

// runAs runs the script by the name of a link to it, in an environment.
func (s script) runAs(t *testing.T, path string, env []string, args ...string) ran {
	t.Helper()
	command := exec.CommandContext(t.Context(), path, args...)
	command.Dir, command.Env = s.away, env
	var out, errs strings.Builder
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return ran{out.String(), errs.String(), command.ProcessState.ExitCode()}
}

// built is when the command was built last.
func (s script) built(t *testing.T) time.Time {
	t.Helper()
	info, err := os.Stat(filepath.Join(s.root, "build/local/baseline/baseline"))
	if err != nil {
		t.Fatal(err)
	}
	return info.ModTime()
}

// sameFolder returns an empty folder that is the same in each run of the tests, so that Go's build cache holds what was
// compiled there: Go compiles a package anew for each folder. Two runs at the same time wait for each other.
func sameFolder(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../build/script")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(dir), 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	lock, err := os.Create(dir + ".lock")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lock.Close() }) // which unlocks it
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatalf("lock %s: %v", lock.Name(), err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.RemoveAll(dir); err != nil { // of a run that was killed
		t.Fatal(err)
	}
	return dir
}

func TestTheScript(t *testing.T) {
	t.Parallel()
	s := newScript(t, sameFolder(t))
	revision := s.checkout(t)
	s.twoAtOnce(t)
	first := s.built(t)
	if err := os.WriteFile(filepath.Join(s.away, "two words.yaml"), []byte(lintedFile), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := s.run(t, "lint", "two words.yaml"); got.status != 2 || !strings.Contains(got.out, "two words.yaml:4:5") {
		t.Errorf("got %+v", got)
	}
	if got := s.run(t, "lint", "nowhere"); got.status != 1 || !strings.Contains(got.errs, "nowhere") {
		t.Errorf("got %+v", got)
	}
	if got := s.run(t, "--version"); got.status != 0 || !strings.Contains(got.out, "revision "+revision+"\n") {
		t.Errorf("not of revision %s: %+v", revision, got)
	}
	if got := s.runAs(t, s.path, append(os.Environ(), "XDG_CACHE_HOME="+t.TempDir()), "graph", "two words.yaml", "--format", "svg"); got.status != 0 || !strings.HasPrefix(got.out, "<svg ") {
		t.Errorf("got %+v", got)
	}
	s.byLinks(t)
	s.withoutGo(t, "a build that is up to date needs no Go", 0, "")
	if !s.built(t).Equal(first) {
		t.Error("it was built again although no source changed")
	}
	s.rewrite(t, "deploy/baseline/app.go", `"baseline: %s\n"`, `"changed: %s\n"`)
	if got := s.run(t, "lint", "nowhere"); got.status != 1 || !strings.HasPrefix(got.errs, "changed: ") {
		t.Errorf("got %+v", got)
	}
	s.rewrite(t, "deploy/baseline/main.go", "package main", "package broken main")
	if got := s.run(t, "--help"); got.status == 0 || got.out != "" || !strings.Contains(got.errs, "main.go") {
		t.Errorf("got %+v", got)
	}
	leftover, err := filepath.Glob(filepath.Join(s.root, "build/local/baseline/*"))
	if err != nil || len(leftover) != 2 { // the command, and the program layout
		t.Errorf("%v: %v", err, leftover)
	}
}

// checkout makes the sources a checkout of git, and returns its revision.
func (s script) checkout(t *testing.T) (revision string) {
	t.Helper()
	git := func(args ...string) string {
		out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", s.root, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("init", "-q")
	if err := os.WriteFile(filepath.Join(s.root, ".gitignore"), []byte("/build/\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	git("add", ".")
	git("commit", "-q", "-m", "all")
	return git("rev-parse", "HEAD")
}

// twoAtOnce has the script build the command twice at the same time. The Go command
// writes the revision, whatever GOFLAGS says elsewhere.
func (s script) twoAtOnce(t *testing.T) {
	t.Helper()
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			got := s.runAs(t, s.path, append(os.Environ(), "GOFLAGS=-buildvcs=true"), "--help")
			if got.status != 0 || !strings.Contains(got.out, "baseline VERB") || got.errs != "" {
				t.Errorf("got %+v", got)
			}
		})
	}
	both.Wait()
}

// byLinks calls the script by links from elsewhere.
func (s script) byLinks(t *testing.T) {
	t.Helper()
	relative, err := filepath.Rel(s.away, s.path)
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range []struct{ name, to, path string }{
		{"a link", s.path, "a link"},
		{"a relative link", relative, "a relative link"},
		{"a link to a link", "a link", "a link to a link"},
		{"a linked directory", filepath.Dir(s.path), "a linked directory/baseline.sh"},
	} {
		if err := os.Symlink(link.to, filepath.Join(s.away, link.name)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(s.away, link.path)
		if got := s.runAs(t, path, os.Environ(), "--version"); got.status != 0 || !strings.HasPrefix(got.out, "baseline ") || got.errs != "" {
			t.Errorf("%s: got %+v", link.name, got)
		}
	}
}

// withoutGo runs the script where there is no Go.
func (s script) withoutGo(t *testing.T, name string, status int, says string) {
	t.Helper()
	bin := t.TempDir()
	for _, tool := range []string{"bash", "env", "dirname", "find", "mkdir", "mktemp", "mv", "readlink", "rm", "touch"} {
		path, err := exec.LookPath(tool)
		if err == nil {
			err = os.Symlink(path, filepath.Join(bin, tool))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	got := s.runAs(t, s.path, []string{"PATH=" + bin}, "--version")
	if got.status != status || !strings.Contains(got.errs, says) || (says == "") != (got.errs == "") {
		t.Errorf("%s: got %+v", name, got)
	}
}

// TestTheScriptSaysWhyItCannotBuild builds nothing.
func TestTheScriptSaysWhyItCannotBuild(t *testing.T) {
	t.Parallel()
	s := newScript(t, t.TempDir())
	s.withoutGo(t, "no Go", 1, "baseline.sh: go is not on PATH: install Go, which the command is built with\n")
	if err := os.WriteFile(filepath.Join(s.root, "build"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	got := s.run(t, "--version")
	want := "baseline.sh: the command is built into " + s.root + "/build/local/baseline, and nothing can be written there: make that directory writable\n"
	if got.status != 1 || got.out != "" || !strings.HasSuffix(got.errs, want) {
		t.Errorf("got %+v", got)
	}
}

func (s script) rewrite(t *testing.T, name, from, to string) {
	t.Helper()
	path := filepath.Join(s.root, name)
	data, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(data), from) {
		t.Fatal(name, "has no", from, err)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(data), from, to)), 0o600); err != nil {
		t.Fatal(err)
	}
}
