package basefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Directory is a directory with its files, by the id of the group or prefix list.
type Directory struct {
	Dir  string
	ByID map[string]File
}

// OpenDirectory makes the directory where it isn't there, and reads its files.
func OpenDirectory(dir string) (Directory, error) {
	if err := CheckName(dir); err != nil {
		return Directory{}, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Directory{}, fmt.Errorf("make the directory %s: %w", dir, err)
	}
	return ReadDirectory(Strictly, dir)
}

// ReadDirectory reads the files of a directory, if it is there. A file that can't be
// read may be any group's, so it has to be dealt with first.
func ReadDirectory(decode Reading, dir string) (Directory, error) {
	t := Directory{Dir: dir, ByID: map[string]File{}}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	files, err := ReadAs(decode, []string{dir})
	if err != nil && !errors.Is(err, ErrNone) {
		return Directory{}, err
	}
	if err := Usable(files); err != nil {
		return Directory{}, fmt.Errorf("repair or remove what is no baseline in %s; nothing was written:\n%w", dir, err)
	}
	for _, f := range files {
		t.ByID[f.ID()] = f
	}
	return t, nil
}
