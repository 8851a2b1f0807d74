package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/review/gitlog"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// commits reads from git which commits brought the rules of baseline files. A file that
// can't be used, or that git doesn't know, is remarked on.
func (r *reportReading) commits(ctx context.Context, paths []string) error {
	files, err := basefile.Read(paths)
	if err != nil {
		return err
	}
	p := r.listing.app.Progress("reading commits", len(files))
	defer p.Clear()
	unknown := map[string]int{} // by what git says
	for _, f := range files {
		p.Step()
		if f.Problem != nil {
			r.remarks = append(r.remarks, fmt.Sprintf("the file %s can't be used, so its commits are not told: %s", f.Path, f.Problems()[0]))
			continue
		}
		about, known := r.of[f.ID()]
		if !known {
			r.remarks = append(r.remarks, fmt.Sprintf("the file %s is for %s, which has neither a baseline nor a group here", f.Path, f.ID()))
			continue
		}
		about.File = f.Path
		about.Commits, err = gitlog.Of(ctx, f.Path)
		switch {
		case errors.Is(err, gitlog.ErrNone):
			unknown[err.Error()]++
		case err != nil:
			return err
		}
		about.Decode = decodeFile
		r.of[f.ID()] = about
	}
	for _, why := range slices.Sorted(maps.Keys(unknown)) {
		r.remarks = append(r.remarks, fmt.Sprintf("the commits of %s are not told: %s", words.Count(unknown[why], "file"), why))
	}
	return nil
}

// decodeFile decodes an old version of a file, nil for what is no baseline.
func decodeFile(data []byte) *baseline.Document {
	contents, err := basefile.Strictly(data)
	if err != nil {
		return nil
	}
	return contents.Says()
}
