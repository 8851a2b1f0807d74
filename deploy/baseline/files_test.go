package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
)

func TestFilesOfALinkedDirectoryAreRead(t *testing.T) {
	t.Parallel()
	dir := writeBaselines(t, 2)
	link := filepath.Join(t.TempDir(), "baselines")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	names, err := basefile.FilesAt(link)
	if err != nil || len(names) != 2 || filepath.Dir(names[0]) != link {
		t.Errorf("%v, %v", names, err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.Symlink(t.TempDir(), empty); err != nil {
		t.Fatal(err)
	}
	if names, err := basefile.FilesAt(empty); !errors.Is(err, basefile.ErrNone) {
		t.Errorf("%v, %v", names, err)
	}
}
