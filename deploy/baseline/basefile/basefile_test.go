package basefile_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
)

const web = "schema: 1\ngroupId: sg-01\ningress: []\n"

func write(t *testing.T, name, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// usable reads paths as verbs do.
func usable(paths ...string) error {
	files, err := basefile.Read(paths)
	if err == nil {
		err = basefile.Usable(files)
	}
	return err
}

func link(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
}

func TestWhatCanNotBeReadIsReportedWithWhatToDo(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		make func(t *testing.T, dir string)
		want string // DIR is the directory
	}{
		"two documents in a file": {func(t *testing.T, dir string) { write(t, dir+"/a.yaml", web+"---\n"+web) }, "DIR/a.yaml:4:1: there is a second document behind ---: write a file for each document"},
		"a tab":                   {func(t *testing.T, dir string) { write(t, dir+"/a.yaml", "schema: 1\ningress:\n\t- {}\n") }, "DIR/a.yaml:3:1: YAML wants spaces here, and this is a tab"},
		"a file of 5 MB":          {func(t *testing.T, dir string) { write(t, dir+"/a.yaml", strings.Repeat("#2345678\n", 5<<20/9)) }, "DIR/a.yaml: too large: 5242878 bytes; the most that a baseline may have is 1048576"},
		"a link that leads nowhere": {
			func(t *testing.T, dir string) { link(t, "gone.yaml", dir+"/a.yaml") },
			"DIR/a.yaml: it is a link to gone.yaml, which is not there: repair or remove the link",
		},
		"a link to itself": {func(t *testing.T, dir string) { link(t, "a.yaml", dir+"/a.yaml") }, "DIR/a.yaml: it can't be read: too many levels of symbolic links"},
		"a link to a directory with the name of a file": {func(t *testing.T, dir string) { link(t, ".", dir+"/a.yaml") }, "DIR/a.yaml: it is a directory, and no file"},
		"a pipe": {func(t *testing.T, dir string) {
			if err := syscall.Mkfifo(dir+"/a.yaml", 0o600); err != nil {
				t.Fatal(err)
			}
		}, "DIR/a.yaml is no regular file: remove it, or give it another ending"},
		"two files for a group":      {func(t *testing.T, dir string) { write(t, dir+"/a.yaml", web); write(t, dir+"/b.json", web) }, "DIR/a.yaml and DIR/b.json are both for sg-01: keep one of them"},
		"a directory without files":  {func(t *testing.T, dir string) { write(t, dir+"/README.md", web) }, "DIR holds no baseline files (*.yaml, *.yml, *.json)"},
		"a name with a line end":     {func(t *testing.T, dir string) { write(t, dir+"/a\nb.yaml", web) }, `the name "a\nb.yaml" has characters that can't be printed: rename the file or directory`},
		"a name that clears screens": {func(t *testing.T, dir string) { write(t, dir+"/\x1b[2J/a.yaml", web) }, `the name "\x1b[2J/a.yaml" has characters`},
		"a name with half a letter":  {func(t *testing.T, dir string) { write(t, dir+"/\x9b2J.yaml", web) }, `the name "\x9b2J.yaml" has characters`},
		"a field that clears screens": {
			func(t *testing.T, dir string) { write(t, dir+"/a.yaml", web+"\"\\e[2J\": 1\n") },
			`DIR/a.yaml:4:10: \x1b[2J: unknown field`,
		},
		"nothing at the path": {func(t *testing.T, dir string) {
			if err := os.Remove(dir); err != nil {
				t.Fatal(err)
			}
		}, "there is no file and no directory DIR: check the path, and the directory that the command runs in"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c.make(t, dir)
			err := usable(dir)
			if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), dir, "DIR"), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestFilesOfUnusualMakeAreRead(t *testing.T) {
	t.Parallel()
	cases := map[string]func(t *testing.T, dir string){
		"lines that end as on Windows":              func(t *testing.T, dir string) { write(t, dir+"/a.yaml", strings.ReplaceAll(web, "\n", "\r\n")) },
		"a byte order mark":                         func(t *testing.T, dir string) { write(t, dir+"/a.yaml", "\ufeff"+web) },
		"a file as large as a baseline may be":      func(t *testing.T, dir string) { write(t, dir+"/a.yaml", web+strings.Repeat(" ", 1<<20-len(web))) },
		"a directory with the name of a file":       func(t *testing.T, dir string) { write(t, dir+"/a.yaml/b.yaml", web) },
		"a link to a file":                          func(t *testing.T, dir string) { write(t, dir+"/a", web); link(t, "a", dir+"/a.yaml") },
		"a loop of links to directories beside one": func(t *testing.T, dir string) { write(t, dir+"/a.yaml", web); link(t, "..", dir+"/up") },
		"a name in other letters":                   func(t *testing.T, dir string) { write(t, dir+"/Grüße 🌍.yaml", web) },
	}
	for name, make := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			make(t, dir)
			files, err := basefile.Read([]string{dir})
			if err == nil {
				err = basefile.Usable(files)
			}
			if err != nil || len(files) != 1 || files[0].Doc.GroupID != "sg-01" {
				t.Errorf("%v: %d files", err, len(files))
			}
		})
	}
}

func TestAPipeAsAnArgumentIsRead(t *testing.T) {
	t.Parallel()
	name := t.TempDir() + "/pipe"
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	wrote := make(chan error, 1)
	go func() { wrote <- os.WriteFile(name, []byte(web), 0) }()
	if err := usable(name); err != nil {
		t.Error(err)
	}
	if err := <-wrote; err != nil {
		t.Error(err)
	}
}

// asNobody runs something with no right to read what others have hidden, as root too.
func asNobody(run func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if os.Geteuid() == 0 {
			_ = syscall.Setfsuid(65534) // of this thread alone; where it fails, reading succeeds, and the test fails
		}
		run()
	}()
	<-done
}

func TestWhatMayNotBeReadIsReported(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "basefile")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := write(t, dir+"/one/a.yaml", web)
	below := filepath.Dir(write(t, dir+"/two/hidden/a.yaml", web))
	for _, name := range []string{file, below} {
		if err := os.Chmod(name, 0); err != nil {
			t.Fatal(err)
		}
	}
	asNobody(func() {
		for path, says := range map[string]string{
			dir + "/one": file + ": it can't be read: permission denied",
			dir + "/two": "look for baseline files in " + below + ": open " + below + ": permission denied: make the directory readable",
		} {
			if err := usable(path); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("got %v\nwant %s", err, says)
			}
		}
	})
	if err := os.Chmod(below, 0o755); err != nil {
		t.Fatal(err)
	}
	asNobody(func() {
		if err := usable(dir + "/two"); err != nil {
			t.Errorf("once it may be read: %v", err)
		}
	})
}
