package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// script runs deploy/baseline.sh of a copy of the repository's sources, from
// another directory.
type script struct {
	root, path, away string
}

func newScript(t *testing.T) script {
	t.Helper()
	source, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	s := script{root: t.TempDir(), away: t.TempDir()}
	s.path = filepath.Join(s.root, "deploy/baseline.sh")
	for _, name := range []string{"deploy/baseline", "pkg"} {
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
	command := exec.CommandContext(t.Context(), s.path, args...)
	command.Dir = s.away
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

func TestTheScript(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	if got := s.run(t, "--help"); got.status != 0 || !strings.Contains(got.out, "baseline VERB") || got.errs != "" {
		t.Fatalf("got %+v", got)
	}
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
	if !s.built(t).Equal(first) {
		t.Error("it was built again although no source changed")
	}
	s.rewrite(t, "deploy/baseline/main.go", `"baseline: %s\n"`, `"changed: %s\n"`)
	if got := s.run(t, "lint", "nowhere"); got.status != 1 || !strings.HasPrefix(got.errs, "changed: ") {
		t.Errorf("got %+v", got)
	}
	s.rewrite(t, "deploy/baseline/main.go", "package main", "package broken main")
	if got := s.run(t, "--help"); got.status == 0 || got.out != "" || !strings.Contains(got.errs, "main.go") {
		t.Errorf("got %+v", got)
	}
	leftover, err := filepath.Glob(filepath.Join(s.root, "build/local/baseline/*"))
	if err != nil || len(leftover) != 1 {
		t.Errorf("%v: %v", err, leftover)
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
