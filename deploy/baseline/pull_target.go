package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
)

// pullTarget is where baselines are pulled to.
type pullTarget struct {
	dir   string // for the files of groups that have none; empty where files alone were named
	files []basefile.File
}

// pullTargetOf reads what is at paths. A file that can't be read may be any group's, so
// such a file has to be dealt with first.
func pullTargetOf(paths []string) (*pullTarget, error) {
	into := &pullTarget{}
	var names []string
	for _, path := range paths {
		found, isDir, err := filesToPull(path)
		if err != nil {
			return nil, err
		}
		if isDir && into.dir != "" {
			return nil, fmt.Errorf("%s and %s are both directories, and new files go to one: name one directory", into.dir, path)
		}
		if isDir {
			into.dir = path
		}
		names = append(names, found...)
	}
	var err error
	if into.files, err = basefile.Read(names); err == nil {
		err = basefile.Usable(into.files)
	}
	return into, err
}

// filesToPull returns a file, or the files in a directory, which may be empty or not
// there yet.
func filesToPull(path string) (names []string, isDir bool, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && basefile.IsFileName(path):
		return nil, false, fmt.Errorf("there is no file %s: to have the file made, name its directory, and the group with --group", path)
	case errors.Is(err, fs.ErrNotExist):
		return nil, true, basefile.CheckName(path)
	}
	names, filesErr := basefile.FilesAt(path)
	if errors.Is(filesErr, basefile.ErrNone) {
		filesErr = nil
	}
	return names, err == nil && info.IsDir(), filesErr
}

// only leaves the files of some groups.
func (t *pullTarget) only(ids []string) {
	t.files = slices.DeleteFunc(t.files, func(f basefile.File) bool { return !slices.Contains(ids, f.ID()) })
}

func (t *pullTarget) has(id string) bool {
	return slices.ContainsFunc(t.files, func(f basefile.File) bool { return f.ID() == id })
}
