package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// fileVerbs read the files of a directory. Only resolve asks AWS before it says what is
// wrong, to say all at once.
func fileVerbs(t *testing.T, dir string) map[string][]string {
	t.Helper()
	table := filepath.Join(t.TempDir(), "map.yaml")
	write(t, table, "sg-01: sg-02\n")
	return map[string][]string{
		"lint":    {"lint", dir},
		"push":    {"push", dir, "--yes"},
		"diff":    {"diff", dir},
		"pull":    {"pull", dir},
		"resolve": {"resolve", dir, "--out", filepath.Join(t.TempDir(), "out")},
		"clone":   {"clone", "--from", dir, "--map", table, "--out", filepath.Join(t.TempDir(), "out")},
		"capture": {"capture", "--group-id", "sg-01", "--out", dir},
		"import":  {"import", "terraform", "-", "--out", dir},
	}
}

func TestEveryVerbNamesAFileThatItCannotUse(t *testing.T) {
	t.Parallel()
	const valid = "schema: 1\ngroupId: sg-01\ningress: []\n"
	cases := map[string]struct {
		files map[string]string
		make  func(t *testing.T, dir string)
		want  string // DIR is the directory
	}{
		"two documents in a file": {map[string]string{"a.yaml": valid + "---\n" + valid}, nil, "DIR/a.yaml:4:1: there is a second document behind ---: write a file for each document"},
		"a file of 5 MB":          {map[string]string{"a.yaml": strings.Repeat("#2345678\n", 5<<20/9)}, nil, "DIR/a.yaml: too large: 5242878 bytes"},
		"a tab":                   {map[string]string{"a.yaml": "schema: 1\ningress:\n\t- {}\n"}, nil, "DIR/a.yaml:3:1: YAML wants spaces here, and this is a tab"},
		"two files for a group":   {map[string]string{"a.yaml": valid, "b.yml": valid}, nil, "DIR/a.yaml and DIR/b.yml are both for sg-01: keep one of them"},
		"a name that clears":      {map[string]string{"\x1b[2J.yaml": valid}, nil, `the name "\x1b[2J.yaml" has characters that can't be printed`},
		"a field that clears":     {map[string]string{"a.yaml": valid + "\"\\e[2J\": 1\n"}, nil, `DIR/a.yaml:4:10: \x1b[2J: unknown field`},
		"a link that leads nowhere": {nil, func(t *testing.T, dir string) {
			if err := os.Symlink("gone", dir+"/a.yaml"); err != nil {
				t.Fatal(err)
			}
		}, "DIR/a.yaml: it is a link to gone, which is not there"},
		"a pipe": {nil, func(t *testing.T, dir string) {
			if err := syscall.Mkfifo(dir+"/a.yaml", 0o600); err != nil {
				t.Fatal(err)
			}
		}, "DIR/a.yaml is no regular file"},
	}
	stub := awsstub.New(0, map[string]awsstub.Handler{"DescribeSecurityGroups": noGroups})
	t.Cleanup(stub.Close)
	cfg := stub.Config()
	for name, c := range cases {
		dir := t.TempDir()
		for file, text := range c.files {
			write(t, filepath.Join(dir, file), text)
		}
		if c.make != nil {
			c.make(t, dir)
		}
		for verb, args := range fileVerbs(t, dir) {
			t.Run(verb+" with "+name, func(t *testing.T) {
				t.Parallel()
				in := ""
				if verb == "import" {
					in = stateOfTwo
				}
				got := runCommand(t, &cfg, in, args...)
				said := strings.ReplaceAll(got.out+got.errs, dir, "DIR")
				if got.status != 1 || !strings.Contains(said, c.want) || strings.Contains(said, "\x1b") {
					t.Errorf("status %d: %.600q\nwant %s", got.status, said, c.want)
				}
			})
		}
	}
}

// TestFilesOfWindowsAreCloned keeps line ends and the byte order mark.
func TestFilesOfWindowsAreCloned(t *testing.T) {
	t.Parallel()
	windows := func(text string) string { return "\ufeff" + strings.ReplaceAll(text, "\n", "\r\n") }
	const file = "# version: 3\ngroupId: sg-01 # it\nschema: 1\ningress:\n- {protocol: all, sources: [sg-01]}\n"
	from, table, out := cloneDirs(t, "sg-01: sg-02\n", map[string]string{"a.yaml": windows(file)})
	expect(t, runCommand(t, nil, "", "clone", "--from", from, "--map", table, "--out", out), 0, "1 written")
	want := windows(strings.ReplaceAll(strings.TrimPrefix(file, "# version: 3\n"), "sg-01", "sg-02"))
	if diff := cmp.Diff(map[string]string{"sg-02.yaml": want}, contents(t, out)); diff != "" {
		t.Error(diff)
	}
	expect(t, runCommand(t, nil, "", "lint", out), 2, "1 file: 0 errors")
}
