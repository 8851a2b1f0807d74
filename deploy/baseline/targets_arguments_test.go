package main

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sgwarden/sgwarden/deploy/baseline/targets"
)

func TestTheArgumentsOfATargetAreThoseOfTheCommand(t *testing.T) {
	t.Parallel()
	target := targets.Target{Account: shop, Name: "shop", Region: "us-east-1"}
	cases := map[string]struct{ args, want []string }{
		"none but the verb's":     {[]string{"diff", "--targets", "x"}, []string{"diff", "--"}},
		"files and a switch":      {[]string{"--parallel=3", "diff", "--live", "{account}/{region}", "--targets=x"}, []string{"diff", "--live=true", "--", shop + "/us-east-1"}},
		"a list of words":         {[]string{"capture", "--group-id", "sg-0a,sg-0b", "--group-id", "sg-0c", "--out", "{name}"}, []string{"capture", "--group-id=sg-0a,sg-0b,sg-0c", "--out=shop", "--"}},
		"texts with commas":       {[]string{"explain", "--rule", "a, b", "--rule", "[c]", "--group-id", "sg-0a"}, []string{"explain", "--group-id=sg-0a", "--rule=a, b", "--rule=[c]", "--"}},
		"a verb under another":    {[]string{"guardrail", "push", "g.yaml", "--yes"}, []string{"guardrail", "push", "--yes=true", "--", "g.yaml"}},
		"a switch that is off":    {[]string{"push", "x", "--yes=false"}, []string{"push", "--yes=false", "--", "x"}},
		"a duration and a number": {[]string{"allow", "sg-0a", "r", "--expires", "1d"}, []string{"allow", "--expires=24h0m0s", "--", "sg-0a", "r"}},
		"words behind two dashes": {[]string{"show", "--output", "json", "--", "-x"}, []string{"show", "--output=json", "--", "-x"}},
		"an empty flag":           {[]string{"pause", "--reason", ""}, []string{"pause", "--reason=", "--"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			verb, rest, err := newTestApp().command().Find(c.args)
			if err == nil {
				err = verb.ParseFlags(rest)
			}
			if err != nil {
				t.Fatal(err)
			}
			got := invocationOf(verb, verb.Flags().Args()).of(target)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestTargetsKnowAllVerbsAndFlags fails where a verb gets a flag of a type that
// argumentsFor has not been tried with, or where a verb without AWS is renamed.
func TestTargetsKnowAllVerbsAndFlags(t *testing.T) {
	t.Parallel()
	var verbs []string
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		verbs = append(verbs, verbOf(c))
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if kind := f.Value.Type(); !slices.Contains([]string{"string", "bool", "int", "int64", "stringSlice", "stringArray", "TIME"}, kind) {
				t.Errorf("%s --%s is of the type %s: see to it that valuesOf knows its values", verbOf(c), f.Name, kind)
			}
		})
		for _, below := range c.Commands() {
			visit(below)
		}
	}
	visit(newTestApp().command())
	for _, verb := range withoutAWS {
		if !slices.Contains(verbs, verb) {
			t.Errorf("there is no verb %s", verb)
		}
	}
}
