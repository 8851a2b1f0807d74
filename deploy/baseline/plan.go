package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/consequence"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// planner says what pushing files would do.
type planner struct {
	*app
	force, allowMissing bool
}

// pushPlan is what pushing some files would do, and what became of it.
type pushPlan struct {
	Identity account.Identity `json:"identity"`
	Remarks  []string         `json:"remarks,omitempty"` // on all groups
	Groups   []*pushed        `json:"groups"`
	// Revokes counts the live rules that will be revoked, at once or later, in groups
	// whose baselines are to be written, and the live entries of prefix lists likewise.
	Revokes int `json:"revokes"`
}

// forMachines is the plan with groups and prefix lists in two lists.
func (plan *pushPlan) forMachines() any {
	shown := struct {
		Identity    account.Identity `json:"identity"`
		Remarks     []string         `json:"remarks,omitempty"`
		Groups      []*pushed        `json:"groups"`
		PrefixLists []*pushed        `json:"prefixLists,omitempty"`
		Revokes     int              `json:"revokes"`
	}{Identity: plan.Identity, Remarks: plan.Remarks, Revokes: plan.Revokes}
	shown.Groups, shown.PrefixLists = groupsAndLists(plan.Groups, func(g *pushed) bool { return g.IsList() })
	return shown
}

// groupsAndLists parts what is about groups from what is about prefix lists. No groups are an
// empty list, for machines.
func groupsAndLists[T any](all []T, isList func(T) bool) (groups, lists []T) {
	groups = []T{}
	for _, one := range all {
		if isList(one) {
			lists = append(lists, one)
		} else {
			groups = append(groups, one)
		}
	}
	return groups, lists
}

// pushed is one baseline on its way to Parameter Store.
type pushed struct {
	compare.Group
	Result  pushResult        `json:"result"`
	Version int64             `json:"version,omitempty"` // that Parameter Store has now
	Error   string            `json:"error,omitempty"`
	Live    *consequence.Live `json:"live,omitempty"` // absent for a group or prefix list that is not there

	file   basefile.File
	stored baseline.GroupDocument // as it was compared
	before *baseline.Document     // the same, as account.Decode has it; nil where there is none, or a broken one
	advice wayOut                 // for a refused one
}

type pushResult string

const (
	pushUnchanged  pushResult = "unchanged"
	pushPlanned    pushResult = "planned" // of plan: a push would write it
	pushRefused    pushResult = "refused" // a push would write nothing at all because of it
	pushWritten    pushResult = "written"
	pushFailed     pushResult = "failed"
	pushNotWritten pushResult = "not-written"
)

func planCommand(a *app) *cobra.Command {
	p := planner{app: a}
	c := &cobra.Command{
		Use:   "plan PATH... [--allow-missing] [--force]",
		Short: "Say what a push of baseline files would do, to live rules too",
		Long: `Shows what a push of the files would do, and writes nothing. For each group that changes:

  + - ~            what the baseline will permit more, permit less, and change otherwise
  live rules       what enforcement will do to them: which rules will be revoked, and when. What the baseline in force
                   permits stays permitted for the grace period (graceMinutes of the file, else GRACE_MINUTES of the
                   environment, 10 if unset, as the functions have it). Approvals and a pause count.

Functions that run with MODE=alert revoke nothing and only report.

A group that does not exist in this account and region is an error: the region or the account may be the wrong one. With
--allow-missing the baseline of a group that comes later is no error.

A file that would undo what others changed since the last push is an error. The error says who changed what, and what the
file would undo. "baseline pull FILE" takes their changes into the file; --force undoes them.

Exit status: 0 nothing would change and all live rules are permitted, 2 something would change or live rules are not
permitted, 1 an error, such as a push that would be refused.`,
		Example: `  baseline plan baselines
  baseline plan baselines/web.sg-0a1b2c3d4e5f60718.yaml --output json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, paths []string) error { return p.run(c.Context(), paths) },
	}
	p.flags(c)
	return c
}

// flags defines the flags that plan and push share.
func (p *planner) flags(c *cobra.Command) {
	c.Flags().BoolVar(&p.force, "force", false, "overwrite what others changed since the last push, and what is broken")
	c.Flags().BoolVar(&p.allowMissing, "allow-missing", false, "a group that does not exist yet is no error")
}

func (p planner) run(ctx context.Context, paths []string) error {
	plan, _, err := p.plan(ctx, paths)
	if err != nil {
		return err
	}
	for _, g := range plan.Groups {
		if g.Result == pushNotWritten {
			g.Result = pushPlanned
		}
	}
	if err := p.show(plan); err != nil {
		return err
	}
	if refused := plan.refusal(); refused != nil {
		return fmt.Errorf("a push would write nothing:\n%w", refused)
	}
	for _, g := range plan.Groups {
		if g.isShown() {
			return errFindings
		}
	}
	return nil
}

// show prints a plan for people or machines.
func (p planner) show(plan *pushPlan) error {
	if p.output == "json" {
		return p.printJSON(plan.forMachines())
	}
	_, err := io.WriteString(p.out, plan.text(p.painter(), p.Now()))
	return err
}

// readFiles reads baseline files that can all be used.
func readFiles(paths []string) ([]basefile.File, error) {
	files, err := basefile.Read(paths)
	return files, errors.Join(err, basefile.Usable(files))
}
