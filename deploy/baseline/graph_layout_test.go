package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheProgramLayoutLaysOutPictures, or says why it does not.
func TestTheProgramLayoutLaysOutPictures(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "layout")
	if says, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./layout").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, says)
	}
	svg, err := layoutBy(t.Context(), program, t.TempDir(), []byte(`digraph { a [label="one"]; a -> b }`))
	if err != nil || !strings.Contains(string(svg), "<svg ") || !strings.Contains(string(svg), ">one</text>") {
		t.Errorf("%v: %s", err, svg)
	}
	if _, err := layoutBy(t.Context(), program, t.TempDir(), []byte(`digraph { a -> `)); err == nil || !strings.Contains(err.Error(), "exit status 1: layout: read the DOT graph: ") {
		t.Errorf("half a graph: got %v", err)
	}
}

func TestALayoutThatIsNotThereOrDoesNotEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := layoutBy(t.Context(), filepath.Join(dir, "layout"), "", nil); err == nil || !strings.Contains(err.Error(), "there is no program "+dir+"/layout, which lays out SVG: run deploy/baseline.sh") {
		t.Errorf("got %v", err)
	}
	// The program is given its own temporary directory, and no common one.
	want := filepath.Join(dir, "tells")
	if err := os.WriteFile(want, []byte("#!/bin/sh\ncat >/dev/null\nls -ld \"$TMPDIR\" | cut -c1-10\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	open := t.TempDir()
	if err := errors.Join(os.Mkdir(filepath.Join(open, "sgwarden"), 0o700), os.Chmod(filepath.Join(open, "sgwarden"), 0o777)); err != nil {
		t.Fatal(err)
	}
	for _, cache := range []string{t.TempDir(), "", open, want} {
		if mode, err := layoutBy(t.Context(), want, cache, nil); err != nil || string(mode) != "drwx------\n" {
			t.Errorf("with the cache %s: %v: %s", cache, err, mode)
		}
	}
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := layoutBy(interrupted, want, "", nil); err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("got %v", err)
	}
}
