package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/compose"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// captureInto writes one group's file.
func captureInto(t basefile.Directory, s compose.Source, now time.Time) capturedGroup {
	result := capturedGroup{GroupID: s.Group.ID, GroupName: s.Group.Name, Rules: len(s.Live), Version: s.Stored.Stored.Version}
	old, exists := t.ByGroup[s.Group.ID]
	result.File = old.Path
	if !exists {
		result.File = filepath.Join(t.Dir, basefile.NameFor(s.Group))
	}
	before, notes := previous(old, s.Stored)
	doc, left, err := compose.Baseline(s, before, now)
	result.Notes = append(notes, left...)
	if err == nil && filepath.Ext(result.File) == ".json" {
		err = fmt.Errorf("%s: capture writes YAML, which can also say its version: rename it to .yaml", result.File)
	}
	if err == nil {
		result.Changed, err = basefile.Write(result.File, doc, result.Version)
	}
	if err != nil {
		result.Error = err.Error()
	}
	return result
}

// previous is the document whose settings are kept: the file's, or that of
// Parameter Store where somebody changed it since, which a push must not undo.
func previous(f basefile.File, stored baseline.GroupDocument) (doc *baseline.Document, notes []string) {
	if !stored.Stored.Exists() || f.Doc != nil && f.Version == stored.Stored.Version {
		return f.Doc, nil
	}
	doc, err := account.Decode(stored)
	if err != nil {
		return f.Doc, []string{"mode, match, restore and exceptions could not be taken from its baseline: " + err.Error()}
	}
	if f.Doc != nil {
		notes = []string{fmt.Sprintf("mode, match, restore and exceptions are those of version %d in Parameter Store, which is not what %s was captured from",
			stored.Stored.Version, f.Path)}
	}
	return doc, notes
}
