package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// push is what the verb of that name is asked to do.
type push struct {
	*app
	yes, force bool
}

// pushed is one baseline on its way to Parameter Store.
type pushed struct {
	compare.Group
	Result  pushResult `json:"result"`
	Version int64      `json:"version,omitempty"` // that Parameter Store has now
	Error   string     `json:"error,omitempty"`

	file   basefile.File
	stored baseline.GroupDocument // as it was compared
}

type pushResult string

const (
	pushUnchanged  pushResult = "unchanged"
	pushWritten    pushResult = "written"
	pushFailed     pushResult = "failed"
	pushNotWritten pushResult = "not-written"
)

func pushCommand(a *app) *cobra.Command {
	p := push{app: a}
	c := &cobra.Command{
		Use:   "push PATH... [--yes] [--force]",
		Short: "Write baseline files to Parameter Store",
		Long: `Checks all files, shows what would change (+ is permitted more, - less), asks, and writes the baselines that changed. From
then on they are enforced.

Nothing is written where a baseline in Parameter Store is not of the version that its file was captured from, since
somebody changed it since: capture the group again, or overwrite it with --force. Once written, a file says its new
version, in its first line; JSON files have no place for that, so that changing them again takes --force.

After a failure half-way, the same command writes the rest.`,
		Example: `  baseline push baselines
  baseline push baselines/web.sg-0a1b2c3d4e5f60718.yaml --yes`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, paths []string) error { return p.run(c.Context(), paths) },
	}
	c.Flags().BoolVar(&p.yes, "yes", false, "don't ask")
	c.Flags().BoolVar(&p.force, "force", false, "overwrite what changed since the files were captured, and what is broken")
	return c
}

func (p push) run(ctx context.Context, paths []string) error {
	files, err := basefile.Read(paths)
	if err == nil {
		err = basefile.Usable(files)
	}
	if err != nil {
		return fmt.Errorf("nothing was written:\n%w", err)
	}
	store, err := p.Store(ctx)
	if err != nil {
		return err
	}
	stored, err := p.Baselines(ctx, store, idsOf(files))
	if err != nil {
		return fmt.Errorf("nothing was written: %w", err)
	}
	plan, err := p.plan(files, stored)
	if err != nil {
		return err
	}
	if err := p.agreed(plan); err != nil {
		return err
	}
	return p.report(plan, p.write(ctx, store, plan))
}

// plan compares all files and refuses as a whole: who has to look at one of them
// again looks at all of them again.
func (p push) plan(files []basefile.File, stored map[string]baseline.GroupDocument) ([]*pushed, error) {
	var plan []*pushed
	var refused []string
	for _, f := range files {
		g := &pushed{file: f, stored: stored[f.Doc.GroupID], Version: stored[f.Doc.GroupID].Stored.Version, Result: pushNotWritten}
		var err error
		g.Group, err = storeFileDiff(g.stored, f)
		switch {
		case err != nil && p.force:
			g.Remarks = []string{fmt.Sprintf("replaces version %d, which can't be read", g.Version)}
			g.Changes = compare.Documents(nil, f.Doc)
		case err != nil:
			refused = append(refused, fmt.Sprintf("%s: %v", f.Path, err))
		case !g.Differs():
			g.Result = pushUnchanged
		case f.Version != g.Version && !p.force:
			refused = append(refused, f.Path+": "+staleText(f, g.Version))
		}
		plan = append(plan, g)
	}
	if len(refused) > 0 {
		return nil, fmt.Errorf("nothing was written:\n%s\nCapture again and look at what changed (baseline diff PATH), or overwrite it with --force", words.Lines(refused))
	}
	return plan, nil
}

func staleText(f basefile.File, version int64) string {
	switch {
	case f.Version == 0:
		return fmt.Sprintf("Parameter Store has version %d of this baseline, and the file does not say that it was captured from that", version)
	case version == 0:
		return fmt.Sprintf("the file was captured from version %d, and Parameter Store has no such baseline any more", f.Version)
	}
	return fmt.Sprintf("the file was captured from version %d, and Parameter Store has version %d: somebody changed it since", f.Version, version)
}

// agreed shows what is to be written, and asks unless it was said before.
func (p push) agreed(plan []*pushed) error {
	groups := differing(plan)
	if p.output == "text" {
		if _, err := fmt.Fprint(p.out, compare.Text(p.painter(), groups)); err != nil {
			return err
		}
	}
	switch {
	case len(groups) == 0 || p.yes:
		return nil
	case p.output == "json":
		return errors.New("nothing was written: --output json doesn't ask, so add --yes")
	case !terminal.Is(p.in):
		return fmt.Errorf("nothing was written: %s would change, and there is no terminal to ask on: add --yes", words.Count(len(groups), "baseline"))
	}
	yes, err := p.confirm(fmt.Sprintf("Write %s under %s in %s (%d unchanged)?", words.Count(len(groups), "baseline"), p.Prefix, p.Config.Region, len(plan)-len(groups)))
	if err == nil && !yes {
		err = errors.New("nothing was written, as you said")
	}
	return err
}

func differing(plan []*pushed) []compare.Group {
	var groups []compare.Group
	for _, g := range plan {
		if g.Result != pushUnchanged {
			groups = append(groups, g.Group)
		}
	}
	return groups
}

// report tells what became of each baseline, and then what went wrong.
func (p push) report(plan []*pushed, failure error) error {
	count := map[pushResult]int{}
	for _, g := range plan {
		count[g.Result]++
	}
	if p.output == "json" {
		return errors.Join(p.printJSON(map[string]any{"groups": plan}), failure)
	}
	for _, g := range plan {
		switch {
		case g.Result == pushWritten:
			fmt.Fprintf(p.out, "wrote %s: version %d\n", g.file.Path, g.Version)
		case g.Result != pushUnchanged:
			fmt.Fprintf(p.out, "not written: %s\n", g.file.Path)
		}
	}
	_, err := fmt.Fprintf(p.out, "%s: %d written, %d unchanged, %d not written\n",
		words.Count(len(plan), "baseline"), count[pushWritten], count[pushUnchanged], count[pushFailed]+count[pushNotWritten])
	if failure != nil {
		failure = fmt.Errorf("%w\nRun the same command again to write the rest", failure)
	}
	return errors.Join(failure, err)
}
