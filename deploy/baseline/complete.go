package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// patience is how long the shell waits for the names of groups.
const patience = 2 * time.Second

// complete has the shell complete groups where a verb's usage line says GROUP. Where
// that line says a file too, files are completed until the word begins like a group.
func (a *app) complete(c *cobra.Command) {
	for _, below := range c.Commands() {
		a.complete(below)
	}
	if c.Flags().Lookup("output") == nil && c.PersistentFlags().Lookup("output") != nil {
		// The error says that the flag isn't there, and the flag is.
		_ = c.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	}
	switch takesGroup := strings.Contains(c.Use, "GROUP"); {
	case c.ValidArgsFunction != nil:
	case takesGroup:
		c.ValidArgsFunction = a.completeGroups(groupsOnly(c.Use), oneGroup(c.Use))
	case !takesFile(c.Use) && !c.HasAvailableSubCommands():
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
}

func takesFile(use string) bool {
	return slices.ContainsFunc([]string{"PATH", "FILE", ".json", "DIR"}, func(word string) bool { return strings.Contains(use, word) })
}

// groupsOnly reports whether the arguments of a usage line are no files. The value of a
// flag, such as --out DIR, is no argument.
func groupsOnly(use string) bool {
	before, _, _ := strings.Cut(use, " --")
	return !takesFile(before)
}

// oneGroup reports whether only the first argument is a group.
func oneGroup(use string) bool {
	return !strings.Contains(use, "GROUP...") && !strings.Contains(use, "GROUP…")
}

// completeGroups returns what completes names and ids of groups. A shell must not be
// disturbed, so errors are silent.
func (a *app) completeGroups(only, one bool) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
		directive := cobra.ShellCompDirectiveDefault // files, where nothing else fits
		if only {
			directive = cobra.ShellCompDirectiveNoFileComp
		}
		switch {
		case one && len(args) > 0:
			return nil, cobra.ShellCompDirectiveNoFileComp
		case !only && !beginsLikeGroup(word):
			return nil, directive
		}
		ctx := c.Context()
		if ctx == nil {
			ctx = context.Background()
		}
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		groups, err := a.Groups(ctx)
		if err != nil {
			return nil, directive
		}
		live, err := groups.List(ctx, ec2groups.Selection{})
		if err != nil {
			return nil, directive
		}
		return completions(live, args, word), directive
	}
}

func beginsLikeGroup(word string) bool {
	return word != "" && (account.IsGroup(word) || strings.HasPrefix("sg-", word) || strings.HasPrefix("name:", word))
}

// completions are the groups that begin with a word and aren't there yet: ids with
// their names, and names that only one group has with the ids.
func completions(groups []secgroup.Group, there []string, word string) []cobra.Completion {
	count := map[string]int{}
	for _, g := range groups {
		count[g.Name]++
	}
	var found []cobra.Completion
	add := func(text, description string) {
		if strings.HasPrefix(text, word) && !slices.Contains(there, text) {
			found = append(found, cobra.CompletionWithDesc(text, description))
		}
	}
	for _, g := range groups {
		if g.Name != "" && count[g.Name] == 1 {
			add("name:"+g.Name, g.ID)
		}
	}
	for _, g := range groups {
		add(g.ID, g.Name)
	}
	return found
}
