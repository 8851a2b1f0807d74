package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/flowlog/made"
)

// flowBaseline is of the group sg-0web, whose interfaces the made snapshot has.
const flowBaseline = `schema: 1
groupId: sg-0web
ingress:
  - {protocol: tcp, ports: "443", sources: [0.0.0.0/0]}
  - {protocol: tcp, ports: "22", sources: [10.0.0.0/8, 192.168.0.0/16]}
  - {protocol: tcp, ports: "8080", sources: [sg-0db, sg-0gone, pl-0a]}
egress:
  - {protocol: all, destinations: [0.0.0.0/0]}
`

const flowLines = `version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status flow-direction tcp-flags
5 111122223333 eni-0web1 203.0.113.7 10.0.0.10 51000 443 6 20 4249 1790812800 1790812860 ACCEPT OK ingress 2
5 111122223333 eni-0web1 10.0.0.10 203.0.113.7 443 51000 6 20 4249 1790812800 1790812860 ACCEPT OK egress 18
5 111122223333 eni-0web1 10.0.0.10 10.0.1.20 51000 5432 6 20 4249 1790816400 1790816460 ACCEPT OK egress 0
5 111122223333 eni-0web1 192.168.7.7 10.0.0.10 51000 22 6 1 40 1790816400 1790816460 REJECT OK ingress 2
5 111122223333 eni-0web1 - - - - - - - 1793404740 1793404800 - SKIPDATA - -
5 111122223333 eni-0gone 10.0.3.3 10.0.0.99 51000 22 6 1 40 1790816400 1790816460 ACCEPT OK ingress 2
`

func flowFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLintOfFlowLogs(t *testing.T) {
	t.Parallel()
	const clean = "schema: 1\ngroupId: sg-0web\ningress:\n  - {protocol: tcp, ports: \"443\", sources: [203.0.113.0/28]}\negress: []\n"
	const whole = "5 111122223333 eni-0web2 203.0.113.8 10.0.0.11 51000 443 6 20 4249 1790812800 1790812860 ACCEPT OK ingress 2\n"
	header, _, _ := strings.Cut(flowLines, "\n")
	quiet := header + "\n" + whole + strings.ReplaceAll(whole, "eni-0web2", "eni-0web1")
	cases := map[string]struct {
		baseline, log string
		args          []string
		golden        string
		status        int
		errs          string
	}{
		"what was seen and what was not":      {flowBaseline, flowLines, []string{"baselines", "--flow-logs", "logs", "--interfaces", "interfaces.json"}, "lint-flows", 2, ""},
		"the shell may expand flow logs":      {flowBaseline, flowLines, []string{"baselines", "--flow-logs", "logs/a.log", "logs/b.log", "--interfaces", "interfaces.json"}, "lint-flows-more", 2, ""},
		"rules that all saw traffic are fine": {clean, quiet, []string{"baselines", "--flow-logs", "logs", "--interfaces", "interfaces.json"}, "lint-flows-clean", 0, ""},
		"a torn log is an error":              {clean, quiet + "5 1111", []string{"baselines", "--flow-logs", "logs", "--interfaces", "interfaces.json"}, "lint-flows-torn", 1, "baseline: 1 flow log not read in full: the advice lacks what is in there\n"},
		"a group that is in no snapshot":      {strings.ReplaceAll(clean, "sg-0web", "sg-0other"), quiet, []string{"baselines", "--flow-logs", "logs", "--interfaces", "interfaces.json"}, "lint-flows-other", 0, ""},
		"a folder without logs is an error":   {clean, quiet, []string{"baselines", "--flow-logs", "none", "--interfaces", "interfaces.json"}, "lint-flows-none", 1, "baseline: 1 flow log not read in full: the advice lacks what is in there\n"},
		"snapshots are needed": {clean, quiet, []string{"baselines", "--flow-logs", "logs"}, "nothing", 1, "baseline: --flow-logs needs --interfaces, a file that says which groups each interface has. Make the file with:\n" +
			"  aws ec2 describe-network-interfaces --output json > interfaces.json\nand add: --interfaces interfaces.json\nusage: baseline lint PATH... [flags]\nmore: baseline lint --help\n"},
		"snapshots alone say nothing":      {clean, quiet, []string{"baselines", "--interfaces", "interfaces.json"}, "nothing", 1, "baseline: --interfaces and --flow-log-format are for --flow-logs: name the flow logs\nusage: baseline lint PATH... [flags]\nmore: baseline lint --help\n"},
		"baselines are needed":             {clean, quiet, []string{"--flow-logs", "logs/a.log", "logs/b.log", "--interfaces", "interfaces.json"}, "nothing", 1, "baseline: --flow-logs needs the baselines that the logs are held against: name files or directories of baselines before --flow-logs\nusage: baseline lint PATH... [flags]\nmore: baseline lint --help\n"},
		"a snapshot that is not there":     {clean, quiet, []string{"baselines", "--flow-logs", "logs", "--interfaces", "absent.json"}, "nothing", 1, "baseline: read --interfaces: open absent.json: no such file or directory; make the file with aws ec2 describe-network-interfaces --output json > interfaces.json\n"},
		"a format that lacks fields":       {clean, quiet, []string{"baselines", "--flow-logs", "logs", "--interfaces", "interfaces.json", "--flow-log-format", "${srcaddr}"}, "nothing", 1, "baseline: --flow-log-format: the log lacks fields that the advice needs: interface-id, dstaddr, srcport, dstport, protocol, action, start, end\n"},
		"the query takes no files":         {clean, quiet, []string{"baselines", "--flow-logs-sql"}, "nothing", 1, ""},
		"the query for the month before":   {clean, quiet, []string{"--flow-logs-sql"}, "lint-flows-sql", 0, ""},
		"without flow logs there are none": {clean, quiet, []string{"baselines"}, "lint-flows-without", 0, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := flowFiles(t, map[string]string{"baselines/g.yaml": c.baseline, "logs/a.log": c.log, "logs/b.log": "", "interfaces.json": made.Snapshot(), "none/x/y/z": ""})
			if err := os.Remove(filepath.Join(dir, "none/x/y/z")); err != nil {
				t.Fatal(err)
			}
			args := []string{"lint"}
			for _, arg := range c.args {
				if !strings.HasPrefix(arg, "-") && !strings.HasPrefix(arg, "$") {
					arg = filepath.Join(dir, arg)
				}
				args = append(args, arg)
			}
			got := runCommand(t, nil, "", args...)
			got.out, got.errs = strings.ReplaceAll(got.out, dir+"/", ""), strings.ReplaceAll(got.errs, dir+"/", "")
			if diff := cmp.Diff(c.errs, got.errs); got.status != c.status || c.errs != "" && diff != "" {
				t.Errorf("status %d %s", got.status, diff)
			}
			goldenText(t, c.golden, got.out)
		})
	}
}

func TestLintWithFlowLogsAndOutputJSON(t *testing.T) {
	t.Parallel()
	dir := flowFiles(t, map[string]string{"g.yaml": flowBaseline, "a.log": flowLines, "snapshot": made.Snapshot()})
	got := runCommand(t, nil, "", "lint", filepath.Join(dir, "g.yaml"), "--flow-logs", filepath.Join(dir, "a.log"), "--interfaces", filepath.Join(dir, "snapshot"), "--output", "json")
	var result struct {
		Flows struct {
			From, To           time.Time
			Records, SkipData  int64
			UnlistedInterfaces int
			Rules              []struct {
				Path, GroupID, Rule, Verdict string
				Narrower                     []string
			}
		}
	}
	if err := json.Unmarshal([]byte(got.out), &result); err != nil || got.status != 2 {
		t.Fatalf("%v in %+v", err, got)
	}
	var verdicts []string
	for _, r := range result.Flows.Rules {
		verdicts = append(verdicts, strings.Join(append([]string{r.Path, r.GroupID, r.Rule, r.Verdict}, r.Narrower...), " "))
	}
	want := []string{
		"ingress[0] sg-0web ingress tcp 443 0.0.0.0/0 wider-than-seen ingress tcp 443 203.0.113.7/32",
		"ingress[1] sg-0web ingress tcp 22 10.0.0.0/8 wider-than-seen ingress tcp 22 10.0.3.3/32",
		"ingress[1] sg-0web ingress tcp 22 192.168.0.0/16 no-traffic-seen",
		"ingress[2] sg-0web ingress tcp 8080 sg-0db no-traffic-seen",
		"ingress[2] sg-0web ingress tcp 8080 sg-0gone flows-not-judged",
		"ingress[2] sg-0web ingress tcp 8080 pl-0a flows-not-judged",
		"egress[0] sg-0web egress all all 0.0.0.0/0 wider-than-seen egress tcp 5432 10.0.1.20/32",
	}
	if diff := cmp.Diff(want, verdicts); diff != "" {
		t.Error(diff)
	}
	if f := result.Flows; f.Records != 6 || f.SkipData != 1 || f.UnlistedInterfaces != 1 || f.From.Format(time.DateOnly) != "2026-10-01" || f.To.Format(time.DateOnly) != "2026-10-31" {
		t.Errorf("got %+v", f)
	}
}

