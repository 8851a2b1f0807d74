package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestColoursAreForTerminals that want them.
func TestColoursAreForTerminals(t *testing.T) {
	t.Parallel()
	cfg, store := storeVersions(t, fourVersions...)
	path := filepath.Join(t.TempDir(), "a.yaml")
	if err := os.WriteFile(path, []byte(lintedFile), 0o600); err != nil {
		t.Fatal(err)
	}
	for verb, c := range map[string]struct {
		args     []string
		coloured string
	}{
		"history": {[]string{"history", group}, "\x1b[32m+ ingress tcp 80 10.0.0.0/8\x1b[0m"},
		"lint":    {[]string{"lint", path}, "\x1b[33madvice\x1b[0m"},
		"explain": {[]string{"explain", "--group-id", group, "--rule", "egress tcp 80 self"}, "\x1b[31mviolation\x1b[0m"},
	} {
		args := append(c.args, "--prefix", store.Prefix)
		if got := onTerminal(t, cfg, nil, "", args...); !strings.Contains(got.out, c.coloured) {
			t.Errorf("%s: no %q in %q", verb, c.coloured, got.out)
		}
		for name, got := range map[string]ran{
			"NO_COLOR": onTerminal(t, cfg, map[string]string{"NO_COLOR": "1"}, "", args...),
			"a pipe":   runCommand(t, &cfg, "", args...),
		} {
			if strings.Contains(got.out+got.errs, "\x1b") {
				t.Errorf("%s in %s: %q", verb, name, got.out)
			}
		}
	}
}
