package main

import (
	"fmt"

	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
)

// showComparison prints what diff found; the error makes the exit status.
func (a *app) showComparison(c *comparison) error {
	if a.output == "json" {
		shown := *c
		shown.Groups, shown.Lists = groupsAndLists(c.Groups, compare.Group.IsList)
		if err := a.printJSON(shown); err != nil {
			return err
		}
		return c.outcome()
	}
	text := compare.RemarksText(c.Remarks) + compare.Text(a.painter(), c.Groups)
	same := words.Count(c.Same, "group")
	if c.SameLists > 0 {
		same += " and " + words.Count(c.SameLists, "prefix list")
	}
	summary := fmt.Sprintf("%s the same, %d different", same, len(c.Groups))
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
