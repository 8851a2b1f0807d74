package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

func guardrailCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "guardrail (show | lint FILE | plan FILE | push FILE)",
		Short: "Review and write what no group without a baseline may open",
		Long: `Reviews and writes the guardrail: what no security group without a baseline may open. There is one for all groups.

Exit status: 0 fine, 1 an error, 2 a plan with differences or findings.`,
		Example: `  baseline guardrail show
  baseline guardrail lint guardrail.yaml
  baseline guardrail plan guardrail.yaml
  baseline guardrail push guardrail.yaml`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return misused("say what to do with the guardrail: show, lint, plan or push")
		},
	}
	c.AddCommand(guardrailShowCommand(a), guardrailLintCommand(a), guardrailPlanCommand(a), guardrailPushCommand(a))
	return c
}

// shownGuardrail is what --output json has of the guardrail.
type shownGuardrail struct {
	Parameter string             `json:"parameter"`
	Version   int64              `json:"version"` // 0: there is none
	Guardrail *guardrailDocument `json:"guardrail"`
}

func guardrailShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Print the guardrail that is in force",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return a.showGuardrail(c.Context()) },
	}
}

func (a *app) showGuardrail(ctx context.Context) error {
	store, err := a.Store(ctx)
	if err != nil {
		return err
	}
	shared, err := store.ReadShared(ctx)
	if err != nil {
		return err
	}
	shown := shownGuardrail{Parameter: store.Guardrail(), Version: shared.Guardrail.Version}
	text := fmt.Sprintf("there is no guardrail at %s: groups without a baseline are left alone\n", store.Guardrail())
	if shared.Guardrail.Exists() {
		g, err := account.DecodeGuardrail(shared.Guardrail)
		if err != nil {
			return err
		}
		document := documentOfGuardrail(g)
		shown.Guardrail, text = &document, fmt.Sprintf("# %s, version %d\n%s", store.Guardrail(), shown.Version, document.yaml())
	}
	if a.output == "json" {
		return a.printJSON(shown)
	}
	_, err = fmt.Fprint(a.out, text)
	return err
}

func guardrailLintCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "lint FILE",
		Short: "Check the file of a guardrail",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			f := basefile.ReadOneAs(guardrailReading, args[0])
			return a.printLint(lint([]basefile.File{f}, a.adviser()))
		},
	}
}

// guardrailReading reads a guardrail, whatever fields the file has, so that a file of
// another kind is an error.
func guardrailReading(data []byte) (basefile.Contents, error) {
	_, err := yamlfile.DecodeGuardrail(data)
	return basefile.Contents{}, err
}
