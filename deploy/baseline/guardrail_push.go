package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

func guardrailPushCommand(a *app) *cobra.Command {
	var said consent
	c := &cobra.Command{
		Use:   "push FILE [--yes [--revoke-live N]]",
		Short: "Write the guardrail to Parameter Store",
		Long: `Shows what plan shows, asks, and writes the guardrail. Nothing is written where somebody changed the guardrail meanwhile.

Where nobody can be asked, --yes agrees to the change. If live rules would be revoked, --revoke-live N has to say, too, how
many at most; else nothing is written.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := said.check(c); err != nil {
				return err
			}
			return a.pushGuardrail(c.Context(), args[0], said)
		},
	}
	said.flags(c)
	return c
}

func (a *app) pushGuardrail(ctx context.Context, path string, said consent) error {
	plan, store, err := a.planGuardrail(ctx, path)
	if err != nil {
		return fmt.Errorf("nothing was written: %w", err)
	}
	if plan.Result = pushNotWritten; len(plan.Changes) == 0 {
		plan.Result = pushUnchanged
	}
	if a.output == "text" {
		if err := a.printGuardrailPlan(plan); err != nil {
			return err
		}
	}
	if plan.Result == pushNotWritten {
		proposed := proposal{
			what: "the guardrail would change", toll: toll{rules: plan.Revokes}, where: plan.Identity, plan: "baseline guardrail plan",
			question: fmt.Sprintf("Write the guardrail to %s?", plan.Parameter),
		}
		if err := a.consents(proposed, said); err != nil {
			return err
		}
		if err := putGuardrail(ctx, store, plan); err != nil {
			return err
		}
	}
	if a.output == "json" {
		return a.printJSON(plan)
	}
	if plan.Result == pushWritten {
		_, err = fmt.Fprintf(a.out, "wrote %s: version %d\n", plan.Parameter, plan.Version)
	}
	return err
}

// putGuardrail makes sure that nobody wrote while the plan was looked at.
func putGuardrail(ctx context.Context, store ssmstore.Store, plan *guardrailPlan) error {
	shared, err := store.ReadShared(ctx)
	if err != nil {
		return err
	}
	if now := shared.Guardrail; now.Version != plan.From {
		return fmt.Errorf("nothing was written: %s was version %d and is version %d now: %w: plan again", plan.Parameter, plan.From, now.Version, ssmstore.ErrChanged)
	}
	document, err := json.Marshal(documentOfGuardrail(plan.guardrail))
	if err == nil {
		_, err = baseline.DecodeGuardrail(document)
	}
	if err != nil {
		return fmt.Errorf("nothing was written: %w", err)
	}
	version, err := account.PutDocument(ctx, store, plan.Parameter, document, plan.stored)
	if version > 0 {
		plan.Result, plan.Version = pushWritten, version
	}
	return err
}
