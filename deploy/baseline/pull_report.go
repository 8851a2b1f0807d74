package main

import (
	"errors"
	"fmt"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// report says what became of each file, and then what went wrong.
func (p pull) report(identity account.Identity, results []*pulled) error {
	if p.output == "json" {
		shown := struct {
			Identity account.Identity `json:"identity"`
			DryRun   bool             `json:"dryRun,omitempty"`
			Groups   []*pulled        `json:"groups"`
			Lists    []*pulled        `json:"prefixLists,omitempty"`
		}{Identity: identity, DryRun: p.dryRun}
		shown.Groups, shown.Lists = groupsAndLists(results, func(r *pulled) bool { return r.IsList() })
		return errors.Join(p.printJSON(shown), p.outcome(results))
	}
	fmt.Fprintln(p.out, identity)
	fmt.Fprint(p.out, compare.Text(p.painter(), changedFiles(results)))
	count := map[pullResult]int{}
	for _, r := range results {
		count[r.Result]++
		if line := p.line(r); line != "" {
			fmt.Fprintln(p.out, line)
		}
	}
	written := "written"
	if p.dryRun {
		written = "would be written"
	}
	_, err := fmt.Fprintf(p.out, "%s: %d %s, %d unchanged, %d without a baseline, %d not written\n",
		words.Count(len(results), "file"), count[pullWritten], written, count[pullUnchanged], count[pullLeft], count[pullRefused]+count[pullFailed])
	return errors.Join(p.outcome(results), err)
}

// changedFiles are the files of which there is more to show than a line. A new file
// holds what it holds.
func changedFiles(results []*pulled) []compare.Group {
	var groups []compare.Group
	for _, r := range results {
		g := r.Group
		g.Remarks = r.remarks()
		if !r.New && g.Differs() {
			groups = append(groups, g)
		}
	}
	return groups
}

// line says in a line what became of a file, empty where there is nothing to report.
func (p pull) line(r *pulled) string {
	thing := "group"
	if r.IsList() {
		thing = "prefix list"
	}
	switch {
	case r.Result == pullLeft:
		return fmt.Sprintf("left %s: %s has no baseline any more: remove the file, or push it to guard the %s again", r.File, r.ID(), thing)
	case r.Result != pullWritten:
		return ""
	}
	what, verb := "", "wrote"
	if r.New {
		what = ", a new file"
	}
	if p.dryRun {
		verb = "would write"
	}
	return fmt.Sprintf("%s %s: version %d%s", verb, r.File, r.Version, what)
}

// outcome is what the exit status comes from.
func (p pull) outcome(results []*pulled) error {
	var errs []error
	findings := false
	for _, r := range results {
		switch r.Result {
		case pullFailed:
			errs = append(errs, fmt.Errorf("%s: %s", r.where(), r.Error))
		case pullRefused:
			errs = append(errs, fmt.Errorf("%s: the file was left as it is: %s: edit the file, or take what Parameter Store has with --theirs", r.where(), r.Error))
		case pullLeft:
			findings = true
		case pullWritten:
			findings = findings || p.dryRun
		}
	}
	switch {
	case len(errs) > 0:
		return errors.Join(errs...)
	case findings:
		return errFindings
	}
	return nil
}
