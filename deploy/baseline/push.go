package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// push is what the verb of that name is asked to do.
type push struct {
	planner
	consent
}

func pushCommand(a *app) *cobra.Command {
	p := push{planner: planner{app: a}}
	c := &cobra.Command{
		Use:   "push PATH... [--yes [--revoke-live N]] [--force] [--allow-missing]",
		Short: "Write baseline files to Parameter Store",
		Long: `Shows what plan shows, asks, and writes the baselines that changed. From then on they are enforced.

Where nobody can be asked, --yes agrees to the changes. If live rules would be revoked, --revoke-live N has to say, too, how
many at most; else nothing is written.

Nothing is written where a file would undo what others changed since the last push: an allow for good, a rollback, a change
by hand. "baseline pull PATH" takes their changes into the files; --force undoes them. A push of what is in force already
changes nothing. Files say nothing of versions, so that they can live in git; what a push wrote, the description of the
parameter remembers.

After a failure or an interrupt half-way, the same command writes the rest.`,
		Example: `  baseline push baselines
  baseline push baselines --yes                  # in a pipeline; nothing live may be revoked
  baseline push baselines --yes --revoke-live 2`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, paths []string) error {
			if err := p.check(c); err != nil {
				return err
			}
			return p.run(c.Context(), paths)
		},
	}
	p.planner.flags(c)
	p.consent.flags(c)
	return c
}

func (p push) run(ctx context.Context, paths []string) error {
	planned := p.Now()
	plan, store, err := p.plan(ctx, paths)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("nothing was written: interrupted: %w", context.Cause(ctx))
	case err != nil:
		return fmt.Errorf("nothing was written:\n%w", err)
	}
	refused := plan.refusal()
	if p.output == "text" || refused != nil {
		if err := p.show(plan); err != nil {
			return err
		}
	}
	if refused != nil {
		return fmt.Errorf("nothing was written:\n%w", refused)
	}
	if n := plan.count(pushNotWritten); n > 0 {
		if err := p.consents(plan.proposal(n), p.consent); err != nil {
			return err
		}
	}
	waited := p.Now().Sub(planned)
	return p.report(plan, waited, p.write(ctx, store, plan))
}

// proposal is to write n baselines.
func (plan *pushPlan) proposal(n int) proposal {
	baselines := words.Count(n, "baseline")
	return proposal{
		what: baselines + " would change", toll: plan.toll(pushNotWritten), where: plan.Identity, plan: "baseline plan",
		question: fmt.Sprintf("Write %s (%d unchanged)?", baselines, plan.count(pushUnchanged)),
	}
}

// report says what became of each baseline, which live rules go when, and then what
// went wrong. waited is how long ago the plan was made when the writing began.
func (p push) report(plan *pushPlan, waited time.Duration, failure error) error {
	if failure != nil {
		failure = fmt.Errorf("%w\n%d of %s written. Run the same command again to write the rest",
			failure, plan.count(pushWritten), words.Count(plan.count(pushWritten, pushFailed, pushNotWritten), "baseline"))
	}
	if p.output == "json" {
		return errors.Join(p.printJSON(plan.forMachines()), failure)
	}
	for _, g := range plan.Groups {
		switch g.Result {
		case pushWritten:
			next := ""
			if g.Live != nil {
				next = g.Live.Delayed(waited).Next(p.Now())
			}
			if next != "" {
				next = "; " + next
			}
			fmt.Fprintf(p.out, "wrote %s: version %d%s\n", g.file.Path, g.Version, next)
		case pushFailed, pushNotWritten:
			fmt.Fprintf(p.out, "not written: %s\n", g.file.Path)
		}
	}
	_, err := fmt.Fprintf(p.out, "%s: %d written, %d unchanged, %d not written\n",
		words.Count(len(plan.Groups), "baseline"), plan.count(pushWritten), plan.count(pushUnchanged), plan.count(pushFailed, pushNotWritten))
	return errors.Join(failure, err)
}
