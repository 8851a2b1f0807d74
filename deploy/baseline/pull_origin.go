package main

import (
	"slices"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/lineage"
	"github.com/sgwarden/sgwarden/deploy/baseline/merge"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// origin is the version of a baseline that a file was made from.
type origin struct {
	version int64
	doc     *baseline.Document
	older   int64 // an older version that the file says exactly, 0 for none
}

// originOf finds what a file was made from. Git orders the pushes of a file, so it is
// what the last push wrote. Where no push of a file wrote any version: what the stamp
// of an old file says, or a version that the file says exactly.
func originOf(f basefile.File, versions []baseline.Version) (o origin, found bool) {
	says := f.Says()
	history := lineage.Decode(f.ID(), versions)
	if base, _, found := history.LastPush(); found {
		o = origin{version: base.Version.Version, doc: base.Doc}
		if earlier, found := history.Earlier(says); found && !merge.ContentOf(base.Doc).Same(merge.ContentOf(says)) {
			o.older = earlier.Version.Version
		}
		return o, true
	}
	for _, fits := range []func(lineage.Version) bool{
		func(v lineage.Version) bool { return v.Version.Version == f.Version },
		func(v lineage.Version) bool { return merge.ContentOf(v.Doc).Same(merge.ContentOf(says)) },
	} {
		for _, v := range slices.Backward(history) {
			if v.Doc != nil && fits(v) {
				return origin{version: v.Version.Version, doc: v.Doc}, true
			}
		}
	}
	return origin{}, false
}
