package main

import (
	"encoding/json"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
)

// TestAWrongUsageIsAnsweredWithTheUsageLineAndTheNearestWord needs no AWS: nothing is
// asked before the usage is right.
func TestAWrongUsageIsAnsweredWithTheUsageLineAndTheNearestWord(t *testing.T) {
	t.Parallel()
	const id = "sg-0a1b2c3d4e5f60718"
	cases := map[string]struct {
		args []string
		want string
	}{
		"a verb with a letter too many": {[]string{"difff"}, `there is no verb "difff"
usage: baseline VERB [flags]
did you mean baseline diff?
more: baseline --help`},
		"a verb with a flag that only the right one has": {[]string{"difff", "--live"}, `there is no verb "difff"
usage: baseline VERB [flags]
did you mean baseline diff?
more: baseline --help`},
		"a verb that is near to none": {[]string{"frobnicate"}, `there is no verb "frobnicate"
usage: baseline VERB [flags]
more: baseline --help`},
		"help for a verb that there isn't": {[]string{"help", "histroy"}, `there is no verb "histroy"
usage: baseline help [VERB] [flags]
did you mean baseline history?
more: baseline help --help`},
		"a verb of guardrail that there isn't": {[]string{"guardrail", "pusch", "x.yaml"}, `there is no verb "pusch" of guardrail
usage: baseline guardrail (show | lint FILE | plan FILE | push FILE) [flags]
did you mean baseline guardrail push?
more: baseline guardrail --help`},
		"an import of what can't be imported": {[]string{"import", "teraform", "x"}, `there is no verb "teraform" of import
usage: baseline import [flags]
did you mean baseline import terraform?
more: baseline import --help`},
		"a shell that can't be completed": {[]string{"completion", "bsh"}, `there is no verb "bsh" of completion
usage: baseline completion [flags]
did you mean baseline completion bash?
more: baseline completion --help`},
		"a completion of no shell": {[]string{"completion"}, `say which completion: bash, fish, powershell, zsh
usage: baseline completion [flags]
more: baseline completion --help`},
		"a flag that is mistyped": {[]string{"diff", "--lvie"}, `unknown flag: --lvie
usage: baseline diff [GROUP...] [PATH...] [--live] [flags]
did you mean --live?
more: baseline diff --help`},
		"a flag of all verbs that is mistyped": {[]string{"show", id, "--ouput", "json"}, `unknown flag: --ouput
usage: baseline show GROUP [flags]
did you mean --output?
more: baseline show --help`},
		"a flag with one hyphen": {[]string{"rollback", id, "-yes"}, `unknown shorthand flag: 'y' in -yes
usage: baseline rollback GROUP --to VERSION [flags]
did you mean --yes?
more: baseline rollback --help`},
		"a flag that is near to none": {[]string{"show", id, "--frobnicate"}, `unknown flag: --frobnicate
usage: baseline show GROUP [flags]
more: baseline show --help`},
		"a flag without its value": {[]string{"rollback", id, "--to"}, `flag needs an argument: --to
usage: baseline rollback GROUP --to VERSION [flags]
more: baseline rollback --help`},
		"a group is missing": {[]string{"history"}, `history: an argument is missing
usage: baseline history GROUP [flags]
more: baseline history --help`},
		"an argument too many": {[]string{"history", id, "sg-0b"}, `history: the argument "sg-0b" is one too many
usage: baseline history GROUP [flags]
more: baseline history --help`},
		"an output that there isn't": {[]string{"diff", "--output", "xml"}, `--output "xml": want text or json
usage: baseline diff [GROUP...] [PATH...] [--live] [flags]
more: baseline diff --help`},
		"a prefix that is no path": {[]string{"diff", "--prefix", "sg"}, `--prefix "sg": want a path such as /sg-baseline, the functions' BASELINE_PREFIX
usage: baseline diff [GROUP...] [PATH...] [--live] [flags]
more: baseline diff --help`},
		"a group without a rule": {[]string{"explain", id}, `say which rule of sg-0a1b2c3d4e5f60718, such as 'ingress tcp 22 203.0.113.7/32'
usage: baseline explain (GROUP RULE... | EVENT.json) [flags]
more: baseline explain --help`},
		"a group twice": {[]string{"explain", id, "ingress tcp 22 10.0.0.0/8", "--group-id", "sg-0b"}, `explain: sg-0b and sg-0a1b2c3d4e5f60718 are two groups
usage: baseline explain (GROUP RULE... | EVENT.json) [flags]
more: baseline explain --help`},
		"an event and a rule": {[]string{"explain", "event.json", "ingress tcp 22 10.0.0.0/8"}, `explain: the argument "ingress tcp 22 10.0.0.0/8" is one too many for an event
usage: baseline explain (GROUP RULE... | EVENT.json) [flags]
more: baseline explain --help`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, &aws.Config{}, "", c.args...)
			if diff := cmp.Diff("baseline: "+c.want+"\n", got.errs); diff != "" || got.status != 1 || got.out != "" {
				t.Errorf("status %d, output %q: %s", got.status, got.out, diff)
			}
		})
	}
}

