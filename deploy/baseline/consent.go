package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
)

// consent is what was agreed to on the command line, where nobody may be there to ask.
type consent struct {
	yes    bool
	revoke int // how many live rules may be revoked at most; less than 0: not said
}

const revokeLive = "revoke-live"

// flags defines the flags. RunE has to check them.
func (c *consent) flags(command *cobra.Command) {
	command.Flags().BoolVar(&c.yes, "yes", false, "don't ask")
	command.Flags().IntVar(&c.revoke, revokeLive, -1, "how many live rules may be revoked, and entries of prefix lists removed, at most")
	command.Flags().Lookup(revokeLive).DefValue = "0" // help shows no default then
}

func (c consent) check(command *cobra.Command) error {
	if command.Flags().Changed(revokeLive) && c.revoke < 0 {
		return fmt.Errorf("--%s %d: want how many live rules may be revoked at most, 0 or more", revokeLive, c.revoke)
	}
	return nil
}

// proposal is what is to be agreed to.
type proposal struct {
	what     string // such as "2 baselines would change"
	toll     toll   // what is revoked or removed, at once or later
	where    account.Identity
	question string
	plan     string // the verb that shows the same
}

// consents asks a person, unless it was said before what may be done.
func (a *app) consents(to proposal, c consent) error {
	things, participle := to.toll.things(), to.toll.participle()
	switch {
	case c.revoke >= 0 && to.toll.total() > c.revoke:
		return fmt.Errorf("nothing was written: %s would be %s, and --%s permits %d: look at %s", things, participle, revokeLive, c.revoke, to.plan)
	case c.yes && c.revoke < 0 && to.toll.total() > 0:
		return fmt.Errorf("nothing was written: %s would be %s, and nobody was asked: look at %s, then say --%s %d", things, participle, to.plan, revokeLive, to.toll.total())
	case c.yes:
		return nil
	case a.output == "json":
		return fmt.Errorf("nothing was written: --output json doesn't ask, so add %s", c.wanted(to.toll.total()))
	case !terminal.Is(a.in):
		return fmt.Errorf("nothing was written: %s, %s, and there is no terminal to ask on: add %s after a look at %s", to.what, to.toll, c.wanted(to.toll.total()), to.plan)
	}
	question := to.where.String() + "\n" + to.question
	if to.toll.total() > 0 {
		question += " " + to.toll.String() + "."
	}
	return a.ask("nothing was written", question)
}

// wanted are the flags that agree where nobody is asked.
func (c consent) wanted(revokes int) string {
	if revokes > 0 && c.revoke < 0 {
		return fmt.Sprintf("--yes --%s %d", revokeLive, revokes)
	}
	return "--yes"
}
