package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/compose"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// capture is what the verb of that name is asked to do.
type capture struct {
	*app
	named      []string // groups, by id or as name:web
	lists      []string // ids of prefix lists, each once
	ids        []string
	vpcID, tag string
	all        bool
	dir        string
}

// capturedGroup says what became of a group.
type capturedGroup struct {
	GroupID   string   `json:"groupId"`
	GroupName string   `json:"groupName"`
	File      string   `json:"file,omitempty"`
	Rules     int      `json:"rules"`
	Version   int64    `json:"version,omitempty"` // of the baseline in Parameter Store, if there is one
	Changed   bool     `json:"changed"`
	Notes     []string `json:"notes,omitempty"`
	Error     string   `json:"error,omitempty"`

	made  madeFrom
	lists []string // that live rules name, by id
}

// madeFrom is the baseline that a file's settings are of, with its digest; the zero value
// for none.
type madeFrom struct{ parameter, file, digest string }

func captureCommand(a *app) *cobra.Command {
	c := capture{app: a}
	command := &cobra.Command{
		Use:   "capture (GROUP... | PREFIX-LIST... | --vpc-id ID | --tag KEY=VALUE | --all) --out DIR",
		Short: "Write the live rules of groups, or entries of prefix lists, as baseline files",
		Long: `Writes the live rules of groups as baseline files, YAML, one a group. Capturing again changes nothing that is the same.
A file has both lists, so that both directions are guarded; one without a live rule is empty, and permits none.

A file that DIR already has for a group, by whatever name, is written anew, and comments may be lost. It keeps what live
rules don't say: mode, match, restore, graceMinutes, exceptions, and descriptions of rules that have none in EC2. Where
there is no file, these are taken from the group's baseline in Parameter Store. Where both are there and differ, a note
says so; pull takes what Parameter Store has into the file.

A live rule that only an exception permits stays an exception until that expires; one of an expired exception is left
out, with a note. So is one that only an approval permits, or did until the approval ended: approvals are parameters of
their own. A group with a rule that a baseline can't express is an error and not written; the others are.

PREFIX-LIST is the id of a prefix list, such as pl-0a1b2c3d4e5f60718. Its live entries become a file of their own, and once
that is pushed, sgwarden watches the entries. A list that AWS manages is an error. For a list of another account, or one
whose entries IPAM writes, the mode is alert: sgwarden tells of changes and can't undo them.

To capture a group that has an approved file approves all of its live rules, drift too. To look at drift, use diff; to
take into a file what others approved, use pull.`,
		Example: `  baseline capture --all --out baselines
  baseline capture sg-0a1b2c3d4e5f60718 name:web --out baselines
  baseline capture --tag team=payments --out baselines
  baseline capture pl-0a1b2c3d4e5f60718 --out baselines`,
		RunE: func(command *cobra.Command, args []string) error {
			c.lists, c.named = listsAndGroups(args)
			selection, err := c.selection(command.Flags().Changed)
			if err != nil {
				return err
			}
			if selection.IDs, err = c.withNamed(command.Context(), selection.IDs); err != nil {
				return fmt.Errorf("nothing was written: %w", err)
			}
			return c.run(command.Context(), selection)
		},
	}
	command.Flags().StringSliceVar(&c.ids, "group-id", nil, "a group; may be repeated")
	command.Flags().StringVar(&c.vpcID, "vpc-id", "", "the groups of a VPC")
	command.Flags().StringVar(&c.tag, "tag", "", "the groups with a tag, as KEY=VALUE; * and ? are wildcards")
	command.Flags().BoolVar(&c.all, "all", false, "all groups of the region")
	command.Flags().StringVar(&c.dir, "out", "", "the directory of the files, made if it isn't there")
	hide(command, "group-id") // how groups were named before
	return command
}

// withNamed adds the ids of the groups that the arguments name.
func (c capture) withNamed(ctx context.Context, ids []string) ([]string, error) {
	if len(c.named) == 0 {
		return ids, nil
	}
	groups, err := c.FindGroups(ctx, c.named...)
	for _, g := range groups {
		ids = append(ids, g.ID)
	}
	return ids, err
}

// selection is careful about flags that are there but empty, as an unset variable
// of a shell makes them: they must not come to mean all groups.
func (c capture) selection(given func(flag string) bool) (s ec2groups.Selection, err error) {
	kinds := slices.DeleteFunc([]string{"group-id", "vpc-id", "tag", "all"}, func(flag string) bool { return !given(flag) })
	if len(c.named) > 0 && !given("group-id") {
		kinds = append(kinds, "GROUP")
	}
	if len(kinds) == 0 && len(c.lists) > 0 && c.dir != "" {
		return s, nil
	}
	key, value, hasValue := strings.Cut(c.tag, "=")
	switch {
	case len(kinds) != 1:
		return s, misused("say which groups: exactly one of GROUP..., --vpc-id, --tag and --all, or ids of prefix lists")
	case c.dir == "":
		return s, misused("say where to write the files: --out DIR")
	case given("vpc-id") && c.vpcID == "":
		return s, errors.New("--vpc-id is empty")
	case given("tag") && (key == "" || !hasValue):
		return s, fmt.Errorf("--tag %q: want KEY=VALUE", c.tag)
	case given("all") && !c.all:
		return s, errors.New("--all=false selects nothing")
	case given("group-id") && len(c.ids) == 0:
		return s, errors.New("--group-id is empty")
	}
	for _, id := range c.ids {
		if err := account.CheckGroupID(id); err != nil {
			return s, fmt.Errorf("--group-id: %w", err)
		}
	}
	return ec2groups.Selection{IDs: c.ids, VpcID: c.vpcID, TagKey: key, TagValue: value}, nil
}

