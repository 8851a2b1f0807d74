package docs_test

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	testDeclared = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	testName     = regexp.MustCompile(`\bTest[A-Z]\w+`)
)

// testsOf are the names of all tests of the repository.
func testsOf(t *testing.T, repository fs.FS) map[string]bool {
	t.Helper()
	declared := map[string]bool{}
	for _, root := range []string{"pkg", "functions", "deploy", "events"} {
		err := fs.WalkDir(repository, root, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path.Base(name), "_test.go") {
				return err
			}
			text, err := fs.ReadFile(repository, name)
			for _, match := range testDeclared.FindAllSubmatch(text, -1) {
				declared[string(match[1])] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return declared
}

func TestEachTestThatAPageNamesIsThere(t *testing.T) {
	t.Parallel()
	repository := os.DirFS("../..")
	declared, count := testsOf(t, repository), 0
	for _, p := range pages(t, repository) {
		for _, name := range testName.FindAllString(p.text, -1) {
			count++
			if !declared[name] {
				t.Errorf("%s names %s, and there is no such test", p.name, name)
			}
		}
	}
	if count < 10 {
		t.Errorf("the pages name only %d tests: is the way to find them still right?", count)
	}
}

// TestEachTestThatTheMakefileNamesIsThere, for a pattern that matches nothing leaves a test out, or runs none, and says nothing.
func TestEachTestThatTheMakefileNamesIsThere(t *testing.T) {
	t.Parallel()
	repository := os.DirFS("../..")
	declared := testsOf(t, repository)
	variables := regexp.MustCompile(`(?m)^(?:LONG_WITH_RACE|SIDE_BY_SIDE) := (.+)$`).FindAllStringSubmatch(read(t, "Makefile"), -1)
	if len(variables) != 2 {
		t.Fatalf("the Makefile has %d patterns of tests, want 2", len(variables))
	}
	for _, variable := range variables {
		for pattern := range strings.SplitSeq(strings.Trim(variable[1], "^()$"), "|") {
			if !slices.ContainsFunc(slices.Collect(maps.Keys(declared)), func(name string) bool { return strings.Contains(name, pattern) }) {
				t.Errorf("the Makefile names %s, and no test has this name", pattern)
			}
		}
	}
}
