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
	if flag := c.Flags().Lookup("group"); flag != nil {
		if _, has := c.GetFlagCompletionFunc("group"); !has {
			if err := c.RegisterFlagCompletionFunc("group", a.completeGroups(true, false)); err != nil {
				panic(err) // the flag is there, and has no other
			}
		}
	}
	switch takesGroup := strings.Contains(c.Use, "GROUP"); {
	case c.ValidArgsFunction != nil:
	case takesGroup:
		c.ValidArgsFunction = a.completeGroups(!takesFile(c.Use), oneGroup(c.Use))
	case !takesFile(c.Use) && !c.HasAvailableSubCommands():
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
}

// takesFile reports whether an argument of a usage line is a file. The value of a flag,
// such as --out DIR, is no argument.
func takesFile(use string) bool {
	arguments, _, _ := strings.Cut(use, "--")
	return slices.ContainsFunc([]string{"PATH", "FILE", ".json", "DIR"}, func(word string) bool { return strings.Contains(arguments, word) })
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
		if !strings.HasPrefix(text, word) || slices.Contains(there, text) {
			return
		}
		if description != "" {
			text = cobra.CompletionWithDesc(text, description)
		}
		found = append(found, text)
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
