package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLintOfPrefixLists lints a baseline that approves prefix lists by id, with and
// without the documents of the lists.
func TestLintOfPrefixLists(t *testing.T) {
	t.Parallel()
	const group = `schema: 1
groupId: sg-0c
ingress:
  - {protocol: tcp, ports: "443", sources: [pl-0a, 10.0.0.0/8]}
  - {protocol: tcp, ports: "22", sources: [pl-0a]}
egress:
  - {protocol: tcp, ports: "443", destinations: [pl-0b]}
`
	const list = "schema: 1\nprefixListId: pl-0a\nentries:\n  - {cidr: 10.0.0.0/8, description: head office}\n"
	other := strings.Replace(list, "pl-0a", "pl-0b", 1)
	cases := map[string]struct {
		files  map[string]string
		golden string
		status int
		errs   string
	}{
		"lists without a document are remarked on, once each": {map[string]string{"g.yaml": group}, "lint-lists-unwatched", 0, ""},
		"one has a document":                         {map[string]string{"a.yaml": list, "g.yaml": group}, "lint-lists-one", 0, ""},
		"all have documents":                         {map[string]string{"a.yaml": list, "b.yaml": other, "g.yaml": group}, "lint-lists-all", 0, ""},
		"a broken document is an error":              {map[string]string{"a.yaml": strings.Replace(list, "10.0.0.0/8", "10.0.0.1/8", 1), "g.yaml": group}, "lint-lists-broken", 1, "baseline: 1 error to correct before a push\n"},
		"halves of the world in a list are reported": {map[string]string{"a.yaml": list + "  - {cidr: 0.0.0.0/1}\n  - {cidr: 128.0.0.0/1}\n"}, "lint-lists-world", 2, ""},
		"two files for one list":                     {map[string]string{"a.yaml": list, "b.yaml": list}, "", 1, "baseline: a.yaml and b.yaml are both for pl-0a: keep one of them\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range c.files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got := runCommand(t, nil, "", "lint", dir)
			got.out, got.errs = strings.ReplaceAll(got.out, dir+"/", ""), strings.ReplaceAll(got.errs, dir+"/", "")
			if got.status != c.status || got.errs != c.errs {
				t.Errorf("got %d %q", got.status, got.errs)
			}
			if c.golden != "" {
				goldenText(t, c.golden, got.out)
			}
		})
	}
}
