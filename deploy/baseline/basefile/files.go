// Package basefile reads and writes the files of baselines: YAML or JSON, one group
// a file. Writes are switched in at once, so that a file is never half written.
package basefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// File is a baseline file. Where it can't be used, problem says why and doc is nil.
type File struct {
	Path    string
	Data    []byte
	Doc     *baseline.Document
	Problem error // *baseline.Error, or of reading the file
	// version is that of the parameter that the file was captured from or last
	// pushed as, 0 where the file does not say. It stands in a comment, since it
	// is not part of what is approved.
	Version int64
}

var ErrNone = errors.New("holds no baseline files (*.yaml, *.yml, *.json)")

// Read reads baseline files, and those in directories, in order. What is
// wrong with one of them is in its problem; two files for one group are an error
// of the whole.
func Read(paths []string) ([]File, error) { return ReadAs(Strictly, paths) }

// Reading is how the documents of files are decoded.
type Reading func([]byte) (*baseline.Document, error)

// Strictly reads what could be pushed; withNames also what baseline resolve could
// make that of.
func Strictly(data []byte) (*baseline.Document, error)  { return baseline.DecodeYAML(data, "") }
func WithNames(data []byte) (*baseline.Document, error) { return baseline.DecodeNamed(data, nil) }

func ReadAs(decode Reading, paths []string) ([]File, error) {
	var names []string
	for _, path := range paths {
		found, err := FilesAt(path)
		if err != nil {
			return nil, err
		}
		names = append(names, found...)
	}
	var files []File
	byGroup := map[string]string{}
	for _, name := range names {
		f := ReadOneAs(decode, name)
		if f.Doc != nil {
			if other, twice := byGroup[f.Doc.GroupID]; twice {
				return nil, fmt.Errorf("%s and %s are both for %s: keep one of them", other, name, f.Doc.GroupID)
			}
			byGroup[f.Doc.GroupID] = name
		}
		files = append(files, f)
	}
	return files, nil
}

// FilesAt returns a file itself, or the baseline files in a directory and below.
func FilesAt(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	// A walk doesn't follow links, not even the one it starts at.
	root, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	var names []string
	err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name)) {
			return err
		}
		below, err := filepath.Rel(root, name)
		names = append(names, filepath.Join(path, below))
		return err
	})
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("%s %w", path, ErrNone)
	}
	return names, err
}

func ReadOne(name string) File { return ReadOneAs(Strictly, name) }

func ReadOneAs(decode Reading, name string) File {
	f := File{Path: name}
	data, err := os.ReadFile(name)
	if err != nil {
		f.Problem = err
		return f
	}
	if match := VersionLine.FindSubmatch(data); match != nil {
		f.Version, _ = strconv.ParseInt(string(match[1]), 10, 64)
	}
	f.Data = data
	f.Doc, f.Problem = decode(data)
	return f
}

// Write writes a document with the version it has in Parameter Store, 0 for
// none. A file that would not change is left alone.
func Write(name string, doc *baseline.Document, version int64) (changed bool, err error) {
	data, err := baseline.EncodeYAML(doc)
	if err != nil {
		return false, err
	}
	if version > 0 {
		data = append(fmt.Appendf(nil, "# version: %d\n", version), data...)
	}
	return replaceFile(name, data)
}

// SetVersion changes nothing of a file but the version that it says it is of, so
// that people's comments stay. JSON has no place for it.
func SetVersion(name string, version int64) (changed bool, err error) {
	if filepath.Ext(name) == ".json" {
		return false, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return false, err
	}
	line := fmt.Sprintf("# version: %d", version)
	if at := VersionLine.FindIndex(data); at != nil {
		data = slices.Concat(data[:at[0]], []byte(line), data[at[1]:])
	} else {
		data = append([]byte(line+"\n"), data...)
	}
	return replaceFile(name, data)
}

// replaceFile switches a file's content at once; the same content is left alone.
func replaceFile(name string, data []byte) (changed bool, err error) {
	if old, err := os.ReadFile(name); err == nil && string(old) == string(data) {
		return false, nil
	}
	temporary, err := stage(name, data)
	if err != nil {
		return false, err
	}
	if err := os.Rename(temporary, name); err != nil {
		return false, errors.Join(err, os.Remove(temporary))
	}
	return true, nil
}

// stage writes a file beside the one that it is to replace.
func stage(name string, data []byte) (temporary string, err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".baseline-*")
	if err != nil {
		return "", err
	}
	_, writeErr := f.Write(data)
	if err := errors.Join(writeErr, f.Chmod(0o644), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// Problems lists what is wrong with a file, each with file, line and column.
func (f File) Problems() []string {
	var wrong *baseline.Error
	if !errors.As(f.Problem, &wrong) {
		return []string{f.Path + ": " + f.Problem.Error()}
	}
	var lines []string
	for _, p := range wrong.Problems {
		at := f.Path
		if p.Line > 0 {
			at = fmt.Sprintf("%s:%d:%d", f.Path, p.Line, p.Column)
		}
		lines = append(lines, at+": "+p.String())
	}
	if wrong.More > 0 {
		lines = append(lines, fmt.Sprintf("%s: and %d more", f.Path, wrong.More))
	}
	return lines
}

// Usable fails with every problem of every file.
func Usable(files []File) error {
	var all []string
	for _, f := range files {
		if f.Problem != nil {
			all = append(all, f.Problems()...)
		}
	}
	if len(all) > 0 {
		return errors.New(strings.Join(all, "\n"))
	}
	return nil
}
