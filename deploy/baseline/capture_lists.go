package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/entries"
	"github.com/sgwarden/sgwarden/deploy/baseline/lineage"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/prefixlist"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// capturedList says what became of a prefix list.
type capturedList struct {
	PrefixListID   string   `json:"prefixListId"`
	PrefixListName string   `json:"prefixListName"`
	File           string   `json:"file,omitempty"`
	Entries        int      `json:"entries"`
	Version        int64    `json:"version,omitempty"` // of the document in Parameter Store, if there is one
	Changed        bool     `json:"changed"`
	Notes          []string `json:"notes,omitempty"`
	Error          string   `json:"error,omitempty"`

	made madeFrom
}

// captureLists writes a file for each prefix list that was named. A list that fails
// stops no other.
func (c capture) captureLists(ctx context.Context, t basefile.Directory) ([]capturedList, error) {
	if len(c.lists) == 0 {
		return nil, nil
	}
	store, err := c.Store(ctx)
	if err != nil {
		return nil, err
	}
	stored, err := c.Baselines(ctx, store, c.lists)
	if err != nil {
		return nil, err
	}
	var results []capturedList
	for _, id := range c.lists {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("interrupted after %d of %d prefix lists: run it again: %w", len(results), len(c.lists), ctx.Err())
		}
		result := capturedList{PrefixListID: id, Version: stored[id].Stored.Version}
		if err := c.captureList(ctx, t, stored[id], &result); err != nil {
			result.Error = err.Error()
		}
		results = append(results, result)
	}
	return results, nil
}

// captureList writes the file of one prefix list.
func (c capture) captureList(ctx context.Context, t basefile.Directory, stored baseline.GroupDocument, into *capturedList) error {
	list, err := c.FindList(ctx, into.PrefixListID)
	if err != nil {
		return err
	}
	into.PrefixListName, into.Entries = list.Name, len(list.Entries)
	reportOnly, err := c.ReportOnly(ctx, list)
	switch {
	case err != nil:
		return err
	case list.Owner == prefixlist.AWS:
		return fmt.Errorf("AWS manages the prefix list %s (%s): AWS alone can change its entries, and does so when its own addresses change, so there is nothing to approve", list.ID, list.Name)
	}
	old, exists := t.ByID[list.ID]
	if into.File = old.Path; !exists {
		into.File = filepath.Join(t.Dir, basefile.NameFor(secgroup.Group{ID: list.ID, Name: list.Name}))
	}
	before, notes := previousList(old, stored)
	into.Notes = notes
	doc := documentOfList(list, before)
	if reportOnly != "" {
		doc.Mode = baseline.Alert
		into.Notes = append(into.Notes, reportOnly+": sgwarden tells of changes and can't undo them, so the mode is alert")
	}
	if basefile.IsJSON(into.File) {
		return fmt.Errorf("%s: capture writes YAML: rename the file to .yaml", into.File)
	}
	if into.Changed, err = basefile.WriteList(into.File, doc); err != nil {
		return err
	}
	if inStore, err := account.Decode(stored); err == nil && inStore != nil && len(notes) == 0 {
		into.made = madeFrom{stored.Stored.Parameter, into.File, lineage.Digest(inStore)}
	}
	return nil
}

// documentOfList approves the live entries of a list, in the order of their addresses.
// before, nil for none, has the settings, and descriptions for entries without one.
func documentOfList(list prefixlist.List, before *baseline.PrefixList) *baseline.PrefixList {
	doc := &baseline.PrefixList{Schema: baseline.SchemaVersion, PrefixListID: list.ID, PrefixListName: list.Name, Entries: []baseline.PrefixListEntry{}}
	described := map[string]string{}
	if before != nil {
		doc.Mode, doc.Restore, doc.GraceMinutes = before.Mode, before.Restore, before.GraceMinutes
		for _, e := range before.Entries {
			described[e.Prefix().String()] = e.Description
		}
	}
	live := slices.Clone(list.Entries)
	slices.SortFunc(live, func(a, b prefixlist.Entry) int {
		return cmp.Or(a.Prefix.Addr().Compare(b.Prefix.Addr()), cmp.Compare(a.Prefix.Bits(), b.Prefix.Bits()))
	})
	for _, e := range live {
		doc.Entries = append(doc.Entries, baseline.NewPrefixListEntry(e.Prefix, cmp.Or(e.Description, described[e.Prefix.String()])))
	}
	return doc
}

// previousList is for a prefix list what previous is for a group.
func previousList(f basefile.File, stored baseline.GroupDocument) (doc *baseline.PrefixList, notes []string) {
	inStore, err := account.DecodeList(stored)
	switch {
	case f.List == nil && err != nil:
		return nil, []string{"mode, restore and graceMinutes could not be taken from its document: " + err.Error()}
	case f.List == nil:
		return inStore, nil
	case err != nil || inStore == nil:
		return f.List, nil
	}
	differs := compare.Documents(settingsOf(entries.AsBaseline(f.List)), settingsOf(entries.AsBaseline(inStore)))
	if len(differs) > 0 {
		notes = append(notes, fmt.Sprintf("%s keeps its settings, and version %d in Parameter Store has others (%s): to take those into the file, run baseline pull %s",
			f.Path, stored.Stored.Version, differencesText(differs), f.Path))
	}
	return f.List, notes
}
