package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/advice"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// lintResult is all that there is to say of some files.
type lintResult struct {
	Files  int           `json:"files"`
	Errors []lintError   `json:"errors"`
	Advice []advice.Hint `json:"advice"`
	// Remarks are for people to know. They leave the exit status as it is.
	Remarks []advice.Hint `json:"remarks,omitempty"`
	Flows   *flowResult   `json:"flows,omitempty"` // with --flow-logs
}

type lintError struct {
	advice.Position
	Message string `json:"message"`
}

func lintCommand(a *app) *cobra.Command {
	var long strings.Builder
	long.WriteString(`Checks baseline files, and those in directories. Errors come first: such a file can't be pushed. Then comes advice in the
spirit of least privilege, each with what to do and an id. Groups may be named (see resolve): each name is a group of its own.

Files of the other documents are checked for errors too. Their fields say what they are: prefixListId is a prefix list's,
forbid a guardrail's, rules an approval's, until a pause's and principals those of trust. An approval and a pause must end
in the future.

A remark says which prefix lists the baselines approve while none of the files holds the approved entries of the list.
Remarks leave the exit status as it is.

`)
	for _, known := range advice.Kinds {
		fmt.Fprintf(&long, "  %-22s %s\n", known.Id, known.About)
	}
	long.WriteString(flowHelp)
	for _, known := range advice.FlowKinds {
		fmt.Fprintf(&long, "  %-22s %s\n", known.ID, known.About)
	}
	long.WriteString("\nExit status: 0 nothing to say, 1 errors, 2 advice only.")
	var flows flowFlags
	c := &cobra.Command{
		Use:   "lint PATH...",
		Short: "Check files of baselines and other documents: errors, and advice towards least privilege",
		Long:  long.String(),
		Example: `  baseline lint baselines/
  baseline lint baselines/sg-0a1b2c3d4e5f60718.yaml --output json
  baseline lint baselines/ --interfaces interfaces.json --flow-logs flow-logs/`,
		Args: func(c *cobra.Command, args []string) error {
			if flows.sql {
				return cobra.NoArgs(c, args)
			}
			return cobra.MinimumNArgs(1)(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			if flows.sql {
				return a.printFlowLogSQL()
			}
			return a.lintPaths(c.Context(), &flows, args)
		},
	}
	flows.define(c)
	return c
}

func (a *app) lintPaths(ctx context.Context, flows *flowFlags, args []string) error {
	paths, err := flows.check(args)
	if err != nil {
		return err
	}
	files, err := basefile.ReadAs(lintReading(a.Now()), paths)
	if err != nil {
		return err
	}
	result := lint(files, a.adviser())
	if len(flows.logs) > 0 {
		if err := flows.flows(ctx, files, a.adviser(), &result); err != nil {
			return err
		}
	}
	return a.printLint(result)
}

func (a *app) adviser() advice.Adviser { return advice.Adviser{Now: a.Now()} }

func lint(files []basefile.File, advising advice.Adviser) lintResult {
	result := lintResult{Files: len(files), Errors: []lintError{}, Advice: []advice.Hint{}}
	for _, f := range files {
		if f.Problem != nil {
			result.Errors = append(result.Errors, lintErrors(f)...)
			continue
		}
		var hints []advice.Hint
		switch {
		case f.Doc != nil:
			hints = advising.On(f.Doc)
		case f.List != nil:
			hints = advising.OnList(f.List)
		}
		result.Advice = append(result.Advice, inFile(f, hints)...)
	}
	result.Remarks = remarksOnLists(files, advising)
	return result
}

// remarksOnLists names prefix lists whose entries no file approves.
func remarksOnLists(files []basefile.File, advising advice.Adviser) []advice.Hint {
	watched := map[string]bool{}
	for _, f := range files {
		watched[f.ID()] = true
	}
	var remarks []advice.Hint
	for _, f := range files {
		if f.Doc != nil {
			remarks = append(remarks, inFile(f, advising.OnUnwatchedLists(f.Doc, watched))...)
		}
	}
	return remarks
}

// inFile sets the file of hints.
func inFile(f basefile.File, hints []advice.Hint) []advice.Hint {
	for i := range hints {
		hints[i].File = f.Path
	}
	return hints
}

func lintErrors(f basefile.File) []lintError {
	var wrong *baseline.Error
	if !errors.As(f.Problem, &wrong) {
		return []lintError{{advice.Position{File: f.Path}, f.Problem.Error()}}
	}
	var all []lintError
	for _, p := range wrong.Problems {
		all = append(all, lintError{advice.Position{File: f.Path, Line: p.Line, Column: p.Column, Path: p.Path}, p.Message})
	}
	if wrong.More > 0 {
		all = append(all, lintError{advice.Position{File: f.Path}, fmt.Sprintf("and %d more", wrong.More)})
	}
	return all
}

func (a *app) printLint(result lintResult) error {
	var err error
	if a.output == "json" {
		err = a.printJSON(result)
	} else {
		_, err = fmt.Fprint(a.out, a.lintText(result))
	}
	switch {
	case err != nil:
		return err
	case len(result.Errors) > 0:
		return fmt.Errorf("%s to correct before a push", words.Count(len(result.Errors), "error"))
	case result.Flows != nil && len(result.Flows.Skipped) > 0:
		return fmt.Errorf("%s not read in full: the advice lacks what is in there", words.Count(len(result.Flows.Skipped), "flow log"))
	case len(result.Advice) > 0:
		return errFindings
	}
	return nil
}

func (a *app) lintText(result lintResult) string {
	paint := a.painter()
	var text strings.Builder
	for _, e := range result.Errors {
		fmt.Fprintf(&text, "%s: %s: %s\n", paint(terminal.Red, "error"), e.Position, e.Message)
	}
	for _, h := range result.Advice {
		fmt.Fprintf(&text, "%s: %s: %s [%s]\n", paint(terminal.Yellow, "advice"), h.Position, h.Text, h.ID)
	}
	for _, h := range result.Remarks {
		fmt.Fprintf(&text, "%s: %s: %s [%s]\n", paint(terminal.Yellow, "remark"), h.Position, h.Text, h.ID)
	}
	if result.Flows != nil {
		text.WriteString(result.Flows.text())
	}
	fmt.Fprintf(&text, "%s: %s, %s\n", words.Count(result.Files, "file"),
		words.Count(len(result.Errors), "error"), words.Count(len(result.Advice), "suggestion"))
	return text.String()
}
