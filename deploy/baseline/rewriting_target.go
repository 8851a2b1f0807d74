package main

import (
	"bytes"
	"fmt"
	"path/filepath"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
)

// setTarget decides which file a result is to be, after others: the one that is there
// for the group, whatever it is called, or else a new one.
func (r *rewriting) setTarget(g *rewritten, into basefile.Directory, others []*rewritten) error {
	old, exists := into.ByID[g.id()]
	g.File = filepath.Join(into.Dir, g.File)
	if exists {
		g.File = filepath.Clean(old.Path)
	}
	for _, other := range others {
		switch {
		case other.id() == g.id():
			return fmt.Errorf("%s and this are both for %s: keep one of them", other.Source, g.id())
		case other.File == g.File:
			return fmt.Errorf("it would be written to %s, and so would %s: rename that", g.File, other.Source)
		}
	}
	if exists {
		return r.replace(g, old)
	}
	for group, f := range into.ByID {
		if filepath.Clean(f.Path) == g.File {
			return fmt.Errorf("it would be written to %s, which is the baseline of %s: rename that", g.File, group)
		}
	}
	g.Changed = true
	return nil
}

// replace decides what becomes of a file that is there. An old stamp is no difference,
// and a file that is written loses the stamp.
func (r *rewriting) replace(g *rewritten, old basefile.File) error {
	if basefile.IsJSON(g.Source) != basefile.IsJSON(old.Path) {
		return fmt.Errorf("%s is there for %s and is not of the same format: remove one of them", old.Path, g.id())
	}
	g.Changed = !bytes.Equal(g.data, basefile.WithoutStamp(old.Data))
	if g.Changed && !r.force {
		return fmt.Errorf("%s is there and says something else: look at both, and overwrite it with --force", old.Path)
	}
	return nil
}
