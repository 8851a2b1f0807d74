// Package basefile reads and writes the files of baselines: YAML or JSON, one group
// a file. Writes are switched in at once, so that a file is never half written.
package basefile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

// File is a baseline file. Where it can't be used, Problem says why and Doc is nil.
type File struct {
	Path    string
	Data    []byte
	Doc     *baseline.Document
	Problem error // *baseline.Error, or of reading the file
	// Version is what the stamp says that earlier versions of this command wrote into
	// files: the version in Parameter Store that the file was made from. It is 0 where
	// there is no stamp. No verb writes stamps any more.
	Version int64
}

// ErrNone says that a directory has no baseline files.
var ErrNone = errors.New("holds no baseline files (*.yaml, *.yml, *.json)")

// Read reads baseline files, and those in directories, in order. What is
// wrong with one of them is in its Problem; two files for one group are an error
// of the whole.
func Read(paths []string) ([]File, error) { return ReadAs(Strictly, paths) }

// Reading is how the documents of files are decoded.
type Reading func([]byte) (*baseline.Document, error)

// Strictly reads what could be pushed.
func Strictly(data []byte) (*baseline.Document, error) { return yamlfile.Decode(data, "") }

// WithNames reads what could be pushed, and also what baseline resolve could make
// that of.
func WithNames(data []byte) (*baseline.Document, error) { return yamlfile.DecodeNamed(data, nil) }

// ReadAs is Read with a decoder of the caller's choice.
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

// Problems lists what is wrong with a file, each with file, line and column.
func (f File) Problems() []string {
	var wrong *baseline.Error
	if !errors.As(f.Problem, &wrong) {
		return []string{f.Path + ": " + Printable(f.Problem.Error())}
	}
	var lines []string
	for _, p := range wrong.Problems {
		at := f.Path
		if p.Line > 0 {
			at = fmt.Sprintf("%s:%d:%d", f.Path, p.Line, p.Column)
		}
		lines = append(lines, at+": "+Printable(p.String()))
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
