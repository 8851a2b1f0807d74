package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
)

// capture is what the verb of that name is asked to do.
type capture struct {
	*app
	asked      []string // groups, by id or as name:web
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
			c.lists, c.asked = listsAndGroups(args)
			selection, err := c.selection(command.Flags().Changed)
			if err != nil {
				return err
			}
			if selection.IDs, err = c.withAsked(command.Context(), selection.IDs); err != nil {
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
