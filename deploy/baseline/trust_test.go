package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

const (
	trustParameter = "/sg-baseline/trust"
	pipeline       = "arn:aws:iam::111122223333:role/terraform-ci"
)

func TestTrust(t *testing.T) {
	t.Parallel()
	const (
		waits24 = `{"schema":1,"principals":[{"arn":"` + pipeline + `","pendingHours":24}]}`
		nobody  = `{"schema":1,"principals":[]}`
		ana     = "arn:aws:iam::111122223333:user/ana"
		both    = `{"schema":1,"principals":[{"arn":"` + pipeline + `","pendingHours":24},{"arn":"` + ana + `","pendingHours":168}]}`
	)
	cases := map[string]struct {
		stored, in string
		args       string // separated by |
		want       []string
		status     int
		leaves     string
	}{
		"nobody is trusted":                     {"", "", "", []string{where + "nobody is trusted: there is no document at /sg-baseline/trust\n"}, 0, ""},
		"nobody is trusted any more":            {nobody, "", "--show", []string{"nobody is trusted (/sg-baseline/trust)\n"}, 0, nobody},
		"somebody is trusted":                   {both, "", "--show", []string{where + "trusted:\n  " + pipeline + ", waits 24 hours\n  " + ana + ", waits 168 hours\n"}, 0, both},
		"a broken document is a finding":        {"{", "", "", []string{"/sg-baseline/trust is broken, so nobody is trusted: repair it, or delete it and begin anew"}, 2, "{"},
		"somebody is to be trusted, and yes":    {"", "y\n", pipeline, []string{where + "What " + pipeline + " opens would wait 24 hours for approval, rather than be reverted at once.\n", "Trust it?", "is trusted: what it opens waits 24 hours for approval (/sg-baseline/trust, version 1)"}, 0, waits24},
		"somebody is to be trusted, and no":     {"", "n\n", pipeline, []string{"nothing was written, as you said"}, 1, ""},
		"somebody is to be trusted, and nobody": {"", "", pipeline, []string{"nothing was written: the guard would be weakened, and there is no terminal to ask on: add --yes"}, 1, ""},
		"without a question":                    {"", "", pipeline + "|--yes", []string{"is trusted"}, 0, waits24},
		"another one":                           {waits24, "", ana + "|--pending|7d|--yes", []string{"is trusted: what it opens waits 168 hours"}, 0, both},
		"for longer":                            {waits24, "y\n", pipeline + "|--pending|48h", []string{"48 hours for approval, rather than be reverted at once; so far it waits 24 hours"}, 0, strings.Replace(waits24, "24}", "48}", 1)},
		"who is trusted already":                {waits24, "", pipeline, []string{"was trusted already"}, 0, waits24},
		"the trust of one ends":                 {both, "", ana + "|--end", []string{ana + " is trusted no longer", "trusted:\n  " + pipeline}, 0, waits24},
		"the trust of the last one ends":        {waits24, "", pipeline + "|--end", []string{"is trusted no longer", "nobody is trusted (/sg-baseline/trust)"}, 0, nobody},
		"the trust of a stranger ends":          {waits24, "", ana + "|--end", []string{ana + " was not trusted"}, 0, waits24},
		"a session": {
			"", "", "arn:aws:sts::111122223333:assumed-role/terraform-ci/run-1|--yes",
			[]string{"nothing was written", "is a session", "write the ARN of the role, such as " + pipeline},
			1, "",
		},
		"a wildcard":               {"", "", "arn:aws:iam::111122223333:role/*|--yes", []string{"has a wildcard"}, 1, ""},
		"a name":                   {"", "", "terraform-ci", []string{`"terraform-ci" is not the ARN`}, 1, ""},
		"half an hour":             {"", "", pipeline + "|--pending|30m", []string{"--pending 30m0s: want whole hours, 1h to 7d"}, 1, ""},
		"more than a week":         {"", "", pipeline + "|--pending|169h", []string{"want whole hours, 1h to 7d"}, 1, ""},
		"to end nobody's":          {both, "", "--end", []string{"say whom: baseline trust ARN --end"}, 1, both},
		"a time for nobody":        {both, "", "--pending|2h", []string{"say whom to trust"}, 1, both},
		"to end and to go on":      {both, "", pipeline + "|--pending|2h|--end", []string{"say one thing"}, 1, both},
		"to show and to trust":     {both, "", pipeline + "|--show", []string{"say one thing"}, 1, both},
		"beside a broken document": {"{", "", pipeline + "|--yes", []string{"nothing was written", "is broken"}, 1, "{"},
		"machines aren't asked":    {"", "y\n", pipeline + "|--output|json", []string{"nothing was written: --output json doesn't ask, so add --yes"}, 1, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newParameterStore(t)
			cfg := p.configOf()
			if c.stored != "" {
				p.set(trustParameter, c.stored)
			}
			args := []string{"trust"}
			if c.args != "" {
				args = append(args, strings.Split(c.args, "|")...)
			}
			expect(t, runCommand(t, &cfg, c.in, args...), c.status, c.want...)
			if diff := cmp.Diff(c.leaves, p.value(trustParameter)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTrustWithOutputJSON(t *testing.T) {
	t.Parallel()
	p := newParameterStore(t)
	cfg := p.configOf()
	for _, step := range []struct {
		args string
		want trustState
	}{
		{"", trustState{Principals: []trustedPrincipal{}}},
		{pipeline + " --yes", trustState{Version: 1, Changed: true, Principals: []trustedPrincipal{{pipeline, 24}}}},
		{pipeline + " --yes", trustState{Version: 1, Principals: []trustedPrincipal{{pipeline, 24}}}},
		{pipeline + " --end", trustState{Version: 2, Changed: true, Principals: []trustedPrincipal{}}},
	} {
		got := runCommand(t, &cfg, "", append([]string{"trust", "--output", "json"}, strings.Fields(step.args)...)...)
		var state trustState
		if err := json.Unmarshal([]byte(got.out), &state); err != nil || got.status != 0 || state.Identity.Region != "us-east-1" || state.Parameter != trustParameter {
			t.Fatalf("%v in %+v", err, got)
		}
		state.Identity, state.Parameter = step.want.Identity, ""
		a, b := fmt.Sprintf("%+v", step.want), fmt.Sprintf("%+v", state)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%s: %s", step.args, diff)
		}
	}
}

func TestTrustWithoutThePermission(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"AccessDeniedException", "ExpiredTokenException", "ThrottlingException"} {
		for _, action := range []string{"PutParameter", "GetParameters"} {
			t.Run(code+" "+action, func(t *testing.T) {
				t.Parallel()
				p := newParameterStore(t)
				cfg := p.configOf()
				p.Inject(action, 40, awsstub.Fault{Error: &awsstub.Error{Code: code, Message: "no " + action, Status: 400}})
				got := runCommand(t, &cfg, "", "trust", pipeline, "--yes")
				expect(t, got, 1, "no "+action)
				if strings.Contains(got.out, "is trusted") || p.value(trustParameter) != "" {
					t.Errorf("it says %q", got.out)
				}
			})
		}
	}
}

// TestParallelTrustsAreAllThere has four pipelines trusted at the same time, in the local AWS.
func TestParallelTrustsAreAllThere(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	store := ssmstore.Store{Client: ssm.NewFromConfig(cfg), Prefix: prefixOf(t)}
	const n = 4
	var all sync.WaitGroup
	results := make([]ran, n)
	for i := range n {
		all.Go(func() {
			results[i] = runCommand(t, &cfg, "", "trust", fmt.Sprintf("%s-%d", pipeline, i), "--yes", "--prefix", store.Prefix)
		})
	}
	all.Wait()
	shared, err := store.ReadShared(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := baseline.DecodeTrust(shared.Trust.Value)
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range results {
		expect(t, got, 0, "is trusted")
		if _, there := doc.Find(fmt.Sprintf("%s-%d", pipeline, i)); !there {
			t.Errorf("%d is lost: %+v", i, doc)
		}
	}
}
