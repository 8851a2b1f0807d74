package main

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var updateGolden = flag.Bool("update", false, "write the golden files anew")

// goldenText compares text with testdata/NAME.golden.
func goldenText(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *updateGolden {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

var times = regexp.MustCompile(`(\d{4}-\d\d-\d\d[ T])?\d\d:\d\d(:\d\dZ| UTC)`)

// hideTimes makes text the same whenever the test runs.
func hideTimes(text string) string { return times.ReplaceAllString(text, "TIME") }
