package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

const guardrailFile = `schema: 1
mode: enforce
forbid:
  - {direction: ingress, protocol: tcp, ports: "22", widest: {ipv4: 24, ipv6: 48}}
  - {direction: ingress, protocol: tcp, ports: "3389"}
`

func TestAGuardrailFromAFileToParameterStore(t *testing.T) {
	t.Parallel()
	cfg, dir, prefix := regionConfig(t, "us-west-1"), t.TempDir(), prefixOf(t)
	open := mustMake(t, cfg, "open", "ingress tcp 22 0.0.0.0/0", "ingress tcp 443 0.0.0.0/0")
	approved := mustMake(t, cfg, "approved", "ingress tcp 22 20.0.0.0/23")
	guarded := mustMake(t, cfg, "guarded", "ingress tcp 22 0.0.0.0/0")
	putParameter(t, cfg, prefix+"/groups/"+guarded, `{"schema":1,"groupId":"`+guarded+`","ingress":[]}`)
	at := time.Now()
	putParameter(t, cfg, prefix+"/approvals/"+approved+"/oncall",
		`{"schema":1,"rules":["ingress tcp 22 20.0.0.0/23"],"expires":"`+at.Add(48*time.Hour).UTC().Format(time.RFC3339)+`","reason":"INC-1"}`)
	file := filepath.Join(dir, "guardrail.yaml")
	write(t, file, guardrailFile)
	do := func(args ...string) ran { return runAt(t, at, &cfg, append(args, "--prefix", prefix)...) }
	golden := func(name string, got ran) {
		t.Helper()
		goldenText(t, name, strings.NewReplacer(open, "sg-open", prefix, "/PREFIX", dir, "DIR").Replace(got.out))
	}

	expect(t, do("guardrail", "show"), 0, "there is no guardrail at "+prefix+"/guardrail: groups without a baseline are left alone")
	expect(t, do("guardrail", "lint", file), 0, "1 file: 0 errors, 0 suggestions")
	got := do("guardrail", "plan", file)
	expect(t, got, 2)
	golden("guardrail-plan-first", got)
	expect(t, do("guardrail", "push", file), 1, "nothing was written: the guardrail would change, 1 live rule will be revoked, and there is no terminal to ask on: add --yes --revoke-live 1 after a look at baseline guardrail plan")
	expect(t, do("guardrail", "push", file, "--yes"), 1, "nothing was written: 1 live rule would be revoked, and nobody was asked: look at baseline guardrail plan, then say --revoke-live 1")
	expect(t, do("guardrail", "push", file, "--yes", "--revoke-live", "0"), 1, "nothing was written: 1 live rule would be revoked, and --revoke-live permits 0")
	expect(t, do("guardrail", "push", file, "--yes", "--revoke-live", "1"), 0, "wrote "+prefix+"/guardrail: version 1")
	golden("guardrail-show", do("guardrail", "show"))
	expect(t, do("guardrail", "push", file), 0, "the guardrail is as in "+prefix+"/guardrail, version 1") // there is nothing to ask

	write(t, file, strings.NewReplacer("enforce", "alert", "3389", "5432").Replace(guardrailFile))
	got = do("guardrail", "plan", file)
	expect(t, got, 2)
	golden("guardrail-plan", got)
	expect(t, runCommand(t, &cfg, "n\n", "guardrail", "push", file, "--prefix", prefix), 1, "nothing was written, as you said")
	expect(t, runCommand(t, &cfg, "y\n", "guardrail", "push", file, "--prefix", prefix), 0, "region us-west-1, prefix "+prefix+"\nWrite the guardrail to "+prefix+"/guardrail? [y/N]", "wrote "+prefix+"/guardrail: version 2")

	revoke(t, cfg, open, "ingress tcp 22 0.0.0.0/0")
	got = do("guardrail", "plan", file)
	expect(t, got, 0, "no live rule of a group without a baseline breaks it")

	shown := filepath.Join(dir, "shown.yaml")
	write(t, shown, do("guardrail", "show").out)
	expect(t, do("guardrail", "plan", shown), 0, "version 2") // what is shown can be pushed
}

func TestAGuardrailForMachines(t *testing.T) {
	t.Parallel()
	p := newParameterStore(t)
	cfg, file := p.configOf(), filepath.Join(t.TempDir(), "guardrail.yaml")
	write(t, file, guardrailFile)
	var shown shownGuardrail
	var plan guardrailPlan
	read := func(into any, status int, args ...string) {
		t.Helper()
		got := runCommand(t, &cfg, "", append(append([]string{"guardrail"}, args...), "--output", "json")...)
		if err := json.Unmarshal([]byte(got.out), into); err != nil || got.status != status {
			t.Fatalf("%v in %+v", err, got)
		}
	}
	read(&shown, 0, "show")
	if shown.Version != 0 || shown.Guardrail != nil || shown.Parameter != "/sg-baseline/guardrail" {
		t.Errorf("got %+v", shown)
	}
	read(&plan, 2, "plan", file)
	if plan.From != 0 || len(plan.Changes) != 3 || plan.Result != "" {
		t.Errorf("got %+v", plan)
	}
	expect(t, runCommand(t, &cfg, "", "guardrail", "push", file, "--output", "json"), 1, "--output json doesn't ask, so add --yes")
	read(&plan, 0, "push", file, "--yes")
	if plan.Result != pushWritten || plan.Version != 1 {
		t.Errorf("got %+v", plan)
	}
	read(&shown, 0, "show")
	want := guardrailDocument{1, "enforce", []forbiddenEntry{
		{"ingress", "tcp", "22", widestPeers{24, 48}}, {"ingress", "tcp", "3389", widestPeers{1, 4}},
	}}
	if diff := cmp.Diff(&want, shown.Guardrail); diff != "" {
		t.Error(diff)
	}
	read(&plan, 0, "push", file, "--yes")
	if plan.Result != pushUnchanged || plan.Version != 1 {
		t.Errorf("got %+v", plan)
	}
}

