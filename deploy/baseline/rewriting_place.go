package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// place decides which file a result is to be, after others: the one that is there
// for the group, whatever it is called, or else a new one.
func (r *rewriting) place(g *rewritten, into target, others []*rewritten) error {
	old, exists := into.files[g.GroupID]
	g.File = filepath.Join(into.dir, g.File)
	if exists {
		g.File = filepath.Clean(old.path)
	}
	for _, other := range others {
		switch {
		case other.GroupID == g.GroupID:
			return fmt.Errorf("%s and this are both for %s: keep one of them", other.Source, g.GroupID)
		case other.File == g.File:
			return fmt.Errorf("it would be written to %s, and so would %s: rename that", g.File, other.Source)
		}
	}
	if exists {
		return r.replace(g, old)
	}
	for group, f := range into.files {
		if filepath.Clean(f.path) == g.File {
			return fmt.Errorf("it would be written to %s, which is the baseline of %s: rename that", g.File, group)
		}
	}
	g.Changed = true
	return nil
}

// replace decides what becomes of a file that is there. The version that it says
// it was pushed as stays, and is no difference.
func (r *rewriting) replace(g *rewritten, old file) error {
	if isJSON(g.Source) != isJSON(old.path) {
		return fmt.Errorf("%s is there for %s and is not of the same format: remove one of them", old.path, g.GroupID)
	}
	if old.version > 0 {
		g.data = withVersion(withoutVersion(g.data), old.version)
	}
	g.Changed = !bytes.Equal(withoutVersion(g.data), withoutVersion(old.data))
	if g.Changed && !r.force {
		return fmt.Errorf("%s is there and says something else: look at both, and overwrite it with --force", old.path)
	}
	return nil
}

func isJSON(name string) bool { return filepath.Ext(name) == ".json" }

// likeSource gives a file's name the ending of the format that it is in.
func likeSource(name, source string) string {
	if isJSON(source) {
		return strings.TrimSuffix(name, ".yaml") + ".json"
	}
	return name
}

func withoutVersion(data []byte) []byte {
	at := versionLine.FindIndex(data)
	if at == nil {
		return data
	}
	return slices.Concat(data[:at[0]], bytes.TrimPrefix(data[at[1]:], []byte("\n")))
}

func withVersion(data []byte, version int64) []byte {
	return append(fmt.Appendf(nil, "# version: %d\n", version), data...)
}
