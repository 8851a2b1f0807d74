// Package basefile reads and writes the files of baselines: YAML or JSON, one group or
// prefix list a file. Writes are switched in at once, so that a file is never half
// written.
package basefile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/entries"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

// Contents are what a file says: Doc of a group or List of a prefix list. Both are nil
// for a document of another kind.
type Contents struct {
	Doc  *baseline.Document
	List *baseline.PrefixList
}

// ID returns the id of the group or prefix list; empty for other documents.
func (c Contents) ID() string {
	switch {
	case c.Doc != nil:
		return c.Doc.GroupID
	case c.List != nil:
		return c.List.PrefixListID
	}
	return ""
}

// Says returns what the file says in the form in which baselines are compared, whether
// of a group or of a prefix list; nil for other documents.
func (c Contents) Says() *baseline.Document {
	if c.Doc != nil {
		return c.Doc
	}
	return entries.AsBaseline(c.List)
}

// File is a baseline file. Where it can't be used, Problem says why and it has no
// contents.
type File struct {
	Contents
	Path    string
	Data    []byte
	Problem error // *baseline.Error, or of reading the file
	// Version is what the stamp says that earlier versions of this command wrote into
	// files: the version in Parameter Store that the file was made from. It is 0 where
	// there is no stamp. No verb writes stamps any more.
	Version int64
}

// ErrNone says that a directory has no baseline files.
var ErrNone = errors.New("holds no baseline files (*.yaml, *.yml, *.json)")

// Read reads baseline files, and those in directories, in order. An
// error of one of them is in its Problem; two files for one group or prefix list are
// an error of the whole.
func Read(paths []string) ([]File, error) { return ReadAs(Strictly, paths) }

// Reading is how the documents of files are decoded.
type Reading func([]byte) (Contents, error)

// Strictly reads what could be pushed.
func Strictly(data []byte) (Contents, error) {
	return read(data, func() (*baseline.Document, error) { return yamlfile.Decode(data, "") })
}

// WithNames reads what could be pushed, and also what baseline resolve could make
// that of.
func WithNames(data []byte) (Contents, error) {
	return read(data, func() (*baseline.Document, error) { return yamlfile.DecodeWithNames(data, nil) })
}

// read reads a prefix list's document, and leaves everything else to decode.
func read(data []byte, decode func() (*baseline.Document, error)) (c Contents, err error) {
	if yamlfile.KindOf(data) == baseline.KindPrefixList {
		c.List, err = yamlfile.DecodePrefixList(data, "")
		return c, err
	}
	c.Doc, err = decode()
	return c, err
}

// OnlyGroups refuses files of prefix lists for a verb that takes those of groups alone.
func OnlyGroups(files []File, verb string) error {
	for _, f := range files {
		if f.List != nil {
			return fmt.Errorf("%s is the document of the prefix list %s, and %s takes baselines of groups alone: keep the file in another directory, or name the other files one by one", f.Path, f.ID(), verb)
		}
	}
	return nil
}

// Lists parts the files of prefix lists from the others.
func Lists(files []File) (lists, others []File) {
	for _, f := range files {
		if f.List != nil {
			lists = append(lists, f)
		} else {
			others = append(others, f)
		}
	}
	return lists, others
}

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
	byID := map[string]string{}
	for _, name := range names {
		f := ReadOneAs(decode, name)
		if id := f.ID(); id != "" {
			if other, twice := byID[id]; twice {
				return nil, fmt.Errorf("%s and %s are both for %s: keep one of them", other, name, id)
			}
			byID[id] = name
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
