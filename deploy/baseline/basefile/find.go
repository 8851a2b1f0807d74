package basefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// extensions are how the names of baseline files end.
var extensions = []string{".yaml", ".yml", ".json"}

// IsFileName reports whether a name ends as those of baseline files do.
func IsFileName(name string) bool { return slices.Contains(extensions, filepath.Ext(name)) }

// FilesAt returns a file itself, or the baseline files in a directory and below. The
// directory may be a link; links to directories below it are not followed, so that no
// loop of links is.
func FilesAt(path string) ([]string, error) {
	if err := CheckName(path); err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if _, linkErr := os.Readlink(path); err != nil && linkErr == nil {
		return []string{path}, nil // reading the file says where the link leads
	}
	if err != nil {
		return nil, notFound(path, err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	// A walk doesn't follow links, not even the one it starts at.
	root, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, notFound(path, err)
	}
	names, err := filesBelow(root, path)
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("%s %w", path, ErrNone)
	}
	return names, err
}

// filesBelow lists the baseline files below root, with path instead of root.
func filesBelow(root, path string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("look for baseline files in %s: %w: make the directory readable, or name the files one by one", Printable(name), err)
		}
		if entry.IsDir() || !IsFileName(name) {
			return nil
		}
		below, err := filepath.Rel(root, name)
		if err == nil {
			err = errors.Join(CheckName(below), checkKind(name))
		}
		names = append(names, filepath.Join(path, below))
		return err
	})
	return names, err
}

// notFound says what to do about a path that leads nowhere.
func notFound(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no file and no directory %s: check the path, and the directory that the command runs in: %w", path, err)
	}
	return fmt.Errorf("look for baseline files at %s: %w", path, err)
}

// checkKind refuses what is neither a file nor a directory: to read a pipe is to wait
// for the other end.
func checkKind(name string) error {
	info, err := os.Stat(name)
	if err != nil || info.Mode().IsRegular() || info.IsDir() { // reading the file says what is wrong
		return nil
	}
	return fmt.Errorf("%s is no regular file: remove it, or give it another ending than .yaml, .yml and .json", name)
}
