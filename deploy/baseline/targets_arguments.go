package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sgwarden/sgwarden/deploy/baseline/targets"
)

// argumentsFor are the arguments that the command was given, for one target: without
// those on targets, and with its placeholders filled.
func argumentsFor(t targets.Target, c *cobra.Command, args []string) []string {
	words := strings.Fields(verbOf(c))
	c.Flags().Visit(func(f *pflag.Flag) {
		if f.Name == "targets" || f.Name == "parallel" {
			return
		}
		for _, value := range valuesOf(f) {
			words = append(words, "--"+f.Name+"="+t.Fill(value))
		}
	})
	words = append(words, "--")
	for _, arg := range args {
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