// TestARightUsageIsNoUsageError is the twin of the table above.
func TestARightUsageIsNoUsageError(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"nothing at all":     nil,
		"help":               {"--help"},
		"help of a verb":     {"help", "diff"},
		"help of a sub-verb": {"help", "guardrail", "push"},
		"help by a flag":     {"rollback", "--help"},
		"the version":        {"--version"},
		"a completion":       {"completion", "fish"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := runCommand(t, nil, "", args...); got.status != 0 || got.errs != "" || got.out == "" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestEveryVerbHasHelpAnExampleAndFlagsOfAllVerbs(t *testing.T) {
	t.Parallel()
	var walk func(c *cobra.Command, path []string)
	walk = func(c *cobra.Command, path []string) {
		for _, below := range c.Commands() {
			walk(below, append(path[:len(path):len(path)], below.Name()))
		}
		if path == nil || path[0] == "help" || path[0] == "completion" {
			return
		}
		t.Run(strings.Join(path, " "), func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, nil, "", append(path, "--help")...)
			if got.status != 0 || got.errs != "" {
				t.Fatalf("got %+v", got)
			}
			for _, want := range []string{"Usage:\n  " + c.UseLine(), "--output", "--prefix"} {
				if !strings.Contains(got.out, want) {
					t.Errorf("the help doesn't say %q", want)
				}
			}
			if len(path) == 1 && !strings.Contains(got.out, "Examples:\n  ") {
				t.Error("the help has no example")
			}
			if strings.Contains(got.out, "[command]") {
				t.Error("the help calls a verb a command")
			}
		})
	}
	walk((&app{Account: accountOfNobody()}).command(), nil)
}

// TestOldFlagsAreNotDocumented: they work, which other tests show.
func TestOldFlagsAreNotDocumented(t *testing.T) {
	t.Parallel()
	for verb, old := range map[string][]string{"explain": {"--group-id", "--rule"}, "capture": {"--group-id"}} {
		help := runCommand(t, nil, "", verb, "--help").out
		for _, flag := range old {
			if strings.Contains(help, flag) {
				t.Errorf("the help of %s says %s", verb, flag)
			}
		}
		if !strings.Contains(help, "GROUP") {
			t.Errorf("the help of %s says no GROUP", verb)
		}
	}
}

func TestTheVersion(t *testing.T) {
	t.Parallel()
	info := &debug.BuildInfo{GoVersion: "go1.26.8", Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "5d7fa48"}, {Key: "vcs.time", Value: "2026-11-29T10:46:12Z"}, {Key: "vcs.modified", Value: "false"},
	}}
	info.Main.Version = "(devel)"
	changed := *info
	changed.Settings = append(info.Settings[:2:2], debug.BuildSetting{Key: "vcs.modified", Value: "true"})
	for name, c := range map[string]struct {
		info *debug.BuildInfo
		want string
	}{
		"of a checkout":               {info, "baseline (devel)\nrevision 5d7fa48\ntime 2026-11-29T10:46:12Z\ngo go1.26.8\n"},
		"of a checkout with changes":  {&changed, "baseline (devel)\nrevision 5d7fa48, with changes\ntime 2026-11-29T10:46:12Z\ngo go1.26.8\n"},
		"of sources without checkout": {&debug.BuildInfo{GoVersion: "go1.26.8"}, "baseline unknown\nrevision unknown\ntime unknown\ngo go1.26.8\n"},
		"of nothing that is known":    {nil, "baseline unknown\nrevision unknown\ntime unknown\ngo unknown\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, buildOf(c.info).String()); diff != "" {
				t.Error(diff)
			}
		})
	}
	var output build
	if err := json.Unmarshal([]byte(runCommand(t, nil, "", "--version", "--output", "json").out), &output); err != nil || !strings.HasPrefix(output.Go, "go1.") {
		t.Errorf("%v: %+v", err, output)
	}
}

// faulty is an output that brings the command to fault.
type faulty struct{}

func (faulty) Write([]byte) (int, error) { panic("it fell over") }

// TestAFaultOfTheCommandIsReported without a stack of Go's, unless that is asked for.
func TestAFaultOfTheCommandIsReported(t *testing.T) {
	t.Parallel()
	for stack, lines := range map[string]int{"": 2, "1": 10} {
		var errs strings.Builder
		a := &app{Account: accountOfNobody(), out: faulty{}}
		a.Errs, a.Getenv = &errs, func(name string) string { return map[string]string{"BASELINE_STACK": stack}[name] }
		status := a.run(t.Context(), []string{"--help"})
		got := strings.Count(errs.String(), "\n")
		if status != 1 || !strings.HasPrefix(errs.String(), "baseline: this is a fault of the command, and not yours: it fell over\n") || got < lines || stack == "" && got != lines {
			t.Errorf("status %d: %s", status, errs.String())
		}
	}
}

// accountOfNobody is for what reads no account.
func accountOfNobody() account.Account {
	return account.Account{Getenv: func(string) string { return "" }, Now: func() time.Time { return now }}
}

func TestTheHelpOfPushNamesNoEmptyDefault(t *testing.T) {
	t.Parallel()
	for _, verb := range [][]string{{"push"}, {"guardrail", "push"}} {
		got := runCommand(t, nil, "", append(verb, "--help")...)
		if !strings.Contains(got.out, "--revoke-live int") || strings.Contains(got.out, "(default )") || strings.Contains(got.out, "(default -1)") {
			t.Errorf("%v: %s", verb, got.out)
		}
	}
}
