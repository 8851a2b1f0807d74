package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// short is a benchmark that takes seconds: the figures are right in kind only.
func short(t *testing.T) options {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("another process's processor time can be read on Linux only")
	}
	built := t.TempDir() // in place of what make build builds
	function := binaries{tags: "lambda.norpc"}
	if err := function.compile(t.Context(), module+"/deploy/local/bench/functions/empty", filepath.Join(built, "remediator", "bootstrap"), false, false); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(built, "remediator.zip"), make([]byte, 1_000_000), 0o600); err != nil {
		t.Fatal(err)
	}
	return options{rounds: 1, warm: 5, sweeps: 1, groups: 20, built: built, keep: t.TempDir(), out: filepath.Join(t.TempDir(), "report.txt")}
}

// rows are those of the goals by what they say, and their result.
func rows(report string) map[string]string {
	goals, _, _ := strings.Cut(report, "\nFIGURES")
	results := map[string]string{}
	for line := range strings.Lines(goals) {
		words := strings.Fields(line)
		if len(words) > 3 && (strings.Contains(line, "≤") || strings.Contains(line, "≥")) {
			what, _, _ := strings.Cut(line, "  ")
			results[what] = words[len(words)-1]
		}
	}
	return results
}

func TestEveryGoalGetsAFigure(t *testing.T) {
	t.Parallel()
	o := short(t)
	b, err := build(t.Context(), o, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o.against = o.keep // compared with itself, which saves building another
	if err := b.addOthers(o.against); err != nil {
		t.Fatal(err)
	}
	var report bytes.Buffer
	if err := benchmark(t.Context(), o, b, start{time.Now(), load()}, &report, io.Discard, time.Now); err != nil {
		t.Fatal(err)
	}
	got := rows(report.String())
	for _, row := range (found{}).goals() {
		result, there := got[strings.TrimSuffix(row.what, " ")]
		if strings.Contains(row.what, "the largest") {
			result, there = got[row.what+"remediator"]
		}
		if strings.Contains(row.what, "boto3") && b.reverting[boto3] == nil {
			continue // a machine without it
		}
		if !there || result != "met" && result != "MISSED" {
			t.Errorf("the row %q has the result %q", row.what, result)
		}
	}
	kept, err := os.ReadFile(o.out)
	if err != nil || string(kept) != report.String() {
		t.Errorf("the report in the file is another one than what was printed (%v)", err)
	}
	for _, part := range []string{"before", "built with the tags lambda.norpc.", "DescribeSecurityGroupRules", "processors", "decoding"} {
		if !strings.Contains(report.String(), part) {
			t.Errorf("the report doesn't say %q", part)
		}
	}
	if t.Failed() {
		t.Log(report.String())
	}
}

func TestFlagsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		arguments []string
		fails     bool
	}{
		"none":             {nil, false},
		"all":              {[]string{"--rounds", "3", "--warm=5", "--sweeps=1", "--groups", "10", "--against", "a", "--built", "b", "--keep", "c", "--out", "d"}, false},
		"no round":         {[]string{"--rounds", "0"}, true},
		"an unknown flag":  {[]string{"--fast"}, true},
		"what is not one":  {[]string{"fast"}, true},
		"no number at all": {[]string{"--warm", "many"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := parse(c.arguments, io.Discard); (err != nil) != c.fails {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		find func() error
		says string
	}{
		"what make build builds":            {func() error { _, err := largest(filepath.Join(t.TempDir(), "*.zip")); return err }, "run make build first"},
		"how it is built":                   {func() error { _, err := tagsOf(filepath.Join(t.TempDir(), "bootstrap")); return err }, "make build builds it"},
		"the other binaries":                {func() error { return binaries{}.addOthers(t.TempDir()) }, "remediator/bootstrap"},
		"symbols in a binary that has none": {func() error { _, err := operations(os.Args[0]); return err }, "no symbol section"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := c.find(); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want it to say %q", err, c.says)
			}
		})
	}
}

func TestASweepThatMissedSomethingIsNoFigure(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		summary string
		fails   bool
	}{
		"all":              {`{"rules":40,"baselines":2}`, false},
		"a rule too few":   {`{"rules":39,"baselines":2}`, true},
		"no baselines":     {`{"rules":40}`, true},
		"drift":            {`{"rules":40,"baselines":2,"drifting":1}`, true},
		"no JSON":          {`swept`, true},
		"a group too many": {`{"rules":60,"baselines":3}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := whole([]byte(c.summary), 2); (err != nil) != c.fails {
				t.Errorf("got %v", err)
			}
		})
	}
}
