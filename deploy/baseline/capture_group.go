package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/compose"
	"github.com/sgwarden/sgwarden/deploy/baseline/lineage"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// captureInto writes one group's file.
func captureInto(t basefile.Directory, s compose.Source, now time.Time) capturedGroup {
	result := capturedGroup{GroupID: s.Group.ID, GroupName: s.Group.Name, Rules: len(s.Live), Version: s.Stored.Stored.Version, lists: listsOf(s.Live)}
	old, exists := t.ByID[s.Group.ID]
	result.File = old.Path
	if !exists {
		result.File = filepath.Join(t.Dir, basefile.NameFor(s.Group))
	}
	before, notes := previous(old, s.Stored)
	doc, left, err := compose.Baseline(s, before, now)
	result.Notes = append(notes, left...)
	if err == nil && filepath.Ext(result.File) == ".json" {
		err = fmt.Errorf("%s: capture writes YAML: rename the file to .yaml", result.File)
	}
	if err == nil {
		result.Changed, err = basefile.Write(result.File, doc)
	}
	if inStore, storeErr := account.Decode(s.Stored); err == nil && storeErr == nil && inStore != nil && len(notes) == 0 {
		result.made = madeFrom{s.Stored.Stored.Parameter, result.File, lineage.Digest(inStore)}
	}
	if err != nil {
		result.Error = err.Error()
	}
	return result
}

// listsOf returns the ids of the prefix lists that live rules name, each once.
func listsOf(live []secgroup.LiveRule) []string {
	var ids []string
	for _, l := range live {
		if l.NotCanonical == nil && l.Rule.Peer.Kind == rule.PrefixList && !slices.Contains(ids, l.Rule.Peer.ID) {
			ids = append(ids, l.Rule.Peer.ID)
		}
	}
	return ids
}

// previous returns the document whose settings are kept, nil where there is none: the
// file's, or else the one of Parameter Store. Notes say where both differ, since a push
// of the file would undo what somebody set in Parameter Store.
func previous(f basefile.File, stored baseline.GroupDocument) (doc *baseline.Document, notes []string) {
	inStore, err := account.Decode(stored)
	switch {
	case f.Doc == nil && err != nil:
		return nil, []string{"mode, match, restore, graceMinutes and exceptions could not be taken from its baseline: " + err.Error()}
	case f.Doc == nil:
		return inStore, nil
	case err != nil || inStore == nil:
		return f.Doc, nil
	}
	if differs := compare.Documents(settingsOf(f.Doc), settingsOf(inStore)); len(differs) > 0 {
		notes = append(notes, fmt.Sprintf("%s keeps its settings and exceptions, and version %d in Parameter Store has others (%s): to take those into the file, run baseline pull %s",
			f.Path, stored.Stored.Version, differencesText(differs), f.Path))
	}
	return f.Doc, notes
}

// settingsOf returns a document with nothing but what live rules don't say.
func settingsOf(doc *baseline.Document) *baseline.Document {
	settings := *doc
	settings.GroupName, settings.Ingress, settings.Egress = "", []baseline.Entry{}, []baseline.Entry{}
	return &settings
}

// differencesText writes differences on one line.
func differencesText(differs []compare.Difference) string {
	texts := make([]string, len(differs))
	for i, d := range differs {
		texts[i] = d.Text(unpainted, 0)
	}
	return strings.Join(texts, "; ")
}
