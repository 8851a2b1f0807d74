package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/consequence"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// rollback is what the verb of that name is asked to do.
type rollback struct {
	group string
	to    int64
	// agreed is shown the plan before anything is written, and fails if it must not be. It
	// adds what becomes of live rules.
	agreed func(plan *rolledBack, back account.Version) error
}

// rolledBack is what it is going to do, and what became of it.
type rolledBack struct {
	GroupID      string   `json:"groupId,omitempty"`
	PrefixListID string   `json:"prefixListId,omitempty"`
	Parameter    string   `json:"parameter"`
	From         int64    `json:"from"`
	To           int64    `json:"to"`
	Changed      bool     `json:"changed"`
	Version      int64    `json:"version"` // the current one afterwards
	More         []string `json:"permitsMore"`
	Less         []string `json:"permitsLess"`
	Settings     []string `json:"settings"`
	Note         string   `json:"note,omitempty"`
	// Live is what enforcement will do to live rules; absent where nothing changes, and for
	// a group that is not there. LiveUnknown is why nobody knows.
	Live        *consequence.Live `json:"live,omitempty"`
	LiveUnknown string            `json:"liveUnknown,omitempty"`
}

func rollbackCommand(a *app) *cobra.Command {
	var r rollback
	var yes bool // don't ask
	c := &cobra.Command{
		Use:   "rollback GROUP --to VERSION",
		Short: "Put an old version of a group's baseline back as a new one",
		Long: `Shows what an old version of a group's or prefix list's baseline permits more (+) and less (-) than the current one, what becomes of
live rules, asks, and puts it back as a new version. A version that is broken is not put back.`,
		Example: `  baseline history sg-0a1b2c3d4e5f60718
  baseline rollback sg-0a1b2c3d4e5f60718 --to 3`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			r.group = args[0]
			r.agreed = func(plan *rolledBack, back account.Version) error {
				return a.agreedToRollback(c.Context(), plan, back, yes)
			}
			switch {
			case !c.Flags().Changed("to"):
				return misused("say which version: --to VERSION; baseline history %s lists them", r.group)
			case r.to < 1:
				return misused("--to %d: versions count from 1; baseline history %s lists them", r.to, r.group)
			}
			store, err := a.Store(c.Context())
			if err != nil {
				return err
			}
			versions, err := a.VersionsOf(c.Context(), store, r.group)
			if err != nil {
				return err
			}
			done, err := r.run(c.Context(), store, versions, a.Now())
			if err != nil {
				return err
			}
			if a.output == "json" {
				return a.printJSON(done)
			}
			_, err = fmt.Fprintln(a.out, done)
			return err
		},
	}
	c.Flags().Int64Var(&r.to, "to", 0, "the version to put back")
	c.Flags().BoolVar(&yes, "yes", false, "don't ask")
	return c
}

func (r rollback) run(ctx context.Context, store ssmstore.Store, versions []account.Version, now time.Time) (rolledBack, error) {
	target, err := account.Pick(versions, r.to)
	if err != nil {
		return rolledBack{}, err
	}
	if target.Broken != nil {
		return rolledBack{}, fmt.Errorf("version %d of %s is broken, so it can't be put back: %w", r.to, target.Parameter, target.Broken)
	}
	current := versions[len(versions)-1]
	plan, err := planRollback(current, target, now)
	if err != nil || !plan.Changed {
		return plan, err
	}
	if err := r.agreed(&plan, target); err != nil {
		return plan, err
	}
	// Somebody may have written while this was being thought over.
	stored, err := account.ReadDocument(ctx, store, target.GroupID)
	if err == nil && stored.Version != current.Version.Version {
		err = fmt.Errorf("%s: %w and is version %d now: look at it and start again", current.Parameter, ssmstore.ErrChanged, stored.Version)
	}
	if err != nil {
		return plan, err
	}
	plan.Version, err = target.Put(ctx, store, stored)
	return plan, err
}

// planRollback compares what is to be put back with what there is.
func planRollback(current, target account.Version, now time.Time) (rolledBack, error) {
	plan := rolledBack{
		Parameter: target.Parameter, From: current.Version.Version, To: target.Version.Version,
		Version: current.Version.Version, More: []string{}, Less: []string{}, Settings: []string{},
	}
	if target.List != nil {
		plan.PrefixListID = target.GroupID
	} else {
		plan.GroupID = target.GroupID
	}
	d := permitted(current.Doc, target.Doc, now)
	plan.More, plan.Less, plan.Settings = append(plan.More, d.More...), append(plan.Less, d.Less...), append(plan.Settings, d.Settings...)
	if current.Doc == nil {
		plan.Changed, plan.Note = true, "the current version is broken, and enforces nothing"
		return plan, nil
	}
	was, err := current.JSON()
	is, targetErr := target.JSON()
	plan.Changed = !bytes.Equal(was, is)
	switch {
	case !plan.Changed:
		plan.Note = "they are the same"
	case d.None():
		plan.Note = "only how it is written, or what has expired, differs"
	}
	return plan, errors.Join(err, targetErr)
}

// agreedToRollback shows where and what would be written and what becomes of live rules,
// and asks unless yes was said before.
func (a *app) agreedToRollback(ctx context.Context, plan *rolledBack, back account.Version, yes bool) error {
	where, err := a.Identity(ctx)
	if err != nil {
		return fmt.Errorf("nothing was written: %w", err)
	}
	if plan.Live, err = a.liveAfter(ctx, back); err != nil {
		plan.LiveUnknown = err.Error() // a rollback must be possible without EC2
	}
	if a.output == "text" {
		if _, err := fmt.Fprintln(a.out, where); err != nil {
			return err
		}
		if _, err := io.WriteString(a.out, a.planText(*plan)); err != nil {
			return err
		}
	}
	return a.askUnless(yes, "nothing was written", "the baseline would change", plan.question())
}

func (a *app) planText(plan rolledBack) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: from version %d back to version %d\n", plan.Parameter, plan.From, plan.To)
	for _, line := range plan.lines() {
		fmt.Fprintf(&text, "  %s\n", a.painter().Change(line))
	}
	if plan.Live != nil {
		text.WriteString(plan.Live.Text(a.painter(), a.Now()))
	}
	if plan.LiveUnknown != "" {
		fmt.Fprintf(&text, "  ! nobody knows what becomes of live rules: %s\n", plan.LiveUnknown)
	}
	return text.String()
}

func (d rolledBack) lines() []string {
	var lines []string
	if d.Note != "" {
		lines = append(lines, d.Note)
	}
	lines = append(lines, d.Settings...)
	for _, text := range d.More {
		lines = append(lines, "+ "+text)
	}
	for _, text := range d.Less {
		lines = append(lines, "- "+text)
	}
	return lines
}

// String is for people.
func (d rolledBack) String() string {
	if !d.Changed {
		return fmt.Sprintf("%s: version %d is not put back: %s (still version %d)", d.Parameter, d.To, d.Note, d.Version)
	}
	return fmt.Sprintf("%s: version %d is back, as version %d", d.Parameter, d.To, d.Version)
}