func (c capture) run(ctx context.Context, selection ec2groups.Selection) error {
	target, err := basefile.OpenDirectory(c.dir)
	if err != nil {
		return err
	}
	var results []capturedGroup
	if !c.onlyLists(selection) {
		if results, err = c.captureGroups(ctx, target, selection); err != nil {
			return err
		}
	}
	lists, err := c.captureLists(ctx, target)
	if err != nil {
		return err
	}
	if err := c.noteUnwatched(ctx, target, lists, results); err != nil {
		return err
	}
	c.noteTaken(ctx, results, lists)
	return c.report(results, lists)
}

// onlyLists reports whether nothing but prefix lists was named: no groups are selected
// then, and not all of them.
func (c capture) onlyLists(selection ec2groups.Selection) bool {
	return len(c.lists) > 0 && !c.all && len(selection.IDs) == 0 && selection.VpcID == "" && selection.TagKey == ""
}

// listsAndGroups parts ids of prefix lists, each once, from what names groups.
func listsAndGroups(args []string) (lists, groups []string) {
	for _, arg := range args {
		switch {
		case !rule.IsPrefixListID(arg):
			groups = append(groups, arg)
		case !slices.Contains(lists, arg):
			lists = append(lists, arg)
		}
	}
	return lists, groups
}

// captureGroups writes the files of the groups that were selected.
func (c capture) captureGroups(ctx context.Context, target basefile.Directory, selection ec2groups.Selection) ([]capturedGroup, error) {
	groups, err := c.Groups(ctx)
	if err != nil {
		return nil, err
	}
	found, err := groups.List(ctx, selection)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 && selection.IDs == nil {
		return nil, errors.New("no security group was found: check the region and what was selected; nothing was written")
	}
	sources, err := c.read(ctx, groups, found)
	if err != nil {
		return nil, err
	}
	results := unknownGroups(selection.IDs, found)
	progress := c.Progress("capturing groups", len(found))
	for i, s := range sources {
		if ctx.Err() != nil {
			progress.Clear()
			return nil, fmt.Errorf("interrupted after %d of %d groups: run it again: %w", i, len(sources), ctx.Err())
		}
		results = append(results, captureInto(target, s, c.Now()))
		progress.Step()
	}
	progress.Clear()
	return results, nil
}

// noteTaken notes which baselines the files were made from, for the next push of them.
func (c capture) noteTaken(ctx context.Context, results []capturedGroup, lists []capturedList) {
	var all []madeFrom
	for _, r := range results {
		all = append(all, r.made)
	}
	for _, l := range lists {
		all = append(all, l.made)
	}
	for _, made := range all {
		if made.digest == "" {
			continue
		}
		where, err := c.Identity(ctx) // asked once
		if err != nil {
			fmt.Fprintf(c.Errs, "note: what the files were made from is not known to the next push: %v\n", err)
			return
		}
		c.note(where, made.parameter, made.file, made.digest)
	}
}

// read reads all that is known of groups.
func (c capture) read(ctx context.Context, groups ec2groups.Groups, found []secgroup.Group) ([]compose.Source, error) {
	ids := make([]string, len(found))
	for i, g := range found {
		ids[i] = g.ID
	}
	live, err := c.LiveRules(ctx, groups, ids)
	if err != nil {
		return nil, err
	}
	store, err := c.Store(ctx)
	if err != nil {
		return nil, err
	}
	stored, err := c.Baselines(ctx, store, ids)
	if err != nil {
		return nil, err
	}
	approved, err := c.StoredApprovals(ctx, store, ids)
	for _, problem := range approved.Unusable {
		fmt.Fprintln(c.Errs, problem)
	}
	sources := make([]compose.Source, len(found))
	for i, g := range found {
		sources[i] = compose.Source{Group: g, Live: live[g.ID], Stored: stored[g.ID], Approvals: approved.Of[g.ID]}
	}
	return sources, err
}

func unknownGroups(ids []string, found []secgroup.Group) []capturedGroup {
	var unknown []capturedGroup
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		if !slices.ContainsFunc(found, func(g secgroup.Group) bool { return g.ID == id }) {
			unknown = append(unknown, capturedGroup{GroupID: id, Error: "there is no such group in this account and region"})
		}
	}
	return unknown
}
