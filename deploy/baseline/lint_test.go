package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/advice"
)

// lintedFile deserves advice of several kinds.
const lintedFile = `schema: 1
groupId: sg-0a1b2c3d4e5f60718
ingress:
  - protocol: tcp
    ports: "5432"
    sources: [10.0.0.0/16, 10.0.3.0/24, 10.0.4.0/24, 10.0.5.0/24, 10.0.6.0/24, sg-0b]
egress:
  - {protocol: all, destinations: [0.0.0.0/0]}
exceptions:
  - {direction: ingress, protocol: tcp, ports: 22, sources: [0.0.0.0/0], expires: 2027-12-01T09:00:00Z}
`

func TestLint(t *testing.T) {
	t.Parallel()
	const clean = "schema: 1\ngroupId: sg-0c\ningress: []\negress: []\n"
	const withNames = "schema: 1\ngroupId: name:db\ningress:\n  - {protocol: tcp, ports: 22, sources: [name:bastion, name:bastion, 'name:sg-0a']}\n"
	const wrong = "schema: 1\ngroupId: sg-0d\ningress:\n  - protocol: tcp\n    ports: 80-70\n    sources: [10.0.0.5/24]\n"
	cases := map[string]struct {
		files  map[string]string
		golden string
		status int
		errs   string
	}{
		"errors come before advice":     {map[string]string{"a.yaml": lintedFile, "b.yaml": wrong, "c.json": "{", "d.yml": clean}, "lint-errors", 1, "baseline: 3 errors to correct before a push\n"},
		"advice alone":                  {map[string]string{"a.yaml": lintedFile, "d.yml": clean}, "lint-advice", 2, ""},
		"nothing to say":                {map[string]string{"d.yml": clean}, "lint-clean", 0, ""},
		"names are groups of their own": {map[string]string{"a.yaml": strings.Replace(withNames, ", 'name:sg-0a'", "", 1), "b.yaml": strings.NewReplacer("groupId: name:db", "groupId: name:api", "name:bastion, name:bastion, 'name:sg-0a'", "name:bastion, name:db").Replace(withNames)}, "lint-named", 2, ""},
		"a name that is none":           {map[string]string{"a.yaml": withNames}, "lint-named-wrong", 1, "baseline: 1 error to correct before a push\n"},
		"two files for one name":        {map[string]string{"c.yaml": strings.Replace(withNames, ", 'name:sg-0a'", "", 1), "d.yaml": strings.Replace(withNames, ", 'name:sg-0a'", "", 1)}, "", 1, "baseline: c.yaml and d.yaml are both for name:db: keep one of them\n"},
		"two files for one group":       {map[string]string{"c.yaml": clean, "d.yml": clean}, "", 1, "baseline: c.yaml and d.yml are both for sg-0c: keep one of them\n"},
		"a directory without any file":  {map[string]string{"README.md": "x"}, "", 1, "baseline: . holds no baseline files (*.yaml, *.yml, *.json)\n"},
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
			got.out = strings.ReplaceAll(strings.ReplaceAll(got.out, dir+"/", ""), dir, ".")
			got.errs = strings.ReplaceAll(strings.ReplaceAll(got.errs, dir+"/", ""), dir, ".")
			if got.status != c.status || got.errs != c.errs {
				t.Errorf("got %d %q", got.status, got.errs)
			}
			if c.golden == "" {
				c.golden = "nothing"
			}
			goldenText(t, c.golden, got.out)
		})
	}
}

func TestErrorsBeyondAHundredAreCounted(t *testing.T) {
	t.Parallel()
	for n, more := range map[int]string{100: "", 103: ": and 3 more\n"} {
		name := filepath.Join(t.TempDir(), "a.yaml")
		write(t, name, "schema: 1\ngroupId: sg-0a\negress: []\ningress: ["+strings.Repeat("0,", n)+"]\n")
		lint := runCommand(t, nil, "", "lint", name)
		push := runCommand(t, nil, "", "push", name)
		for what, text := range map[string]string{"lint": lint.out, "push": push.errs} {
			if strings.Count(text, "must be an object, not a number") != 100 || strings.Contains(text, name+": and ") != (more != "") || !strings.Contains(text, more) {
				t.Errorf("%s of %d: %s", what, n, text)
			}
		}
	}
}

func TestLintWithOutputJSON(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "a.yaml"), filepath.Join(dir, "b.yaml")
	for path, text := range map[string]string{good: lintedFile, bad: "schema: 1\ngroupId: x\ningress: []\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := runCommand(t, nil, "", "lint", good, bad, "--output", "json")
	var result lintResult
	if err := json.Unmarshal([]byte(got.out), &result); err != nil || got.status != 1 {
		t.Fatalf("%v in %+v", err, got)
	}
	wrong := lintError{advice.Position{File: bad, Line: 2, Column: 10, Path: "groupId"}, "must be the id of a security group, such as sg-0a1b2c3d4e5f60718"}
	if diff := cmp.Diff([]lintError{wrong}, result.Errors, cmp.AllowUnexported(lintError{})); diff != "" {
		t.Error(diff)
	}
	if len(result.Advice) != 6 || result.Advice[0].ID != "database-from-address" || result.Advice[0].Position != (advice.Position{File: good, Line: 4, Column: 5, Path: "ingress[0]"}) {
		t.Errorf("got %+v", result.Advice)
	}
	if clean := runCommand(t, nil, "", "lint", good, "--output", "json"); clean.status != 2 || !strings.Contains(clean.out, `"errors": []`) {
		t.Errorf("got %+v", clean)
	}
}
