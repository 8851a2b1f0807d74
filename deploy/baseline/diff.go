package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/spf13/cobra"
)

// comparison is what diff found.
type comparison struct {
	From   string          `json:"from"`   // files or parameter-store
	To     string          `json:"to"`     // files, or live
	Groups []compare.Group `json:"groups"` // and prefix lists, until they are shown
	Lists  []compare.Group `json:"prefixLists,omitempty"`
	Same   int             `json:"same"` // groups that don't differ
	// SameLists counts the prefix lists that don't differ.
	SameLists int `json:"samePrefixLists,omitempty"`
	// Unguarded counts live groups without a baseline that break nothing of the
	// guardrail, which are no difference.
	Unguarded int      `json:"unguarded,omitempty"`
	Errors    []string `json:"errors,omitempty"`
	// Remarks are on all groups, or on approvals. They are no difference.
	Remarks     []string   `json:"remarks,omitempty"`
	PausedUntil *time.Time `json:"pausedUntil,omitempty"` // absent: sgwarden is not paused

	onApprovals []string // remarks, until sort puts them in order
}

func diffCommand(a *app) *cobra.Command {
	var live bool
	c := &cobra.Command{
		Use:   "diff [GROUP...] [PATH...] [--live]",
		Short: "Compare files, Parameter Store and live rules",
		Long: `Compares in one of three ways:

  diff PATH...         Parameter Store with files (or all files of a directory): + is what a push would permit more,
                       - what it would permit less, ~ what it would change otherwise
  diff                 live groups with Parameter Store: + is live and not permitted, - is permitted and missing
  diff PATH... --live  live groups with files, likewise: as if they had been pushed

With GROUP, such as sg-0a1b2c3d4e5f60718 or name:web, only these groups are compared. GROUP may be the id of a prefix list
that has a baseline: its live entries are compared as the live rules of a group are.

Rules of files and Parameter Store are compared one by one, and it is said where another rule permits them too. Live rules
are judged as enforcement does: one that the baseline covers (or has, with match: exact) is no difference. What enforcement
would do stands behind each; a function that runs with MODE=alert only reports all of it. Without PATH, groups that have
no baseline are judged by the guardrail.

A live rule that only an approval permits is no difference. One that only an earlier version of the baseline permits, for
the grace period (GRACE_MINUTES of the environment, 10 if unset, as the functions have it), is one. A pause is told first.

Exit status: 0 no differences, 2 differences, 1 an error, such as a baseline that can't be read.`,
		Example: `  baseline diff baselines                # what would a push change?
  baseline diff                          # is there drift?
  baseline diff name:web                 # and of this group?
  baseline diff baselines --live         # what would enforcing these files do?`,
		RunE: func(c *cobra.Command, args []string) error {
			groups, paths := splitGroups(args)
			found, err := a.compare(c.Context(), groups, paths, live)
			if err != nil {
				return err
			}
			return a.showComparison(found)
		},
	}
	c.Flags().BoolVar(&live, "live", false, "compare with the live rules")
	return c
}

func (a *app) compare(ctx context.Context, groupTexts, paths []string, live bool) (*comparison, error) {
	files, err := basefile.Read(paths)
	if err == nil {
		err = basefile.Usable(files)
	}
	if err != nil {
		return nil, err
	}
	ids, err := a.only(ctx, groupTexts)
	if err == nil && len(paths) > 0 {
		files, err = filesOf(files, ids)
	}
	if err != nil {
		return nil, err
	}
	store, err := a.Store(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case len(paths) == 0:
		return a.compareStoreLive(ctx, store, ids)
	case live:
		return a.compareFilesLive(ctx, store, files)
	}
	return a.compareStoreFiles(ctx, store, files)
}

// only returns the ids of the groups to compare, nil for all.
func (a *app) only(ctx context.Context, texts []string) ([]string, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	ids, err := a.FindTargets(ctx, texts...)
	slices.Sort(ids)
	return slices.Compact(ids), err
}

// filesOf returns the files of some groups; nil ids are all groups.
func filesOf(files []basefile.File, ids []string) ([]basefile.File, error) {
	if ids == nil {
		return files, nil
	}
	var found []basefile.File
	for _, id := range ids {
		at := slices.IndexFunc(files, func(f basefile.File) bool { return f.ID() == id })
		if at < 0 {
			return nil, fmt.Errorf("none of the %s is for %s", words.Count(len(files), "file"), id)
		}
		found = append(found, files[at])
	}
	return found, nil
}

// add takes up a group, which may turn out not to differ.
func (c *comparison) add(g compare.Group) {
	switch {
	case !g.Differs() && g.IsList():
		c.SameLists++
		return
	case !g.Differs():
		c.Same++
		return
	}
	c.Groups = append(c.Groups, g)
}

// fail takes up a group that can't be compared.
func (c *comparison) fail(groupID string, err error) {
	c.Errors = append(c.Errors, fmt.Sprintf("%s: %v", groupID, err))
}

func (c *comparison) sort() *comparison {
	slices.SortFunc(c.Groups, func(a, b compare.Group) int {
		return cmp.Or(cmp.Compare(a.Name(), b.Name()), cmp.Compare(a.ID(), b.ID()))
	})
	slices.Sort(c.Errors)
	c.Remarks = append(c.Remarks, slices.Sorted(slices.Values(c.onApprovals))...)
	return c
}

// outcome is what the exit status comes from.
func (c *comparison) outcome() error {
	switch {
	case len(c.Errors) > 0:
		return errors.New(words.Lines(c.Errors))
	case len(c.Groups) > 0:
		return errFindings
	}
	return nil
}
