package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// pull is what the verb of that name is asked to do.
type pull struct {
	*app
	groups         []string // as given; empty for all
	dryRun, theirs bool
}

func pullCommand(a *app) *cobra.Command {
	p := pull{app: a}
	c := &cobra.Command{
		Use:   "pull PATH... [--group GROUP]... [--dry-run] [--theirs]",
		Short: "Take baselines from Parameter Store into files",
		Long: `Takes into baseline files what others changed in Parameter Store. PATH is a file, or a directory with files; one directory
at most. A group that has a baseline and no file gets one in the directory, which is made if it isn't there.

Files are changed in place: entries and settings that stay the same keep their comments and their layout. A file that
can't be changed so is written anew, and a note says so. Live rules are not looked at: what is live and not approved
never gets into a file.

What the file itself changes since the last push stays in the file and is listed as kept. Where the file and Parameter
Store both changed the same rule or setting, each in another way, the file is left as it is: edit the file, or take what
Parameter Store has with --theirs, which gives up all changes of the file. The same holds for a file of which nobody
knows what it was made from. Files are written all or none; files that are left are named.

GROUP is an id, or name:web for the group that is called web. It may be the id of a prefix list. The file of a prefix list
is written anew, so its comments are lost; where both the file and Parameter Store changed since the last push, it is left
as it is.

Exit status: 0 fine, 1 an error, 2 a file's group has no baseline, or --dry-run found something to change.`,
		Example: `  baseline pull baselines
  baseline pull baselines --dry-run
  baseline pull baselines/web.sg-0a1b2c3d4e5f60718.yaml --theirs`,
		RunE: func(c *cobra.Command, paths []string) error {
			if len(paths) == 0 {
				return errors.New("say which files: baseline pull DIR for all baselines of this account and region, or baseline pull FILE")
			}
			return p.run(c.Context(), paths)
		},
	}
	c.Flags().StringSliceVar(&p.groups, "group", nil, "only this group; may be repeated")
	c.Flags().BoolVar(&p.dryRun, "dry-run", false, "show what would change, and write nothing")
	c.Flags().BoolVar(&p.theirs, "theirs", false, "take all that Parameter Store has, and give up changes of the files")
	return c
}

func (p pull) run(ctx context.Context, paths []string) error {
	into, err := pullTargetOf(paths)
	if err != nil {
		return fmt.Errorf("nothing was written:\n%w", err)
	}
	identity, err := p.Identity(ctx)
	if err != nil {
		return err
	}
	store, err := p.Store(ctx)
	if err != nil {
		return err
	}
	stored, err := p.read(ctx, store, into)
	if err != nil {
		return fmt.Errorf("nothing was written: %w", err)
	}
	if into.dir != "" && len(stored) == 0 {
		return fmt.Errorf("nothing was written: there is no baseline to pull (%s): check AWS_PROFILE, AWS_REGION and --prefix", identity)
	}
	results, err := p.plan(ctx, store, into, stored)
	if err == nil && !p.dryRun {
		err = writePulled(into.dir, results)
	}
	if err != nil {
		return fmt.Errorf("nothing was written: %w", err)
	}
	if !p.dryRun {
		p.noteTaken(identity, store, results)
	}
	return p.report(identity, results)
}

// noteTaken notes which baselines are in the files now, for the next push of them.
func (p pull) noteTaken(identity account.Identity, store ssmstore.Store, results []*pulled) {
	for _, r := range results {
		if r.taken != "" && (r.Result == pullWritten || r.Result == pullUnchanged) {
			p.note(identity, account.Parameter(store, r.ID()), r.File, r.taken)
		}
	}
}

// read reads the baselines to pull, and leaves only their files in the target.
func (p pull) read(ctx context.Context, store ssmstore.Store, into *pullTarget) (map[string]baseline.GroupDocument, error) {
	var ids []string // nil for all
	if len(p.groups) > 0 {
		var err error
		if ids, err = p.groupIDs(ctx); err != nil {
			return nil, err
		}
		into.only(ids)
	}
	if ids == nil && into.dir == "" {
		ids = idsOf(into.files)
	}
	stored, err := p.Baselines(ctx, store, ids)
	if err != nil || len(p.groups) == 0 {
		return stored, err
	}
	for _, id := range ids {
		if _, found := stored[id]; !found && !into.has(id) {
			return nil, account.NoBaseline(store, id)
		}
	}
	return stored, nil
}

// groupIDs returns the ids of the groups that were named. A group's baseline may be
// there when the group is deleted, so an id is not looked up.
func (p pull) groupIDs(ctx context.Context) ([]string, error) {
	ids := make([]string, len(p.groups))
	for i, text := range p.groups {
		if _, isName := baseline.Name(text); !isName {
			if err := account.CheckGroupID(text); err != nil && !rule.IsPrefixListID(text) {
				return nil, fmt.Errorf("--group: %w", err)
			}
			ids[i] = text
			continue
		}
		found, err := p.FindGroup(ctx, text)
		if err != nil {
			return nil, fmt.Errorf("--group %s: %w", text, err)
		}
		ids[i] = found.ID
	}
	return ids, nil
}

// writePulled writes all files that change, or none.
func writePulled(dir string, results []*pulled) error {
	var all []basefile.Replacement
	for _, r := range results {
		if r.Result == pullWritten {
			all = append(all, basefile.Replacement{Name: r.File, Data: r.data})
		}
	}
	if len(all) == 0 {
		return nil
	}
	undo := func() error { return nil }
	var err error
	if dir != "" {
		undo, err = basefile.MakeDir(dir)
	}
	if err == nil {
		err = basefile.ReplaceAll(all)
	}
	if err != nil {
		err = errors.Join(err, undo())
	}
	return err
}