// TestProposedEntriesCanBePasted replaces each entry by its proposal. The new file must lint without an error, and
// its rules must all have seen traffic.
func TestProposedEntriesCanBePasted(t *testing.T) {
	t.Parallel()
	const wide = `schema: 1
groupId: sg-0web
ingress:
  - {protocol: tcp, ports: "all", sources: [0.0.0.0/0]}
  - {protocol: tcp, ports: "all", sources: ["::/0"]}
  - {protocol: udp, ports: "1000-2000", sources: [sg-0db]}
  - {protocol: icmp, ports: "all", sources: [10.0.0.0/8]}
egress:
  - {protocol: all, destinations: [0.0.0.0/0]}
  - {protocol: all, destinations: ["::/0"]}
`
	const lines = `5 1 eni-0web1 203.0.113.7 10.0.0.10 51000 443 6 20 4249 1790812800 1790812860 ACCEPT OK ingress 2
5 1 eni-0web1 2001:db8::7 2001:db8::10 51000 8443 6 20 4249 1790812800 1790812860 ACCEPT OK ingress 2
5 1 eni-0web1 10.0.1.20 10.0.0.10 1812 1812 17 20 4249 1790812800 1790812860 ACCEPT OK ingress 0
5 1 eni-0web1 10.9.9.9 10.0.0.10 0 0 1 20 4249 1790812800 1790812860 ACCEPT OK ingress 0
5 1 eni-0web1 10.0.0.10 198.51.100.7 51000 5432 6 20 4249 1790812800 1790812860 ACCEPT OK egress 2
5 1 eni-0web1 10.0.0.10 198.51.100.8 0 0 47 20 4249 1790812800 1790812860 ACCEPT OK egress 0
5 1 eni-0web1 2001:db8::10 2001:db8::9 0 0 58 20 4249 1790812800 1790812860 ACCEPT OK egress 0
`
	header, _, _ := strings.Cut(flowLines, "\n")
	lint := func(baseline string) ran {
		dir := flowFiles(t, map[string]string{"g.yaml": baseline, "a.log": header + "\n" + lines, "snapshot": made.Snapshot()})
		return runCommand(t, nil, "", "lint", filepath.Join(dir, "g.yaml"), "--flow-logs", filepath.Join(dir, "a.log"), "--interfaces", filepath.Join(dir, "snapshot"))
	}
	proposal := regexp.MustCompile(`g\.yaml:\d+:\d+: (ingress|egress)\[(\d)\].* would have been covered by (\{.*\})`)
	pasted := map[string][]string{}
	first := lint(wide)
	for _, found := range proposal.FindAllStringSubmatch(first.out, -1) {
		pasted[found[1]] = append(pasted[found[1]], strings.ReplaceAll(found[3], "}, {", "}\n  - {"))
	}
	if len(pasted["ingress"]) != 4 || len(pasted["egress"]) != 2 {
		t.Fatalf("proposals %v in %s", pasted, first.out)
	}
	narrow := "schema: 1\ngroupId: sg-0web\ningress:\n  - " + strings.Join(pasted["ingress"], "\n  - ") + "\negress:\n  - " + strings.Join(pasted["egress"], "\n  - ") + "\n"
	got := lint(narrow)
	if got.errs != "" || !strings.Contains(got.out, "0 errors") || strings.Contains(got.out, "-seen]") {
		t.Errorf("%s\nlints as\n%s%s", narrow, got.out, got.errs)
	}
}
