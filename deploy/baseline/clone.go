package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/clonemap"
	"github.com/sgwarden/sgwarden/deploy/baseline/rewrite"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// cloning is what the verb clone is asked to do.
type cloning struct {
	rewriting
	from, mapFile string
	exceptions    bool
}

func cloneCommand(a *app) *cobra.Command {
	cl := cloning{rewriting: rewriting{app: a}}
	c := &cobra.Command{
		Use:   "clone --from DIR --map FILE --out DIR [--exceptions] [--force]",
		Short: "Rewrite baseline files for other groups, such as production's from staging's",
		Long: `Writes baseline files anew for other groups, as from staging to production. FILE, YAML or JSON, says what each group becomes:

  sg-0a1b2c3d4e5f60718: sg-0b1b2c3d4e5f60718
  name:staging-db: name:prod-db      # resolve turns names into ids, with production's credentials
  pl-0a1b2c3d4e5f60718: pl-0a1b2c3d4e5f60718

name:staging-db is the group that files name so, and also that whose file says groupName: staging-db. CIDRs and self stay.
Prefix lists differ between accounts and regions, so they are in the map too, even where one stays the same. groupName
becomes the new name where the map tells it, and else is left out. Comments and layout stay.

Exceptions are left out, with a note, since they are temporary repairs of the groups that they are for; --exceptions keeps
them. An entry of the map that no file needs is noted, too. Files of prefix lists are left alone, with a note: capture writes
those of the other account.

Nothing is written where anything is wrong: a group or prefix list that isn't in the map, two that would become one. Files
of DIR that would change are overwritten with --force only. A second run changes nothing. It needs no AWS.`,
		Example: `  baseline clone --from staging --map promote.yaml --out production
  baseline clone --from staging --map promote.yaml --out named && baseline resolve named --out production`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return cl.clone(c.Context()) },
	}
	cl.flags(c)
	c.Flags().StringVar(&cl.from, "from", "", "the files, or their directory")
	c.Flags().StringVar(&cl.mapFile, "map", "", "the file that says what each group and prefix list becomes")
	c.Flags().BoolVar(&cl.exceptions, "exceptions", false, "keep exceptions")
	return c
}

func (c *cloning) clone(ctx context.Context) error {
	switch {
	case c.from == "":
		return errors.New("say which files: --from DIR")
	case c.mapFile == "":
		return errors.New("say what each group becomes: --map FILE")
	}
	if err := c.check([]string{c.from}); err != nil {
		return err
	}
	t, err := clonemap.ReadTable(c.mapFile)
	if err != nil {
		return err
	}
	files, err := basefile.ReadAs(basefile.WithNames, []string{c.from})
	if err != nil {
		return err
	}
	lists, files := basefile.Lists(files)
	if problems := t.Recognise(files); len(problems) > 0 {
		return fmt.Errorf("nothing was written:\n%s", words.Lines(problems))
	}
	c.notes = func() []string { return append(leftAlone(lists), c.notesOn(t, files)...) }
	return c.run(ctx, files, basefile.WithNames, func(f basefile.File) (*rewritten, error) { return c.rewrite(f, t) })
}

// rewrite rewrites one file.
func (c *cloning) rewrite(f basefile.File, t clonemap.Table) (*rewritten, error) {
	edits := rewrite.Edits{Values: map[rewrite.Position]string{}, Set: map[string]string{}}
	doc, err := yamlfile.DecodeWithNames(f.Data, func(ref baseline.Reference) (string, error) {
		if !c.exceptions && isException(ref) {
			return ref.Text, nil
		}
		e := t.By[ref.Text]
		if e == nil {
			return "", fmt.Errorf("%s is not in %s, so it is not known what it becomes", ref.Text, t.Path)
		}
		e.Used = true
		edits.Values[rewrite.Position{Line: ref.Line, Column: ref.Column}] = e.To
		return e.To, nil
	})
	if err != nil {
		return nil, err
	}
	name, isName := baseline.Name(doc.GroupID)
	if isName {
		edits.Set["groupName"] = name
	} else {
		edits.Remove = append(edits.Remove, "groupName")
	}
	if !c.exceptions {
		edits.Remove = append(edits.Remove, "exceptions")
	}
	data, err := rewrite.File(f.Data, edits)
	if err != nil {
		return nil, err
	}
	file := basefile.LikeSource(cloneName(doc.GroupID), f.Path)
	return &rewritten{Source: f.Path, File: file, GroupID: doc.GroupID, GroupName: name, data: basefile.WithoutHead(data)}, nil
}

func isException(ref baseline.Reference) bool { return strings.HasPrefix(ref.Path, "exceptions[") }

// cloneName is the name of a group's file. Where the name loses characters that no file may have, a
// checksum is added, so that no two groups share a file.
func cloneName(group string) string {
	name, isName := baseline.Name(group)
	if !isName {
		return basefile.NameFor(secgroup.Group{ID: group})
	}
	short := strings.TrimSuffix(basefile.NameFor(secgroup.Group{Name: name}), ".yaml")
	short = strings.TrimSuffix(short, ".")
	if short != name {
		short = strings.TrimPrefix(fmt.Sprintf("%s.%x", short, sha256.Sum256([]byte(name)))[:len(short)+9], ".")
	}
	return short + ".yaml"
}

// leftAlone says which files of prefix lists were not rewritten. Their entries are those
// of one list, and no map says what they become.
func leftAlone(lists []basefile.File) []string {
	var notes []string
	for _, f := range lists {
		notes = append(notes, fmt.Sprintf("%s: left alone, since clone rewrites baselines of groups and this file is for the prefix list %s; for the other list, use capture in its account and region", f.Path, f.ID()))
	}
	return notes
}

// notesOn says what was left out, and which entries nothing needed.
func (c *cloning) notesOn(t clonemap.Table, files []basefile.File) []string {
	var notes []string
	for _, f := range files {
		if n := len(f.Doc.Exceptions); n > 0 && !c.exceptions {
			notes = append(notes, fmt.Sprintf("%s: %s left out, as temporary repairs of the groups that they are for; --exceptions keeps them", f.Path, words.Count(n, "exception")))
		}
	}
	for _, e := range t.Unused() {
		notes = append(notes, t.At(e)+"no file needs "+e.From)
	}
	return notes
}
