package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// deletion is what the verb delete is asked to do.
type deletion struct {
	*app
	approvals, yes bool
	keep           string // path of a file or a directory; empty: nothing is kept
}

func deleteCommand(a *app) *cobra.Command {
	d := deletion{app: a}
	c := &cobra.Command{
		Use:   "delete GROUP... [--keep PATH] [--approvals]",
		Short: "Delete the baseline of a group, which ends its protection",
		Long: `Shows what protection ends, asks, and deletes the baseline of each group or prefix list. That is mostly for groups that do not exist any
more. Name such a group by its id. The group itself is left alone.

Parameter Store keeps nothing of a deleted parameter, its history included. So the baseline is printed; to write it back, push
a file that has this text. With --keep it goes into a file: PATH is a file for one group, or a directory. Nothing is deleted
where somebody changed the baseline meanwhile. Approvals of the group stay, unless --approvals deletes them too.`,
		Example: `  baseline delete sg-0a1b2c3d4e5f60718 --keep old.yaml
  baseline delete sg-0a1b2c3d4e5f60718 sg-0c1b2c3d4e5f60718 --approvals --yes`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return d.run(c.Context(), args) },
	}
	c.Flags().StringVar(&d.keep, "keep", "", "file, or directory, to which the baseline is written before it is deleted")
	c.Flags().BoolVar(&d.approvals, "approvals", false, "delete the group's approvals, too")
	c.Flags().BoolVar(&d.yes, "yes", false, "don't ask")
	return c
}

func (d deletion) run(ctx context.Context, texts []string) error {
	store, err := d.Store(ctx)
	if err != nil {
		return err
	}
	plan, err := d.plan(ctx, store, texts)
	if err != nil {
		return fmt.Errorf("nothing was deleted: %w", err)
	}
	if d.output == "text" {
		if _, err := fmt.Fprint(d.out, plan.text(d.painter())); err != nil {
			return err
		}
	}
	what := words.Count(len(plan.Groups), "baseline")
	if err := d.askUnless(d.yes, "nothing was deleted", what+" would be deleted", "Delete "+what+"?"); err != nil {
		return err
	}
	if err := d.keepFiles(plan); err != nil {
		return fmt.Errorf("nothing was deleted: %w", err)
	}
	return d.report(plan, d.delete(ctx, store, plan))
}

// delete deletes one baseline after the other, up to the first that fails.
func (d deletion) delete(ctx context.Context, store ssmstore.Store, plan *deletionPlan) error {
	for i := range plan.Groups {
		g := &plan.Groups[i]
		err := ctx.Err()
		if err == nil {
			err = g.delete(ctx, store, d.approvals)
		}
		if err != nil {
			g.Error = err.Error()
			return fmt.Errorf("%s: %w", g.id(), err)
		}
	}
	return nil
}

// delete makes sure that nobody wrote while the plan was looked at. SSM's delete has no
// condition, so that a write between this look and the delete is not noticed.
func (g *deleted) delete(ctx context.Context, store ssmstore.Store, approvals bool) error {
	now, err := account.ReadDocument(ctx, store, g.id())
	if err != nil {
		return err
	}
	if now.Version != g.Version || !now.ModifiedAt.Equal(g.stored.ModifiedAt) {
		return fmt.Errorf("%s was version %d and is version %d now: %w: look at it and start again", g.Parameter, g.Version, now.Version, ssmstore.ErrChanged)
	}
	if err := account.DeleteDocument(ctx, store, g.id()); err != nil {
		return err
	}
	g.Deleted = true
	if !approvals {
		return nil
	}
	if err := store.Delete(ctx, g.approvalNames); err != nil {
		return fmt.Errorf("the baseline is deleted, and its approvals are not: %w", err)
	}
	g.ApprovalsDeleted = len(g.approvalNames)
	return nil
}

// report says what became of each baseline, and then what went wrong.
func (d deletion) report(plan *deletionPlan, failure error) error {
	if d.output == "json" {
		return errors.Join(d.printJSON(plan.forMachines()), failure)
	}
	text := ""
	for _, g := range plan.Groups {
		text += g.resultText()
	}
	_, err := fmt.Fprint(d.out, text)
	return errors.Join(failure, err)
}

// noBaseline says where a baseline was looked for, and that there is none.
func (d deletion) noBaseline(ctx context.Context, store ssmstore.Store, id string) error {
	where, err := d.Identity(ctx)
	if err != nil {
		return err
	}
	return fmt.Errorf("there is no baseline at %s in account %s, region %s: baseline list shows what there is", account.Parameter(store, id), where.Account, where.Region)
}
