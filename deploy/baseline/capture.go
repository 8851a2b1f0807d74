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
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// capture is what the verb of that name is asked to do.
type capture struct {
	*app
	named      []string // groups, by id or as name:web
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

	parameter, taken string // of the baseline that the file's settings are of, and its digest; empty for none
}

func captureCommand(a *app) *cobra.Command {
	c := capture{app: a}
	command := &cobra.Command{
		Use:   "capture (GROUP... | --vpc-id ID | --tag KEY=VALUE | --all) --out DIR",
		Short: "Write the live rules of groups as baseline files",
		Long: `Writes the live rules of groups as baseline files, YAML, one a group. Capturing again changes nothing that is the same.
A file has both lists, so that both directions are guarded; one without a live rule is empty, and permits none.

A file that DIR already has for a group, by whatever name, is written anew, and comments may be lost. It keeps what live
rules don't say: mode, match, restore, graceMinutes, exceptions, and descriptions of rules that have none in EC2. Where
there is no file, these are taken from the group's baseline in Parameter Store. Where both are there and differ, a note
says so; pull takes what Parameter Store has into the file.

A live rule that only an exception permits stays an exception until that expires; one of an expired exception is left
out, with a note. So is one that only an approval permits, or did until the approval ended: approvals are parameters of
their own. A group with a rule that a baseline can't express is an error and not written; the others are.

To capture a group that has an approved file approves all of its live rules, drift too. To look at drift, use diff; to
take into a file what others approved, use pull.`,
		Example: `  baseline capture --all --out baselines
  baseline capture sg-0a1b2c3d4e5f60718 name:web --out baselines
  baseline capture --tag team=payments --out baselines`,
		RunE: func(command *cobra.Command, args []string) error {
			c.named = args
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
	key, value, hasValue := strings.Cut(c.tag, "=")
	switch {
	case len(kinds) != 1:
		return s, misused("say which groups: exactly one of GROUP..., --vpc-id, --tag and --all")
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
	groups, err := c.Groups(ctx)
	if err != nil {
		return err
	}
	found, err := groups.List(ctx, selection)
	if err != nil {
		return err
	}
	if len(found) == 0 && selection.IDs == nil {
		return errors.New("no security group was found: check the region and what was selected; nothing was written")
	}
	sources, err := c.read(ctx, groups, found)
	if err != nil {
		return err
	}
	results := unknownGroups(selection.IDs, found)
	progress := c.Progress("capturing groups", len(found))
	for i, s := range sources {
		if ctx.Err() != nil {
			progress.Clear()
			return fmt.Errorf("interrupted after %d of %d groups: run it again: %w", i, len(sources), ctx.Err())
		}
		results = append(results, captureInto(target, s, c.Now()))
		progress.Step()
	}
	progress.Clear()
	c.noteTaken(ctx, results)
	return c.report(results)
}

// noteTaken notes which baselines the files were made from, for the next push of them.
func (c capture) noteTaken(ctx context.Context, results []capturedGroup) {
	for _, r := range results {
		if r.taken == "" {
			continue
		}
		where, err := c.Identity(ctx) // asked once
		if err != nil {
			fmt.Fprintf(c.Errs, "note: what the files were made from is not known to the next push: %v\n", err)
			return
		}
		c.note(where, r.parameter, r.File, r.taken)
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

func (c capture) report(results []capturedGroup) error {
	var errs []error
	written := 0
	for _, r := range results {
		if r.Error != "" {
			errs = append(errs, fmt.Errorf("%s: %s", r.GroupID, r.Error))
		}
		if r.Changed {
			written++
		}
	}
	if c.output == "json" {
		return errors.Join(append([]error{c.printJSON(map[string]any{"groups": results})}, errs...)...)
	}
	for _, r := range results {
		if r.Changed {
			fmt.Fprintf(c.out, "wrote %s: %s\n", r.File, words.Count(r.Rules, "rule"))
		}
		for _, note := range r.Notes {
			fmt.Fprintf(c.out, "note: %s: %s\n", r.GroupID, note)
		}
	}
	_, err := fmt.Fprintf(c.out, "%s: %d written, %d unchanged, %d failed\n",
		words.Count(len(results), "group"), written, len(results)-written-len(errs), len(errs))
	return errors.Join(append(errs, err)...)
}
