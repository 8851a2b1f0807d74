package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sgwarden/sgwarden/deploy/baseline/nearest"
)

// usageError says that a command was called in a way that it doesn't have.
type usageError struct {
	error
	hint string // what may have been meant; empty where that is unknown
}

func (e usageError) Unwrap() error { return e.error }

// misused makes an error that is printed with the usage line of its verb.
func misused(format string, args ...any) error {
	return usageError{error: fmt.Errorf(format, args...)}
}

// explained is an error for people: where a command was called in a wrong way, with its
// usage line and a hint.
func explained(c *cobra.Command, err error) string {
	text := advise(err)
	var usage usageError
	if !errors.As(err, &usage) {
		return text
	}
	text += "\nusage: " + c.UseLine()
	if usage.hint != "" {
		text += "\n" + usage.hint
	}
	return text + fmt.Sprintf("\nmore: %s --help", c.CommandPath())
}

// strict makes the usage errors of a command and of those under it say what is wrong,
// and has commands that only hold others say which there are.
func strict(c *cobra.Command) {
	for _, below := range c.Commands() {
		strict(below)
	}
	if c.HasParent() && c.Name() == "help" {
		c.Use, c.Short, c.Run, c.RunE = "help [VERB]", "Help about any verb", nil, help
		return
	}
	if args := c.Args; args != nil {
		c.Args = func(c *cobra.Command, given []string) error { return checkArguments(c, args, given) }
	}
	if !c.Runnable() && c.HasAvailableSubCommands() {
		c.Args, c.RunE = nil, func(c *cobra.Command, given []string) error {
			if len(given) > 0 {
				return unknownVerb(c, given[0])
			}
			return misused("say which %s: %s", c.Name(), strings.Join(verbsOf(c), ", "))
		}
	}
}

// help prints the help of a verb.
func help(c *cobra.Command, args []string) error {
	found, rest, err := c.Root().Find(args)
	if err != nil || found.HasAvailableSubCommands() && len(rest) > 0 {
		return unknownVerb(found, rest[0])
	}
	found.InitDefaultHelpFlag()
	return found.Help()
}

// verbsOf are the names of the commands under a command.
func verbsOf(c *cobra.Command) []string {
	var names []string
	for _, below := range c.Commands() {
		if below.IsAvailableCommand() {
			names = append(names, below.Name())
		}
	}
	return names
}

func unknownVerb(c *cobra.Command, name string) error {
	of := ""
	if c.HasParent() {
		of = " of " + c.Name()
	}
	e := usageError{error: fmt.Errorf("there is no verb %q%s", name, of)}
	if near := nearest.To(name, verbsOf(c)); near != "" {
		e.hint = fmt.Sprintf("did you mean %s %s?", c.CommandPath(), near)
	}
	return e
}

// checkArguments says in words what cobra's checks of the number of arguments find.
func checkArguments(c *cobra.Command, check cobra.PositionalArgs, given []string) error {
	switch {
	case check(c, given) == nil:
		return nil
	case c.HasAvailableSubCommands() && len(given) > 0:
		return unknownVerb(c, given[0])
	}
	for n := len(given) - 1; n >= 0; n-- {
		if check(c, given[:n]) == nil {
			return misused("%s: the argument %q is one too many", c.Name(), given[n])
		}
	}
	return misused("%s: an argument is missing", c.Name())
}

// flagError says which flag was meant.
func flagError(c *cobra.Command, err error) error {
	if args := c.Flags().Args(); !c.HasParent() && len(args) > 0 {
		return unknownVerb(c, args[0]) // the flag would be that verb's
	}
	e := usageError{error: err}
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return e
	}
	name := unknown.GetSpecifiedName()
	if short := unknown.GetSpecifiedShortnames(); short != "" {
		name = short // -yes, which is y, e and s
	}
	var flags []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			flags = append(flags, f.Name)
		}
	})
	switch near := nearest.To(name, flags); {
	case near != "":
		e.hint = fmt.Sprintf("did you mean --%s?", near)
	case slices.Contains(verbsOf(c.Root()), name):
		e.hint = fmt.Sprintf("did you mean %s %s?", c.Root().CommandPath(), name)
	}
	return e
}
