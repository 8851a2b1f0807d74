package awscli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/local/awscli"
)

// TestTheCLIIsFoundBehindAPythonThatLacksIt, which a virtual environment puts first on PATH.
func TestTheCLIIsFoundBehindAPythonThatLacksIt(t *testing.T) {
	lacking, quick := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(lacking, "python3"), []byte("#!/bin/sh\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", lacking+string(filepath.ListSeparator)+os.Getenv("PATH"))
	stop, err := awscli.Quicken(quick)
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	aws, err := exec.LookPath("aws")
	if err != nil || filepath.Dir(aws) != quick {
		t.Skipf("the AWS CLI at %s is no module of a Python, so it stays as it is: %v", aws, err)
	}
	if version, err := exec.CommandContext(t.Context(), aws, "--version").CombinedOutput(); err != nil || !strings.HasPrefix(string(version), "aws-cli/") {
		t.Errorf("%v: %s", err, version)
	}
}
