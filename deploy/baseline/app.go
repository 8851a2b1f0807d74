package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/settings"
)

// app is what every verb works with.
type app struct {
	account.Account
	in     io.Reader
	out    io.Writer
	output string // text or json
	many   many
}

// errFindings makes the exit status 2: there are differences or findings. They
// have been printed.
var errFindings = errors.New("there are differences or findings")

func exitStatus(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errFindings):
		return 2
	}
	return 1
}

func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "baseline VERB",
		Short: "Capture, review, approve and roll back what security groups may have",
		Long: `Captures, reviews, approves and rolls back what security groups may have. Account, region and endpoint come from the
ordinary AWS environment: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL ... No verb writes to EC2.

Exit status: 0 fine, 1 an error, 2 there are differences or findings.
` + manyHelp,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if a.output != "text" && a.output != "json" {
				return fmt.Errorf("--output %q: want text or json", a.output)
			}
			if !settings.IsPrefix(a.Prefix) {
				return fmt.Errorf("--prefix %q: want a path such as /sg-baseline, the functions' BASELINE_PREFIX", a.Prefix)
			}
			return nil
		},
	}
	prefix := a.Getenv("BASELINE_PREFIX")
	if prefix == "" {
		prefix = "/sg-baseline"
	}
	root.PersistentFlags().StringVar(&a.Prefix, "prefix", prefix, "path of the baselines in Parameter Store; BASELINE_PREFIX sets it too")
	root.PersistentFlags().StringVar(&a.output, "output", "text", "text, or json for machines")
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.Errs)
	for _, verb := range verbs {
		root.AddCommand(verb(a))
	}
	a.addTargets(root)
	return root
}

// verbs make the commands.
var verbs = []func(*app) *cobra.Command{
	allowCommand,
	captureCommand,
	cloneCommand,
	diffCommand,
	explainCommand,
	guardrailCommand,
	historyCommand,
	importCommand,
	lintCommand,
	pauseCommand,
	pushCommand,
	redriveCommand,
	resolveCommand,
	rollbackCommand,
	showCommand,
}

// painter returns what colours text on the standard output, where people want that.
func (a *app) painter() terminal.Paint { return terminal.Painter(a.out, a.Getenv) }

// confirm asks a question; only y and yes mean yes.
func (a *app) confirm(question string) (bool, error) { return terminal.Confirm(a.in, a.Errs, question) }

// printJSON writes a value for machines.
func (a *app) printJSON(v any) error {
	encoder := json.NewEncoder(a.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// advise adds to an error of AWS what to do about it.
func advise(err error) string {
	text := err.Error()
	switch {
	case strings.Contains(text, "failed to retrieve credentials"), strings.Contains(text, "get credentials"), strings.Contains(text, "no EC2 IMDS role found"):
		return "no AWS credentials: set AWS_PROFILE, or sign in first\n  " + text
	case awserr.ClassOf(err) == awserr.Denied:
		return text + "\n  these credentials may not do that: use others, or have the permission added"
	}
	return text
}
