package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/targets"
	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
	"github.com/sgwarden/sgwarden/pkg/awserr"
)

// manyHelp is the part of the command's help on many accounts and regions.
const manyHelp = `
Many accounts and regions: --targets FILE runs a verb in all accounts and regions of a file, eight at a time. The verb
targets makes the file of an organisation's accounts:

  schema: 1
  targets:
    - account: "111122223333"            # the credentials must be of this account
      name: production                   # for labels; the id where there is none
      regions: [us-east-1, eu-west-1]
      profile: prod                      # a profile of the AWS configuration,
    - account: "444455556666"
      regions: [us-east-1]
      role: arn:aws:iam::444455556666:role/operator   # or a role to assume; externalId where it wants one

{account}, {region} and {name} in arguments become those of the target. Each output stands under a heading, in the order of
the file; with --output json there is one document. A target that fails stops no other. Nobody is asked, so a verb that
asks wants --yes. The exit status is 1 where a target failed, else 2 where one has differences or findings.`

// many says how to run a verb in many accounts and regions.
type many struct {
	file     string // empty: in the account and region of the environment
	parallel int
}

// withoutAWS are the commands that read no account.
var withoutAWS = []string{
	"clone", "completion", "completion bash", "completion fish", "completion powershell", "completion zsh",
	"guardrail lint", "help", "import", "import terraform", "lint",
}

// addTargets makes every verb of the command run in many accounts and regions, where
// people ask for that.
func (a *app) addTargets(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVar(&a.many.file, "targets", "", "run the verb in all accounts and regions of this file; baseline --help tells of the file")
	flags.IntVar(&a.many.parallel, "parallel", targets.DefaultParallel, "how many accounts and regions of --targets run at a time")
	root.InitDefaultHelpCmd() // cobra would add the two later
	root.InitDefaultCompletionCmd()
	for _, verb := range root.Commands() {
		a.wrap(verb)
	}
}

// wrap makes a command, and those under it, look for --targets first.
func (a *app) wrap(c *cobra.Command) {
	for _, below := range c.Commands() {
		a.wrap(below)
	}
	run := c.RunE
	if plain := c.Run; run == nil && plain != nil {
		run = func(c *cobra.Command, args []string) error { plain(c, args); return nil }
	}
	if run == nil {
		return
	}
	c.Run, c.RunE = nil, func(c *cobra.Command, args []string) error {
		switch {
		case c.Flags().Changed("targets"):
			return a.runTargets(c, args)
		case c.Flags().Changed("parallel"):
			return errors.New("--parallel is for --targets FILE, which is not there")
		}
		return run(c, args)
	}
}

// verbOf is a command without the name of the program, such as "guardrail push".
func verbOf(c *cobra.Command) string {
	_, verb, _ := strings.Cut(c.CommandPath(), " ")
	return verb
}

// runTargets runs a verb in all accounts and regions of the file.
func (a *app) runTargets(c *cobra.Command, args []string) error {
	switch {
	case verbOf(c) == "targets":
		return errors.New("targets makes a file of accounts and regions: run it without --targets")
	case slices.Contains(withoutAWS, verbOf(c)):
		return fmt.Errorf("%s reads no account: run it without --targets", verbOf(c))
	case a.many.file == "":
		return errors.New("--targets is empty: name the file of accounts and regions")
	case a.many.parallel < 1:
		return fmt.Errorf("--parallel %d: want 1 or more", a.many.parallel)
	}
	all, err := targets.Read(a.many.file)
	if err != nil {
		return err
	}
	for _, path := range writtenPaths(c, args) {
		if err := targets.CheckPath(all, path); err != nil {
			return err
		}
	}
	how := targets.Options{Parallel: a.many.parallel, JSON: a.output == "json", Out: a.out, Errs: a.Errs}
	if terminal.Is(a.Errs) {
		how.Progress = progressLine{a.Errs}
	}
	summary, err := targets.Run(c.Context(), all, how, a.one(c, args))
	if err != nil {
		return errors.Join(errors.New(summary.String()), err)
	}
	return a.sumUp(summary)
}

// sumUp ends the command. Where main prints an error, that error is the summary.
func (a *app) sumUp(summary targets.Summary) error {
	if summary.Status() == 1 {
		return errors.New(summary.String())
	}
	if _, err := fmt.Fprintln(a.Errs, summary); err != nil {
		return err
	}
	if summary.Status() == 2 {
		return errFindings
	}
	return nil
}

// writtenPaths are the files and directories that a verb writes, as people wrote them.
func writtenPaths(c *cobra.Command, args []string) []string {
	var paths []string
	for _, name := range []string{"out", "keep"} {
		if flag := c.Flags().Lookup(name); flag != nil && flag.Changed {
			paths = append(paths, flag.Value.String())
		}
	}
	if verbOf(c) == "pull" {
		paths = append(paths, args...)
	}
	return paths
}

// one returns what runs the verb in one account and region: the command anew, with the
// configuration of the target and nobody to answer.
func (a *app) one(c *cobra.Command, args []string) targets.One {
	called := invocationOf(c, args)
	retryer := config.WithRetryer(func() aws.Retryer { return account.Patient(awserr.Retryer()) })
	return func(ctx context.Context, t targets.Target, out, errs io.Writer) (int, error) {
		cfg, err := targets.Config(ctx, t, retryer)
		if err != nil {
			return exitStatus(err), advised{err}
		}
		there := &app{
			Account: account.Account{Config: &cfg, Getenv: a.Getenv, Now: a.Now, Errs: errs},
			in:      strings.NewReader(""), out: out, elsewhere: true, layout: a.layout,
		}
		root := there.command()
		root.SetArgs(called.of(t))
		err = root.ExecuteContext(ctx)
		if err == nil || errors.Is(err, errFindings) {
			return exitStatus(err), nil
		}
		return exitStatus(err), advised{err}
	}
}

// advised is an error with the advice that people get.
type advised struct{ error }

func (e advised) Error() string { return advise(e.error) }
func (e advised) Unwrap() error { return e.error }

// progressLine is a line on a terminal.
type progressLine struct{ out io.Writer }

// clearLine goes to the beginning of the line and erases the line (ECMA-48, EL).
const clearLine = "\r\x1b[K"

// Show replaces the line.
func (p progressLine) Show(text string) { fmt.Fprint(p.out, clearLine+text) }

// Clear removes the line.
func (p progressLine) Clear() { fmt.Fprint(p.out, clearLine) }
