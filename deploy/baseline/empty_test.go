package main

import (
	"strings"
	"testing"
)

// TestWhereThereIsNothingDiffSaysWhereItLooked: it may be another account, region or
// prefix than was meant. One document alone is enough to compare.
func TestWhereThereIsNothingDiffSaysWhereItLooked(t *testing.T) {
	t.Parallel()
	const closed = `{"schema":1,"groupId":"` + group + `","ingress":[],"egress":[]}`
	cases := map[string]struct {
		parameter, value string
		status           int
		want             string
	}{
		"nothing at all":            {"", "", 1, "there is no baseline, approval or guardrail under /sg-baseline in account 123456789012, region us-east-1, and no security group (or is it another --prefix, region or account?)"},
		"a baseline without group":  {"groups/" + group, closed, 2, "there is no such group in this account and region (any more), but there is a baseline for it"},
		"only an approval":          {"approvals/" + group + "/a", `{"schema":1,"rules":["ingress tcp 22 10.0.0.0/8"],"expires":"2026-11-22T05:40:00Z","reason":"INC-1"}`, 0, "0 groups the same, 0 different"},
		"only a broken approval":    {"approvals/" + group + "/a", `{`, 0, "0 groups the same, 0 different"},
		"only a guardrail":          {"guardrail", guardrailJSON, 0, "0 groups the same, 0 different"},
		"only a pause":              {"pause", `{"schema":1,"until":"2026-11-21T14:00:00Z","reason":"CHG-77"}`, 0, "0 groups the same, 0 different"},
		"only a trust document":     {"trust", trusted, 0, "0 groups the same, 0 different"},
		"a document of a neighbour": {"../sg-baseline-2/guardrail", guardrailJSON, 1, "there is no baseline, approval or guardrail under /sg-baseline"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newParameterStore(t)
			if c.parameter != "" {
				p.set(strings.Replace("/sg-baseline/"+c.parameter, "/sg-baseline/..", "", 1), c.value)
			}
			cfg := p.configOf()
			expect(t, runCommand(t, &cfg, "", "diff"), c.status, c.want)
		})
	}
}
