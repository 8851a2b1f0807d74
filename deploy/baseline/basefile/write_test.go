package basefile_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
)

func TestStampsAreReadAndLost(t *testing.T) {
	t.Parallel()
	const shown = "# parameter: /p/groups/sg-01%s\n%s# written: now by ana\n# egress is not guarded: rules of that direction are left alone\n"
	cases := map[string]struct {
		text, stampless, headless string
		version                   int64
	}{
		"no stamp":                {web, web, web, 0},
		"a stamp":                 {"# version: 7\n" + web, web, web, 7},
		"a stamp below a comment": {"# ours\n# version: 7\n# too\n" + web, "# ours\n# too\n" + web, "# ours\n# too\n" + web, 7},
		"a stamp on Windows":      {"\ufeff# version: 7\r\n" + web, "\ufeff" + web, "\ufeff" + web, 7},
		"a comment further down":  {web + "# version: 7\n", web + "# version: 7\n", web + "# version: 7\n", 0},
		"what show printed once":  {fmt.Sprintf(shown, "", "# version: 7\n") + web, fmt.Sprintf(shown, "", "") + web, web, 7},
		"what show prints":        {fmt.Sprintf(shown, ", version 7", "") + web, fmt.Sprintf(shown, ", version 7", "") + web, web, 0},
		"more digits than any":    {"# version: 99999999999999999999\n" + web, web, web, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := basefile.ReadOne(write(t, t.TempDir()+"/a.yaml", c.text))
			if f.Problem != nil || f.Version != c.version {
				t.Errorf("%v: version %d", f.Problem, f.Version)
			}
			if diff := cmp.Diff([]string{c.stampless, c.headless}, []string{string(basefile.WithoutStamp(f.Data)), string(basefile.WithoutHead(f.Data))}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestALinkStaysALinkAndPermissionsStay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := write(t, dir+"/real/a", "old")
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	link(t, "real/a", dir+"/a.yaml")
	if err := basefile.ReplaceAll([]basefile.Replacement{{Name: dir + "/a.yaml", Data: []byte("new")}}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(dir + "/a.yaml")
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("%v: it is %v", err, info.Mode())
	}
	info, err = os.Stat(file)
	data, readErr := os.ReadFile(file)
	if err != nil || readErr != nil || info.Mode().Perm() != 0o600 || string(data) != "new" {
		t.Errorf("%v, %v: %v %s", err, readErr, info.Mode(), data)
	}
}

// smallDisk makes the test binary a process whose files can't grow beyond some bytes,
// as on a full disk, and which replaces files.
const smallDisk = "BASEFILE_TEST_SMALL_DISK"

func TestMain(m *testing.M) {
	dir := os.Getenv(smallDisk)
	if dir == "" {
		os.Exit(m.Run())
	}
	os.Exit(replaceOnSmallDisk(dir))
}

// TestNothingIsHalfWrittenOnAFullDisk writes small files first and then a large one.
func TestNothingIsHalfWrittenOnAFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir+"/a.yaml", "old")
	write(t, dir+"/c.yaml", "old")
	command := exec.Command(os.Args[0])
	command.Env = []string{smallDisk + "=" + dir}
	out, err := command.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "write the file "+dir+"/c.yaml: ") || !strings.Contains(string(out), "file too large") {
		t.Errorf("%v: %s", err, out)
	}
	got := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got[e.Name()] = string(data)
	}
	if diff := cmp.Diff(map[string]string{"a.yaml": "old", "c.yaml": "old"}, got); diff != "" {
		t.Error(diff)
	}
	// The same without the limit, so that the limit is what it fails by.
	if err := basefile.ReplaceAll(replacements(dir)); err != nil {
		t.Error(err)
	}
}

func replacements(dir string) []basefile.Replacement {
	return []basefile.Replacement{
		{Name: dir + "/a.yaml", Data: []byte("new")}, {Name: dir + "/b.yaml", Data: []byte("new")}, {Name: dir + "/c.yaml", Data: bytes.Repeat([]byte("x"), 1<<16)},
	}
}
