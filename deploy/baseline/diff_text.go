package main

import (
	"fmt"

	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// showComparison prints what diff found; the error makes the exit status.
func (a *app) showComparison(c *comparison) error {
	if a.output == "json" {
		if err := a.printJSON(c); err != nil {
			return err
		}
		return c.outcome()
	}
	text := compare.RemarksText(c.Remarks) + compare.Text(a.painter(), c.Groups)
	summary := fmt.Sprintf("%s the same, %d different", words.Count(c.Same, "group"), len(c.Groups))
	if c.Unguarded > 0 {
		summary += fmt.Sprintf("; %d without a baseline", c.Unguarded)
	}
	if len(c.Errors) > 0 {
		summary += fmt.Sprintf("; %d could not be compared", len(c.Errors))
	}
	if _, err := fmt.Fprintf(a.out, "%s%s\n", text, summary); err != nil {
		return err
	}
	return c.outcome()
}
