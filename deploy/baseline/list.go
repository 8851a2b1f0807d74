package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/overview"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

func listCommand(a *app) *cobra.Command {
	var drift bool
	c := &cobra.Command{
		Use:   "list [GROUP...]",
		Short: "Show all groups at a glance: what guards them, and what differs",
		Long: `Lists the groups of the account and region, and the baselines without a group: name, id, mode, directions that are guarded,
number of rules that are permitted for good, how the live rules differ, approvals in force, and who wrote the baseline when.
GROUP is an id, or name:web for the group that is called web. Prefix lists that have a baseline are listed, too: RULES
are their approved entries. GROUP may be the id of such a list.

DRIFT counts what diff lists: live rules that nothing permits (violating), those that only the grace period still permits,
permitted rules that are missing, and live rules that can't be read. Groups without a baseline are judged by the guardrail.

Exit status: 0 nothing differs, 2 something differs or a document can't be used, 1 an error.`,
		Example: `  baseline list
  baseline list --drift
  baseline list name:web sg-0a1b2c3d4e5f60718`,
		RunE: func(c *cobra.Command, args []string) error {
			o, err := a.overview(c.Context(), args)
			if err != nil {
				return err
			}
			return a.printOverview(o, drift)
		},
	}
	c.Flags().BoolVar(&drift, "drift", false, "only groups that differ")
	return c
}

func (a *app) printOverview(o *overview.Overview, drift bool) error {
	differs := o.Differs()
	if drift {
		o.OnlyDiffering()
	}
	var err error
	if a.output == "json" {
		shown := *o
		shown.Groups, shown.Lists = groupsAndLists(o.Groups, overview.Row.IsList)
		err = a.printJSON(shown)
	} else {
		_, err = fmt.Fprint(a.out, o.Text(a.painter(), a.Now()))
	}
	if err == nil && differs {
		err = errFindings
	}
	return err
}

// overview judges the groups that arguments name, all without arguments.
func (a *app) overview(ctx context.Context, texts []string) (*overview.Overview, error) {
	l, err := a.newListing(ctx, texts)
	if err != nil {
		return nil, err
	}
	if err := l.addBaselines(ctx); err != nil {
		return nil, err
	}
	l.addUnguarded()
	if err := l.checkNotEmpty(ctx); err != nil {
		return nil, err
	}
	l.o.Sort()
	return l.o, nil
}

// newListing reads all but the baselines.
func (a *app) newListing(ctx context.Context, texts []string) (*listing, error) {
	l := &listing{app: a, o: &overview.Overview{Groups: []overview.Row{}}}
	var err error
	if l.grace, err = a.DefaultGrace(); err != nil {
		return nil, err
	}
	if l.store, err = a.Store(ctx); err != nil {
		return nil, err
	}
	if l.o.Identity, err = a.Identity(ctx); err != nil {
		return nil, err
	}
	if len(texts) > 0 {
		lists, groups := listsAndGroups(texts)
		if l.ids, err = a.idsOfArguments(ctx, groups); err != nil {
			return nil, err
		}
		l.ids = append(append([]string{}, l.ids...), lists...)
	}
	if err := l.readShared(ctx); err != nil {
		return nil, err
	}
	return l, l.readGroups(ctx)
}

// readGroups reads approvals, groups, live rules, and who wrote the baselines.
func (l *listing) readGroups(ctx context.Context) (err error) {
	ids := l.ids
	if ids != nil {
		ids = groupsOf(ids)
	}
	if l.approved, err = l.app.StoredApprovals(ctx, l.store, ids); err != nil {
		return err
	}
	l.o.Remarks = append(l.o.Remarks, l.approved.Unusable...)
	l.o.Broken = l.o.Broken || len(l.approved.Unusable) > 0
	if l.there, l.live, err = l.app.liveOrAll(ctx, ids); err != nil {
		return err
	}
	var note string
	if l.authors, note, err = l.app.Authors(ctx, l.store, l.ids); note != "" {
		l.o.Remarks = append(l.o.Remarks, note)
	}
	return err
}

// readShared reads what is for all groups. A document that can't be used is reported, and
// counts as none.
func (l *listing) readShared(ctx context.Context) error {
	shared, err := l.store.ReadShared(ctx)
	if err != nil {
		return err
	}
	l.empty = !shared.Guardrail.Exists() && !shared.Pause.Exists() && !shared.Trust.Exists()
	pause, problem := account.PauseInForce(shared.Pause, l.app.Now())
	if pause != nil {
		l.o.PausedUntil = &pause.Until
		l.o.Remarks = append(l.o.Remarks, account.PausedText(pause)+": nothing is changed in EC2")
	}
	guardrail, guardrailProblem := account.DecodeGuardrail(shared.Guardrail)
	if l.guardrail = guardrail; guardrailProblem != nil {
		l.guardrail = &baseline.Guardrail{}
	}
	var trustProblem error
	if shared.Trust.Exists() {
		if _, err := shared.Trust.Trust(); err != nil {
			trustProblem = fmt.Errorf("by %s nobody is trusted: %w", shared.Trust.Parameter, err)
		}
	}
	for _, problem := range []error{problem, guardrailProblem, trustProblem} {
		if problem != nil {
			l.o.Broken, l.o.Remarks = true, append(l.o.Remarks, problem.Error())
		}
	}
	return nil
}

// checkNotEmpty makes sure that something was found.
func (l *listing) checkNotEmpty(ctx context.Context) error {
	for _, id := range l.ids {
		if !slices.ContainsFunc(l.o.Groups, func(r overview.Row) bool { return r.ID() == id }) {
			_, err := l.app.FindGroupOrList(ctx, id) // which says where it was looked for
			if err == nil {
				return account.NoBaseline(l.store, id)
			}
			return errors.Join(err, fmt.Errorf("there is no baseline at %s either", account.Parameter(l.store, id)))
		}
	}
	if l.ids != nil || !l.empty || l.baselines > 0 || len(l.approved.Of)+len(l.approved.Unusable) > 0 {
		return nil
	}
	where := l.o.Identity
	return fmt.Errorf("there is nothing under %s in account %s, region %s, and %s without a baseline: check --prefix, the region (AWS_REGION) and the account (AWS_PROFILE); to begin, capture groups and push their baselines",
		where.Prefix, where.Account, where.Region, words.Count(len(l.there), "group"))
}
