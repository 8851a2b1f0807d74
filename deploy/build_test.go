package deploy_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// One of the two folders is a checkout with a commit and the other is none, so that neither the folder's name nor the
// commit may get into the zip.
func TestTwoBuildsOfTheSameSourcesAreTheSameBytes(t *testing.T) {
	t.Parallel()
	plain, checkout := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "a much longer name of a folder", "b")
	for _, dir := range []string{plain, checkout} {
		copySources(t, dir)
	}
	commit(t, checkout)
	first, second := buildZip(t, plain), buildZip(t, checkout, "GOFLAGS=-buildvcs=auto", "GOARM64=v9.0")
	if len(first) < 1_000_000 {
		t.Errorf("the zip has %d bytes, which is no function", len(first))
	}
	if !bytes.Equal(first, second) {
		t.Errorf("the zip of %s has sha256 %x and the one of %s %x", plain, sha256.Sum256(first), checkout, sha256.Sum256(second))
	}
}

// copySources copies what the zips are made of.
func copySources(t *testing.T, dir string) {
	t.Helper()
	for _, tree := range []string{"functions", "pkg"} {
		if err := os.CopyFS(filepath.Join(dir, tree), os.DirFS(filepath.Join("..", tree))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum", "Makefile"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(read(t, filepath.Join("..", name))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func commit(t *testing.T, dir string) {
	t.Helper()
	for _, arguments := range [][]string{{"init", "-q"}, {"add", "go.mod"}, {"-c", "user.name=ana", "-c", "user.email=ana@example.com", "commit", "-q", "-m", "sources"}} {
		run := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir}, arguments...)...)
		if said, err := run.CombinedOutput(); err != nil {
			t.Fatal(fmt.Errorf("git %v: %w: %s", arguments, err, said))
		}
	}
}

// buildZip builds a zip. The variables are those of somebody's environment.
func buildZip(t *testing.T, dir string, variables ...string) []byte {
	t.Helper()
	const zip = "build/canary.zip" // the smallest
	run := exec.CommandContext(t.Context(), "make", "-C", dir, zip)
	run.Env = append(os.Environ(), variables...)
	if said, err := run.CombinedOutput(); err != nil {
		t.Fatal(fmt.Errorf("make %s: %w: %s", zip, err, said))
	}
	return []byte(read(t, filepath.Join(dir, zip)))
}
