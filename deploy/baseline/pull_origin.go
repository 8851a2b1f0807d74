package main

import (
	"slices"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/merge"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// origin is the version of a baseline that a file was made from.
type origin struct {
	version int64
	doc     *baseline.Document
	older   int64 // an older version that the file says exactly, 0 for none
}

// originOf finds what a file was made from: what the stamp of an old file says, or a
// version that the file says exactly.
func originOf(f basefile.File, versions []baseline.Version) (o origin, found bool) {
	for _, v := range slices.Backward(versions) {
		doc, err := baseline.Decode(v.Value, f.Doc.GroupID)
		if err == nil && (v.Version == f.Version || merge.ContentOf(doc).Same(merge.ContentOf(f.Doc))) {
			return origin{version: v.Version, doc: doc}, true
		}
	}
	return origin{}, false
}
