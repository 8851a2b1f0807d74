// Package docs_test holds the README and the pages of the documentation to what the repository has. It needs no network.
package docs_test

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// pages are the README and all pages below deploy.
func pages(t *testing.T, repository fs.FS) (all []page) {
	t.Helper()
	names := []string{"README.md"}
	err := fs.WalkDir(repository, "deploy", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && path.Ext(name) == ".md" {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(repository, name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page{name, string(text)})
	}
	return all
}

func TestLinksAndPathsOfAllPagesLeadSomewhere(t *testing.T) {
	t.Parallel()
	repository := os.DirFS("../..")
	links, paths := 0, 0
	for _, p := range pages(t, repository) {
		links += len(p.links())
		paths += len(p.paths())
		for _, line := range wrong(repository, p) {
			t.Error(line)
		}
	}
	if links < 50 || paths < 100 {
		t.Errorf("only %d links and %d paths were found: is the way to find them still right?", links, paths)
	}
}

func TestLinksThatLeadNowhereAreFound(t *testing.T) {
	t.Parallel()
	repository := fstest.MapFS{
		"README.md":           {Data: []byte("# Read me\n")},
		"deploy/docs/a.md":    {Data: []byte("# A\n## What is `open`, and why?\n## Twice\n## Twice\n```\n## no heading\n```\n<a id=\"mark\"></a>\n")},
		"deploy/baseline.sh":  {},
		"pkg/rule/set.go":     {},
		"pkg/rule/set_ok.go":  {},
		"functions/canary/x":  {},
		"events/dry-run.json": {},
	}
	const at = "deploy/docs/a.md"
	for name, c := range map[string]struct{ text, want string }{
		"a link to a page":                      {"[x](a.md) and [y](../../README.md)", ""},
		"a link to a folder":                    {"[x](../../pkg/rule)", ""},
		"a link to a page that isn't there":     {"[x](b.md)", "there is no file or folder deploy/docs/b.md"},
		"a link with an anchor":                 {"[x](a.md#what-is-open-and-why)", ""},
		"a link to the second of two headings":  {"[x](a.md#twice-1)", ""},
		"a link to an anchor in HTML":           {"[x](a.md#mark)", ""},
		"a link to an anchor that isn't there":  {"[x](a.md#else)", "deploy/docs/a.md has no heading with the anchor #else"},
		"a link to a heading inside a block":    {"[x](a.md#no-heading)", "deploy/docs/a.md has no heading with the anchor #no-heading"},
		"a link within its own page":            {"[x](#twice)", ""},
		"an anchor of its own that isn't there": {"[x](#else)", "deploy/docs/a.md has no heading with the anchor #else"},
		"a link to the Internet":                {"[x](https://example.com/none.md) [y](mailto:a@example.com)", ""},
		"a link on a line of its own":           {"[x]: b.md", "there is no file or folder deploy/docs/b.md"},
		"a picture that isn't there":            {"![x](none.svg)", "there is no file or folder deploy/docs/none.svg"},
		"a link in HTML":                        {`<img src="none.svg">`, "there is no file or folder deploy/docs/none.svg"},
		"what looks like a link in back quotes": {"`[x](b.md)`", ""},
		"a path in back quotes":                 {"`pkg/rule/set.go` and `deploy/baseline.sh diff --live`", ""},
		"a path that isn't there":               {"`pkg/rule/sett.go`", "there is no file or folder pkg/rule/sett.go"},
		"a path in running text":                {"see deploy/none.sh.", "there is no file or folder deploy/none.sh"},
		"a path in a block":                     {"```\ndeploy/none.sh --yes  # does it\n```", "there is no file or folder deploy/none.sh"},
		"a path in a picture":                   {"```mermaid\na[pkg/none] --> b[pkg/rule]\n```", "there is no file or folder pkg/none"},
		"a path with its anchor":                {"`deploy/docs/a.md#else`", "deploy/docs/a.md has no heading with the anchor #else"},
		"a path that begins with a dot":         {"`go run ./pkg/none`", "there is no file or folder pkg/none"},
		"a path with a star":                    {"`pkg/rule/set*.go`", ""},
		"a star that stands for nothing":        {"`pkg/rule/none*.go`", "there is no file or folder pkg/rule/none*.go"},
		"a path with words in braces":           {"`pkg/rule/{set,set_ok}.go`", ""},
		"a word in braces too many":             {"`pkg/rule/{set,none}.go`", "there is no file or folder pkg/rule/none.go"},
		"a link in a comment":                   {"<!-- [x](b.md)\n`pkg/none` -->", ""},
		"another repository's path":             {"`sgwarden/deploy/none`, `baselines/prod`", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := wrong(repository, page{at, c.text})
			switch {
			case c.want == "" && len(lines) > 0:
				t.Error(cmp.Diff([]string(nil), lines))
			case c.want != "" && (len(lines) != 1 || !strings.Contains(lines[0], c.want)):
				t.Errorf("got %q, want one line with %q", lines, c.want)
			}
		})
	}
}
