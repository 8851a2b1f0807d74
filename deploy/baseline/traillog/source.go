// Package traillog reads what CloudTrail recorded, from any number of files, fast and in bounded memory, and hands out
// the records about security groups, oldest first.
package traillog

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
)

// Source is one piece of history: a log file, an object in S3, an answer of an API.
type Source struct {
	Name string // as people know it: a path, s3://bucket/key, "event history of us-east-1, page 3"
	Size int64  // bytes that Open's reader gives, before unpacking; 0: not known
	Open func(context.Context) (io.ReadCloser, error)
}

// Sources yields the pieces in any order. With an error comes the Name of a piece, or of a folder, that can't be listed:
// Read names the piece among the skipped, and the rest goes on.
type Sources = iter.Seq2[Source, error]

// Files are the log files at the paths: files, and folders with all below them.
func Files(paths []string) Sources {
	return func(yield func(Source, error) bool) {
		for _, path := range paths {
			if !filesBelow(path, yield) {
				return
			}
		}
	}
}

// filesBelow yields the files at one path. It returns false where the reader wants no more.
func filesBelow(path string, yield func(Source, error) bool) bool {
	goesOn := true
	found := false
	visit := func(path string, entry fs.DirEntry, err error) error {
		source, relevant, err := fileAt(path, entry, err)
		if !relevant {
			return nil
		}
		found = true
		if goesOn = yield(source, err); !goesOn {
			return fs.SkipAll
		}
		return nil
	}
	// Every error of the walk goes through visit, which returns none.
	_ = filepath.WalkDir(path, visit)
	if goesOn && !found {
		return yield(Source{Name: path}, fmt.Errorf("look for log files in %s: the folder has no files", path))
	}
	return goesOn
}

// fileAt returns the log file that a walk came upon, or why it can't be read. It returns false for a folder.
func fileAt(path string, entry fs.DirEntry, err error) (Source, bool, error) {
	source := Source{Name: path}
	if err != nil {
		return source, true, fmt.Errorf("look for log files in %s: %w", path, err)
	}
	if entry.IsDir() {
		return source, false, nil
	}
	info, err := os.Stat(path) // not entry.Info: a link stands for what the link points to
	switch {
	case err != nil:
		return source, true, fmt.Errorf("look at the log file %s: %w", path, err)
	case info.IsDir():
		return source, true, fmt.Errorf("look at %s: a link to a folder is not followed; name the folder itself", path)
	}
	if info.Mode().IsRegular() {
		source.Size = info.Size()
	}
	source.Open = func(context.Context) (io.ReadCloser, error) {
		file, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("open the log file: %w", err)
		}
		return file, nil
	}
	return source, true, nil
}
