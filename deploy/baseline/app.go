package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/picture"
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
	// sleep waits for a pace of AWS; nil waits for real.
	sleep func(context.Context, time.Duration) error
	// elsewhere says that the account and region are a target's, and not the environment's.
	elsewhere bool
	layout    picture.Layout // of SVG
	frugal    func()         // limits the memory from now on; nil: no limit
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

// run runs the command, prints an error, and returns the exit status.
func (a *app) run(ctx context.Context, args []string) (status int) {
	defer func() {
		if fault := recover(); fault != nil {
			status = 1
			fmt.Fprintf(a.Errs, "baseline: this is a fault of the command, and not yours: %v\nplease report it, with what BASELINE_STACK=1 makes it print\n", fault)
			if a.Getenv("BASELINE_STACK") != "" {
				fmt.Fprintf(a.Errs, "%s", debug.Stack())
			}
		}
	}()
	root := a.command()
	root.SetArgs(args)
	c, err := root.ExecuteContextC(ctx)
	if err != nil && !errors.Is(err, errFindings) {
		fmt.Fprintf(a.Errs, "baseline: %s\n", explained(c, err))
	}
	return exitStatus(err)
}

func (a *app) command() *cobra.Command {
	var version bool
	root := &cobra.Command{
		Use:   "baseline VERB",
		Short: "Capture, review, approve and roll back what security groups may have",
		Long: `Captures, reviews, approves and rolls back what security groups may have. Account, region and endpoint come from the
ordinary AWS environment: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL ... No verb writes to EC2.

Every verb is called as VERB GROUP... ARGUMENTS. A group is an id such as sg-0a1b2c3d4e5f60718, or name:web for the group
that is called web. A rule is the last argument, in quotes: 'ingress tcp 22 203.0.113.7/32'. capture, delete, diff, history,
list, rollback and show take the id of a prefix list, such as pl-0a1b2c3d4e5f60718, where they take a group.

Exit status: 0 fine, 1 an error, 2 there are differences or findings.
` + manyHelp,
		SilenceUsage:      true,
		SilenceErrors:     true,
		Args:              cobra.ArbitraryArgs,
		PersistentPreRunE: func(*cobra.Command, []string) error { return a.checkFlags() },
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case version:
				return a.printVersion()
			case len(args) > 0:
				return unknownVerb(c, args[0])
			}
			return c.Help()
		},
	}
	root.Flags().BoolVar(&version, "version", false, "say which version of the command this is")
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
	a.polish(root)
	a.addTargets(root)
	return root
}

// polish does for all verbs what is the same for each: their usage errors, and what the
// shell completes.
func (a *app) polish(root *cobra.Command) {
	root.InitDefaultHelpCmd() // cobra would add the two later
	root.InitDefaultCompletionCmd()
	root.SetFlagErrorFunc(flagError)
	// Each command's own usage line says that verbs follow.
	root.SetUsageTemplate(strings.NewReplacer("{{if .HasAvailableSubCommands}}\n  {{.CommandPath}} [command]{{end}}", "", "[command]", "VERB").Replace(root.UsageTemplate()))
	strict(root)
	if err := root.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag is defined above
	}
	a.complete(root)
}

func (a *app) checkFlags() error {
	if a.output != "text" && a.output != "json" {
		return misused("--output %q: want text or json", a.output)
	}
	if !settings.IsPrefix(a.Prefix) {
		return misused("--prefix %q: want a path such as /sg-baseline, the functions' BASELINE_PREFIX", a.Prefix)
	}
	return nil
}

// verbs make the commands.
var verbs = []func(*app) *cobra.Command{
	allowCommand,
	backtestCommand,
	captureCommand,
	cloneCommand,
	deleteCommand,
	diffCommand,
	doctorCommand,
	explainCommand,
	graphCommand,
	guardrailCommand,
	historyCommand,
	importCommand,
	lintCommand,
	listCommand,
	pauseCommand,
	planCommand,
	pullCommand,
	pushCommand,
	redriveCommand,
	reportCommand,
	resolveCommand,
	rollbackCommand,
	showCommand,
	targetsCommand,
	trustCommand,
}

// painter returns what colours text on the standard output, where people want that.
func (a *app) painter() terminal.Paint { return terminal.Painter(a.out, a.Getenv) }

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
	case errors.Is(err, context.Canceled) && !strings.Contains(text, "interrupted"):
		return "interrupted\n  " + text
	case strings.Contains(text, "failed to retrieve credentials"), strings.Contains(text, "get credentials"), strings.Contains(text, "no EC2 IMDS role found"):
		return "no AWS credentials: set AWS_PROFILE, or sign in first\n  " + text
	case awserr.ClassOf(err) == awserr.Denied:
		return text + "\n  these credentials may not do that: use others, or have the permission added"
	}
	return text
}
