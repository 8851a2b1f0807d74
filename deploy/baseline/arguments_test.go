package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQuotesThatAreMissingDontMatter(t *testing.T) {
	t.Parallel()
	const one, two = "ingress tcp 22 10.0.0.0/8", "egress all all self"
	for name, c := range map[string]struct{ args, want []string }{
		"no rule":                   {nil, nil},
		"a rule in quotes":          {[]string{one}, []string{one}},
		"two rules in quotes":       {[]string{one, two}, []string{one, two}},
		"a rule without quotes":     {[]string{"ingress", "tcp", "22", "10.0.0.0/8"}, []string{one}},
		"two rules without":         {[]string{"ingress", "tcp", "22", "10.0.0.0/8", "egress", "all", "all", "self"}, []string{one, two}},
		"one with, one without":     {[]string{one, "egress", "all", "all", "self"}, []string{one, two}},
		"a rule that is incomplete": {[]string{"ingress", "tcp"}, []string{"ingress tcp"}},
		"words that are no rule":    {[]string{"in", "tcp"}, []string{"in", "tcp"}},
		"a rule and a word more":    {[]string{"ingress", "tcp", "22", "10.0.0.0/8", "x"}, []string{one, "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, ruleTexts(c.args)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
