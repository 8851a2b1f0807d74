package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sgwarden/sgwarden/deploy/baseline/targets"
)

// invocation is how the command was called: the verb, the flags without those on targets,
// and the arguments. It is read once, since reading flags changes them (pflag.Visit sorts).
type invocation struct {
	verb  []string
	flags []givenFlag
	args  []string
}

// givenFlag is a flag with what it was given, each time.
type givenFlag struct {
	name   string
	values []string
}

func invocationOf(c *cobra.Command, args []string) invocation {
	i := invocation{verb: strings.Fields(verbOf(c)), args: args}
	c.Flags().Visit(func(f *pflag.Flag) {
		if f.Name != "targets" && f.Name != "parallel" {
			i.flags = append(i.flags, givenFlag{f.Name, valuesOf(f)})
		}
	})
	return i
}

// of returns the words of the command for one target, with the placeholders filled.
func (i invocation) of(t targets.Target) []string {
	words := slices.Clone(i.verb)
	for _, f := range i.flags {
		for _, value := range f.values {
			words = append(words, "--"+f.name+"="+t.Fill(value))
		}
	}
	words = append(words, "--")
	for _, arg := range i.args {
		words = append(words, t.Fill(arg))
	}
	return words
}

// valuesOf returns what a flag has to be given, each time, to have the value that it
// has.
func valuesOf(f *pflag.Flag) []string {
	text := f.Value.String()
	switch f.Value.Type() {
	case "stringArray":
		if list, ok := f.Value.(pflag.SliceValue); ok {
			return list.GetSlice()
		}
	case "stringSlice": // [CSV]
		text = strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	}
	return []string{text}
}