func TestAGuardrailThatCannotBePushed(t *testing.T) {
	t.Parallel()
	denied := func(action string) awsstub.Fault {
		return awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "not authorized to perform ssm:" + action, Status: 400}}
	}
	cases := map[string]struct {
		file, stored string
		prepare      func(p *parameterStore)
		wantErr      string
	}{
		"a broken file":          {"schema: 1\nforbid: [{direction: in, protocol: tcp, ports: '99999'}]\n", "", nil, "guardrail.yaml:2:22: forbid[0].direction: must be ingress or egress"},
		"a file of another kind": {"schema: 1\ngroupId: sg-0a\ningress: []\n", "", nil, "forbid: is missing"},
		"it may not be written":  {guardrailFile, "", func(p *parameterStore) { p.Inject("PutParameter", 20, denied("PutParameter")) }, "use others, or have the permission added"},
		"it may not be read":     {guardrailFile, "", func(p *parameterStore) { p.Inject("GetParametersByPath", 20, denied("GetParametersByPath")) }, "nothing was written"},
		"somebody wrote it first": {guardrailFile, "", func(p *parameterStore) {
			p.onPut = func(int) error {
				return &awsstub.Error{Code: "ParameterAlreadyExists", Message: "it exists", Status: 400}
			}
		}, "it has changed meanwhile"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newParameterStore(t)
			cfg, file := p.configOf(), filepath.Join(t.TempDir(), "guardrail.yaml")
			write(t, file, c.file)
			if c.prepare != nil {
				c.prepare(p)
			}
			expect(t, runCommand(t, &cfg, "", "guardrail", "push", file, "--yes"), 1, c.wantErr)
			if value := p.value("/sg-baseline/guardrail"); value != "" {
				t.Errorf("it was written: %s", value)
			}
		})
	}
}

// TestAGuardrailThatChangesWhileThePlanIsLookedAt has somebody else write it before
// the answer comes.
func TestAGuardrailThatChangesWhileThePlanIsLookedAt(t *testing.T) {
	t.Parallel()
	const theirs = `{"schema":1,"forbid":[]}`
	p := newParameterStore(t)
	cfg, file := p.configOf(), filepath.Join(t.TempDir(), "guardrail.yaml")
	p.set("/sg-baseline/guardrail", guardrailJSON)
	write(t, file, guardrailFile)
	answering := readerFunc(func(into []byte) (int, error) {
		p.set("/sg-baseline/guardrail", theirs)
		return copy(into, "y\n"), nil
	})
	got := run(t, &app{Account: account.Account{Getenv: func(string) string { return "" }, Now: func() time.Time { return now }, Config: &cfg}, in: person{answering}}, "guardrail", "push", file)
	expect(t, got, 1, "nothing was written: /sg-baseline/guardrail was version 1 and is version 2 now: it has changed meanwhile")
	if value := p.value("/sg-baseline/guardrail"); value != theirs {
		t.Errorf("it was overwritten: %s", value)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestABrokenGuardrailIsReplacedAndSaidSo(t *testing.T) {
	t.Parallel()
	p := newParameterStore(t)
	cfg, file := p.configOf(), filepath.Join(t.TempDir(), "guardrail.yaml")
	p.set("/sg-baseline/guardrail", "{")
	write(t, file, guardrailFile)
	expect(t, runCommand(t, &cfg, "", "guardrail", "show"), 1, "the guardrail at /sg-baseline/guardrail is broken")
	expect(t, runCommand(t, &cfg, "", "guardrail", "push", file, "--yes"), 0, "! replaces version 1, which can't be used", "wrote /sg-baseline/guardrail: version 2")
	expect(t, runCommand(t, &cfg, "", "guardrail", "show"), 0, "mode: enforce")
}

func TestAGuardrailFileIsLintedAsOthersAre(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "guardrail.yaml")
	write(t, file, "schema: 1\nmode: revoke\nforbid: []\n")
	for _, verb := range [][]string{{"lint", file}, {"guardrail", "lint", file}} {
		expect(t, runCommand(t, nil, "", verb...), 1, "guardrail.yaml:2:7: mode: ", "1 error to correct before a push")
	}
	write(t, file, "schema: 1\ngroupId: sg-0a\ningress: []\negress: []\n")
	expect(t, runCommand(t, nil, "", "guardrail", "lint", file), 1, "forbid: is missing")
	expect(t, runCommand(t, nil, "", "guardrail"), 1, "say what to do with the guardrail: show, lint, plan or push")
	expect(t, runCommand(t, nil, "", "guardrail", "drop"), 1, `there is no verb "drop" of guardrail`)
}
