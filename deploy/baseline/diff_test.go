package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
)

func putParameter(t *testing.T, cfg aws.Config, name, value string) {
	t.Helper()
	_, err := ssm.NewFromConfig(cfg).PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: &name, Value: &value, Type: types.ParameterTypeString, Overwrite: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheThreeWaysToCompare(t *testing.T) {
	t.Parallel()
	cfg, dir, prefix := regionConfig(t, "eu-west-2"), t.TempDir(), prefixOf(t)
	api := mustMake(t, cfg, "api", "ingress tcp 8080 10.0.0.0/8 # from inside", "ingress tcp 443 10.0.0.0/8")
	web := mustMake(t, cfg, "web", "ingress tcp 443 0.0.0.0/0")
	open := mustMake(t, cfg, "open", "ingress tcp 22 0.0.0.0/0")
	do := func(args ...string) ran { return runCommand(t, &cfg, "", append(args, "--prefix", prefix)...) }
	withNames := func(text string) string {
		return strings.NewReplacer(api, "sg-api", web, "sg-web", open, "sg-open", dir, "baselines").Replace(text)
	}
	expect(t, do("capture", "--group-id", api+","+web, "--out", dir), 0)
	expect(t, do("push", dir, "--yes"), 0)
	expect(t, do("diff"), 0, "2 groups the same, 0 different; 2 without a baseline")

	file := filepath.Join(dir, "api."+api+".yaml")
	write(t, file, strings.NewReplacer("ingress:", "restore: true\ningress:", "from inside", "the API", `"443"`, `"8443"`).Replace(contents(t, dir)[filepath.Base(file)]))
	got := do("diff", dir)
	expect(t, got, 2)
	goldenText(t, "diff-files", withNames(got.out))

	revoke(t, cfg, api, "ingress tcp 443 10.0.0.0/8")
	mustAuthorize(t, cfg, web, "ingress tcp 22 0.0.0.0/0")
	putParameter(t, cfg, prefix+"/guardrail", `{"schema":1,"mode":"enforce","forbid":[{"direction":"ingress","protocol":"tcp","ports":"22"}]}`)
	putParameter(t, cfg, prefix+"/groups/sg-0dead", `{"schema":1,"groupId":"sg-0dead","groupName":"zombie","ingress":[],"egress":[]}`)
	got = do("diff")
	expect(t, got, 2)
	goldenText(t, "diff-live", withNames(got.out))
	got = do("diff", dir, "--live")
	expect(t, got, 2)
	goldenText(t, "diff-files-live", withNames(got.out))

	var found comparison
	got = do("diff", dir, "--output", "json")
	if err := json.Unmarshal([]byte(got.out), &found); err != nil || got.status != 2 || found.Same != 1 || found.To != "files" {
		t.Errorf("%v, status %d: %+v", err, got.status, found)
	}
	if c := found.Groups[0].Changes[0]; c.Kind != compare.SettingChanged || c.Setting != "restore" || c.To != "true" {
		t.Errorf("got %+v", c)
	}
}

func TestABrokenParameterIsAnErrorThatDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	cfg, prefix, dir := regionConfig(t, "eu-west-3"), prefixOf(t), t.TempDir()
	web := mustMake(t, cfg, "web", "ingress tcp 443 0.0.0.0/0")
	putParameter(t, cfg, prefix+"/groups/"+web, `{"schema":1,"groupId":"`+web+`","ingress":[],"egress":[]}`)
	putParameter(t, cfg, prefix+"/groups/sg-0a", `{"schema":1,`)
	do := func(args ...string) ran { return runCommand(t, &cfg, "", append(args, "--prefix", prefix)...) }
	expect(t, do("diff"), 1, "+ ingress tcp 443 0.0.0.0/0", "1 different; 1 without a baseline; 1 could not be compared",
		"sg-0a: "+prefix+"/groups/sg-0a (version 1) is broken, write it anew with push --force", "not JSON")

	write(t, filepath.Join(dir, "a.yaml"), "# version: 1\nschema: 1\ngroupId: sg-0a\ningress: []\negress: []\n")
	expect(t, do("push", dir, "--yes", "--allow-missing"), 1, "nothing was written", "is broken", "--force")
	expect(t, do("push", dir, "--yes", "--allow-missing", "--force"), 0, "there is no such group in account 123456789012, region eu-west-3 yet", "replaces version 1, which can't be read", "version 2")
	expect(t, do("diff", dir), 0)

	putParameter(t, cfg, prefix+"/guardrail", "{")
	expect(t, do("diff"), 1, "the guardrail at "+prefix+"/guardrail is broken")
}

func TestBadFilesAreReportedWithLineAndColumn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.yaml"), "schema: 1\ngroupId: sg-0a\ningress:\n  - protocol: tcp\n    ports: \"99999\"\n    sources: [10.0.0.1/8]\n")
	write(t, filepath.Join(dir, "b.yaml"), "schema: [\n")
	for _, verb := range []string{"diff", "push"} {
		expect(t, runCommand(t, &aws.Config{}, "", verb, dir), 1, "a.yaml:5:12: ingress[0].ports", "a.yaml:6:15: ingress[0].sources[0]", "b.yaml: not YAML")
	}
	expect(t, runCommand(t, &aws.Config{}, "", "diff", filepath.Join(dir, "none")), 1, "no such file")
}

// terminal is a stream with a person at its other end.
type screen struct{ *bytes.Buffer }

func (screen) IsTerminal() bool { return true }

func onTerminal(t *testing.T, cfg aws.Config, env map[string]string, in string, args ...string) ran {
	t.Helper()
	out, errs := screen{&bytes.Buffer{}}, screen{&bytes.Buffer{}}
	a := &app{Account: account.Account{Getenv: func(name string) string { return env[name] }, Errs: errs, Now: func() time.Time { return now }, Config: &cfg}, in: screen{bytes.NewBufferString(in)}, out: out}
	c := a.command()
	c.SetArgs(args)
	err := c.ExecuteContext(t.Context())
	if err != nil {
		errs.WriteString(advise(err))
	}
	return ran{out.String(), errs.String(), exitStatus(err)}
}

func TestATerminalGetsColoursAndProgress(t *testing.T) {
	t.Parallel()
	cfg, dir, prefix := motoConfig(t), t.TempDir(), prefixOf(t)
	var ids []string
	for _, name := range strings.Fields("c0 c1 c2 c3 c4 c5 c6 c7 c8 c9") {
		ids = append(ids, mustMake(t, cfg, name))
	}
	capture := []string{"capture", "--group-id", strings.Join(ids, ","), "--out", dir, "--prefix", prefix}
	if got := runCommand(t, &cfg, "", capture...); got.status != 0 || got.errs != "" {
		t.Errorf("without a terminal it says %q", got.errs)
	}
	if got := onTerminal(t, cfg, nil, "", capture...); !strings.Contains(got.errs, "\rcapturing groups: 10 of 10\r\x1b[K") {
		t.Errorf("on a terminal it says %q", got.errs)
	}
	const coloured = "\x1b[32m+ egress all all 0.0.0.0/0\x1b[0m"
	diff := []string{"diff", dir, "--prefix", prefix}
	if got := onTerminal(t, cfg, nil, "", diff...); !strings.Contains(got.out, coloured) {
		t.Errorf("without colours: %q", got.out)
	}
	if got := onTerminal(t, cfg, map[string]string{"NO_COLOR": "1"}, "", diff...); strings.Contains(got.out, "\x1b") || !strings.Contains(got.out, "+ egress all all 0.0.0.0/0") {
		t.Errorf("with colours: %q", got.out)
	}
}
