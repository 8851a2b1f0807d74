package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
)

func TestFilesAreSwitchedAllOrNone(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		third string // a directory in the way of the third file, which fails late; or no directory for it, early
		want  map[string]string
		fails bool
	}{
		"all":                          {"", map[string]string{"a": "new", "b": "new", "c": "new"}, false},
		"what fails before the first":  {"gone/c", map[string]string{"a": "old"}, true},
		"what fails behind the second": {"c", map[string]string{"a": "old"}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, filepath.Join(dir, "a"), "old")
			third := filepath.Join(dir, "c")
			if c.third != "" {
				third = filepath.Join(dir, c.third)
			}
			all := []basefile.Replacement{{Name: filepath.Join(dir, "a"), Data: []byte("new")}, {Name: filepath.Join(dir, "b"), Data: []byte("new")}, {Name: third, Data: []byte("new")}}
			if c.third == "c" {
				// A rename doesn't replace a directory; reading one fails, so it comes in between.
				for i := range all {
					if err := all[i].Stage(); err != nil {
						t.Fatal(err)
					}
				}
				if err := os.Mkdir(third, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := basefile.SwitchAll(all); err == nil {
					t.Fatal("a directory was replaced")
				}
				if err := os.Remove(third); err != nil {
					t.Fatal(err)
				}
			} else if err := basefile.ReplaceAll(all); (err != nil) != c.fails {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, contents(t, dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestADirectoryThatWasMadeForNothingIsRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	undo, err := basefile.MakeDir(filepath.Join(dir, "a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	if err := undo(); err != nil {
		t.Fatal(err)
	}
	if left := contents(t, dir); len(left) != 0 {
		t.Errorf("%v is left", left)
	}
	undo, err = basefile.MakeDir(dir)
	if err != nil || undo() != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Errorf("what was there is gone: %v", err)
	}
}

func TestWhatCannotBeWrittenLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := &rewriting{dir: filepath.Join(dir, "a", "b")}
	valid := &rewritten{File: filepath.Join(r.dir, "x.yaml"), Changed: true, data: []byte("x")}
	lost := &rewritten{File: filepath.Join(dir, "gone", "y.yaml"), Changed: true, data: []byte("y")}
	if err := r.write([]*rewritten{valid, lost}); err == nil {
		t.Fatal("it was written where there is no directory")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%v is left: %v", left, err)
	}
	if err := r.write([]*rewritten{valid}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"x.yaml": "x"}, contents(t, r.dir)); diff != "" {
		t.Error(diff)
	}
}
