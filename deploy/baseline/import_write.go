package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/compose"
	"github.com/sgwarden/sgwarden/deploy/baseline/imported"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// importedGroup says what became of a group.
type importedGroup struct {
	GroupID   string   `json:"groupId"`
	GroupName string   `json:"groupName,omitempty"`
	Address   string   `json:"address"` // of its resource in what was imported
	File      string   `json:"file"`
	Rules     int      `json:"rules"`
	Changed   bool     `json:"changed"`
	Notes     []string `json:"notes,omitempty"`
	Error     string   `json:"error,omitempty"`
}

// write writes the groups' files and reports.
func (i *importing) write(from string, result imported.Result) error {
	switch {
	case len(result.Groups)+len(result.Unresolved) == 0:
		return fmt.Errorf("%s has no security groups: nothing was written", from)
	case i.dir == "":
		return misused("say where to write the files: --out DIR")
	}
	into, err := basefile.OpenDirectory(i.dir)
	if err != nil {
		return err
	}
	groups := make([]importedGroup, len(result.Groups))
	for n, g := range result.Groups {
		groups[n] = importInto(into, g)
	}
	return i.report(into, groups, result.Unresolved)
}

// importInto writes one group's file.
func importInto(t basefile.Directory, g imported.Group) importedGroup {
	result := importedGroup{GroupID: g.ID, GroupName: g.Name, Address: g.Address, Rules: len(g.Rules)}
	doc := baseline.Compose(g.ID, g.Name, g.Rules)
	old, exists := t.ByID[g.ID]
	result.File = old.Path
	if exists {
		result.Notes = compose.NowGuarded(old.Doc)
		compose.KeepSettings(doc, old.Doc)
	} else {
		result.File = filepath.Join(t.Dir, basefile.NameFor(secgroup.Group{ID: g.ID, Name: g.Name}))
	}
	err := compose.Expressible(doc)
	if err == nil && filepath.Ext(result.File) == ".json" {
		err = fmt.Errorf("%s: import writes YAML: rename it to .yaml", result.File)
	}
	if err == nil {
		result.Changed, err = basefile.Write(result.File, doc)
	}
	if err != nil {
		result.Error = err.Error()
	}
	return result
}

func (i *importing) report(into basefile.Directory, groups []importedGroup, unresolved []imported.Unresolved) error {
	var errs []error
	written := 0
	for _, g := range groups {
		if g.Error != "" {
			errs = append(errs, fmt.Errorf("%s (%s): %s", g.GroupID, g.Address, g.Error))
		}
		if g.Changed {
			written++
		}
	}
	if i.output == "json" {
		errs = append(errs, i.printJSON(struct {
			Groups     []importedGroup       `json:"groups"`
			Unresolved []imported.Unresolved `json:"unresolved"`
		}{groups, append([]imported.Unresolved{}, unresolved...)}))
	} else {
		i.print(into, groups, unresolved)
		_, err := fmt.Fprintf(i.out, "%s: %d written, %d unchanged, %d failed; %d unresolved\n",
			words.Count(len(groups), "group"), written, len(groups)-written-len(errs), len(errs), len(unresolved))
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil || len(unresolved) == 0 {
		return err
	}
	return errFindings
}

func (i *importing) print(into basefile.Directory, groups []importedGroup, unresolved []imported.Unresolved) {
	for _, g := range groups {
		if g.Changed {
			fmt.Fprintf(i.out, "wrote %s: %s of %s\n", g.File, words.Count(g.Rules, "rule"), g.Address)
		}
		for _, note := range g.Notes {
			fmt.Fprintf(i.out, "note: %s: %s\n", g.GroupID, note)
		}
	}
	for _, u := range unresolved {
		of := ""
		if u.GroupID != "" {
			of = " (" + u.GroupID + ")"
		}
		fmt.Fprintf(i.out, "unresolved: %s%s: %s\n", u.Address, of, u.Reason)
	}
	reported := map[string]bool{}
	for _, u := range unresolved {
		if !u.Withheld || reported[u.GroupID] {
			continue
		}
		reported[u.GroupID] = true
		what := "no file for " + u.GroupID
		if old, exists := into.ByID[u.GroupID]; exists {
			what = old.Path + " is left as it was"
		}
		fmt.Fprintf(i.out, "%s: not all rules of the group can be told, and one that is missing would be revoked\n", what)
	}
}
