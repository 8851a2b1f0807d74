package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/explain"
	"github.com/sgwarden/sgwarden/events"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

const explainedFile = `schema: 1
groupId: sg-0a1b2c3d4e5f60718
ingress:
  - {protocol: tcp, ports: "80", sources: [192.0.2.0/24, self]}
  - {protocol: tcp, ports: "443", sources: [10.0.0.0/8]}
egress: []
exceptions:
  - {direction: ingress, protocol: tcp, ports: "22", sources: [0.0.0.0/0], expires: 2026-11-21T11:00:00Z, reason: INC-1, approvedBy: ana}
`

// judgedLines are the verdicts of an explanation in JSON.
func judgedLines(t *testing.T, out string) []string {
	t.Helper()
	var x explain.Explanation
	if err := json.Unmarshal([]byte(out), &x); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	lines := []string{}
	if x.NothingToDo != "" {
		lines = append(lines, x.NothingToDo)
	}
	for _, j := range x.Rules {
		lines = append(lines, j.Verdict+" "+j.Rule+" | "+j.Reason+" | "+j.Would)
	}
	return lines
}

func TestExplainARule(t *testing.T) {
	t.Parallel()
	const revoke = " | revoke it, and alert"
	cases := map[string]struct {
		head, rule string
		want       string
		status     int
	}{
		"one that is permitted":        {"", "ingress tcp 80 192.0.2.7/32", "permitted ingress tcp 80 192.0.2.7/32 | permitted by ingress tcp 80 192.0.2.0/24 | leave it", 0},
		"one from the group itself":    {"", "ingress tcp 80 self", "permitted ingress tcp 80 GROUP | permitted by ingress tcp 80 GROUP | leave it", 0},
		"one that isn't":               {"", "ingress tcp 80 198.51.100.0/24", "violation ingress tcp 80 198.51.100.0/24 | no baseline rule permits tcp 80 from 198.51.100.0/24" + revoke, 2},
		"one that was, until recently": {"", "ingress tcp 22 0.0.0.0/0", "violation ingress tcp 22 0.0.0.0/0 | the exception (INC-1, approved by ana) expired at 2026-11-21T11:00:00Z; no baseline rule permits tcp 22 from 0.0.0.0/0" + revoke, 2},
		"one in mode alert":            {"mode: alert\n", "egress tcp 80 self", "violation egress tcp 80 GROUP | no baseline rule permits tcp 80 to GROUP | alert only (mode: alert)", 2},
		"a narrower one, matched exactly": {
			"match: exact\n", "ingress tcp 80 192.0.2.7/32",
			"violation ingress tcp 80 192.0.2.7/32 | ingress tcp 80 192.0.2.0/24 would cover it, but the baseline asks for exact matches and none is ingress tcp 80 192.0.2.7/32" + revoke, 2,
		},
		"the baseline puts back what is missing, which is no matter here": {"restore: true\n", "ingress tcp 443 10.0.0.0/8", "permitted ingress tcp 443 10.0.0.0/8 | permitted by ingress tcp 443 10.0.0.0/8 | leave it", 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "a.yaml")
			if err := os.WriteFile(path, []byte(explainedFile+c.head), 0o600); err != nil {
				t.Fatal(err)
			}
			got := runCommand(t, nil, "", "explain", "--group-id", group, "--rule", c.rule, "--baseline", path, "--output", "json")
			if got.status != c.status || got.errs != "" {
				t.Errorf("got %+v", got)
			}
			if diff := cmp.Diff([]string{strings.ReplaceAll(c.want, "GROUP", group)}, judgedLines(t, got.out)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExplainAnEvent(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.yaml")
	if err := os.WriteFile(path, []byte(explainedFile), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		golden string
		status int
	}{
		"authorize-ingress-several-sources": {"explain-authorize", 2},
		"revoke-ingress-permissions":        {"explain-revoke", 0},
		"modify-one-rule":                   {"explain-modify", 2},
		"create-group":                      {"explain-create", 0},
		"delete-group-by-id":                {"explain-delete", 0},
		"create-vpc":                        {"explain-create-vpc", 0},
		"delete-vpc":                        {"explain-delete-vpc", 0},
		"associate-vpc":                     {"explain-associate-vpc", 0},
		"parameter-update":                  {"explain-parameter", 0},
		"authorize-ingress-failed":          {"explain-failed", 0},
		"describe-rules":                    {"explain-foreign", 0},
		"authorize-ingress-only-return":     {"explain-request-only", 2},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, nil, "", "explain", filepath.Join("../../events", name+".json"), "--baseline", path)
			if got.status != c.status || got.errs != "" {
				t.Errorf("got %+v", got)
			}
			goldenText(t, c.golden, strings.ReplaceAll(got.out, path, "FILE"))
		})
	}
}

// TestExplainAModifyThatIsPermittedOneWay is about an event that doesn't say the
// direction.
func TestExplainAModifyThatIsPermittedOneWay(t *testing.T) {
	t.Parallel()
	for egress, want := range map[string]string{
		"[]": "violation ingress tcp 443 0.0.0.0/0",
		"[{protocol: tcp, ports: 443, destinations: [0.0.0.0/0]}]": "unclear ingress tcp 443 0.0.0.0/0",
	} {
		path := filepath.Join(t.TempDir(), "a.yaml")
		if err := os.WriteFile(path, []byte("schema: 1\ngroupId: "+group+"\ningress: []\negress: "+egress+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		got := runCommand(t, nil, "", "explain", "../../events/modify-one-rule.json", "--baseline", path, "--output", "json")
		if lines := judgedLines(t, got.out); got.status != 2 || len(lines) != 1 || !strings.HasPrefix(lines[0], want+" ") {
			t.Errorf("got %d %q, want %q", got.status, lines, want)
		}
	}
}

func TestExplainTakesEveryWrappingOfAnEvent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a.yaml")
	if err := os.WriteFile(path, []byte(explainedFile), 0o600); err != nil {
		t.Fatal(err)
	}
	envelope := events.MustRead("authorize-ingress-ipv4")
	var parts struct {
		Detail json.RawMessage `json:"detail"`
	}
	if err := json.Unmarshal(envelope, &parts); err != nil {
		t.Fatal(err)
	}
	record := string(parts.Detail)
	quoted, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct{ in, wantErr string }{
		"as EventBridge delivers it": {string(envelope), ""},
		"as CloudTrail records it":   {record, ""},
		"in a log file":              {`{"Records": [` + record + `]}`, ""},
		"as lookup-events answers":   {`{"Events": [{"EventName": "x", "CloudTrailEvent": ` + string(quoted) + `}]}`, ""},
		"several at once":            {`{"Records": [` + record + `, ` + record + `]}`, "-: it holds 2 events: give one at a time"},
		"no event":                   {`{"hello": 1}`, "neither detail-type, as EventBridge writes, nor eventName, as CloudTrail does"},
		"a list":                     {`[]`, "-: this is no event"},
		"what is no JSON":            {`hello`, "-: this is not JSON"},
		"ends in the middle of it":   {record[:100], "-: this is not JSON"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, nil, c.in, "explain", "-", "--baseline", path, "--output", "json")
			if c.wantErr != "" {
				if got.status != 1 || !strings.Contains(got.errs, c.wantErr) {
					t.Errorf("got %+v, want %q", got, c.wantErr)
				}
				return
			}
			if lines := judgedLines(t, got.out); got.status != 2 || len(lines) != 1 || !strings.HasPrefix(lines[0], "violation ingress tcp 22 0.0.0.0/0 | ") {
				t.Errorf("got %+v", got)
			}
		})
	}
}

const guardrailJSON = `{"schema":1,"mode":"enforce","forbid":[{"direction":"ingress","protocol":"tcp","ports":"22","widest":{"ipv4":24,"ipv6":48}}]}`

func TestExplainByParameterStore(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		stored, guardrail, rule string
		want                    string
		status                  int
	}{
		"a baseline":                    {"", "", "ingress tcp 22 10.0.0.0/8", "violation ingress tcp 22 10.0.0.0/8 | no baseline rule permits tcp 22 from 10.0.0.0/8 | revoke it, and alert", 2},
		"a baseline before a guardrail": {"", guardrailJSON, "ingress tcp 80 10.0.0.0/8", "permitted ingress tcp 80 10.0.0.0/8 | permitted by ingress tcp 80 10.0.0.0/8 | leave it", 0},
		"the guardrail, broken":         {"none", guardrailJSON, "ingress tcp 22 0.0.0.0/0", "violation ingress tcp 22 0.0.0.0/0 | the guardrail permits tcp 22 from public addresses only up to a /24, and 0.0.0.0/0 is wider | revoke it, and alert", 2},
		"the guardrail, kept":           {"none", guardrailJSON, "ingress tcp 22 203.0.113.0/24", "permitted ingress tcp 22 203.0.113.0/24 | there is no baseline, and it breaks nothing of the guardrail | leave it", 0},
		"a guardrail in mode alert":     {"none", strings.Replace(guardrailJSON, "enforce", "alert", 1), "ingress tcp 22 ::/0", "violation ingress tcp 22 ::/0 | the guardrail permits tcp 22 from public addresses only up to a /48, and ::/0 is wider | alert only (mode: alert)", 2},
		"neither":                       {"none", "", "ingress tcp 22 0.0.0.0/0", "there is no baseline at PREFIX/groups/GROUP and no guardrail: the group is left alone", 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := knowing(t, motoConfig(t))
			store := ssmstore.Store{Client: ssm.NewFromConfig(cfg), Prefix: prefixOf(t)}
			put(t, store, "", c.stored)
			if c.guardrail != "" {
				_, err := store.Client.PutParameter(t.Context(), &ssm.PutParameterInput{
					Name: aws.String(store.Guardrail()), Value: aws.String(c.guardrail), Type: types.ParameterTypeString,
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			got := runCommand(t, &cfg, "", "explain", "--group-id", group, "--rule", c.rule, "--prefix", store.Prefix, "--output", "json")
			want := strings.NewReplacer("PREFIX", store.Prefix, "GROUP", group).Replace(c.want)
			if diff := cmp.Diff([]string{want}, judgedLines(t, got.out)); diff != "" || got.status != c.status {
				t.Errorf("%d: %s", got.status, diff)
			}
		})
	}
}

func TestExplainRefuses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.yaml")
	if err := os.WriteFile(path, []byte(explainedFile), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		args    []string
		wantErr string
	}{
		"nothing":                    {nil, "say what to explain: a group and a rule, or the file of an event"},
		"both":                       {[]string{"x.json", "--rule", "ingress tcp 22 10.0.0.0/8"}, "leave out the group and the rules"},
		"a rule without a group":     {[]string{"--rule", "ingress tcp 22 10.0.0.0/8"}, "say which group the rule is for"},
		"a group's name":             {[]string{"--rule", "ingress tcp 22 10.0.0.0/8", "--group-id", "web"}, `"web" is not the id of a security group`},
		"a rule that is none":        {[]string{"--rule", "ingress tcp 22", "--baseline", path}, "word 4: missing"},
		"an event that isn't there":  {[]string{"nowhere.json"}, "nowhere.json: no such file"},
		"a file that isn't there":    {[]string{"--rule", "ingress tcp 22 10.0.0.0/8", "--baseline", "nowhere.yaml"}, "nowhere.yaml: no such file"},
		"another group's baseline":   {[]string{"--rule", "ingress tcp 22 10.0.0.0/8", "--group-id", "sg-0b", "--baseline", path}, "is for " + group + ", not for sg-0b"},
		"a file that is no baseline": {[]string{"--rule", "ingress tcp 22 10.0.0.0/8", "--baseline", "main.go"}, "main.go: not YAML"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, nil, "", append([]string{"explain"}, c.args...)...)
			if got.status != 1 || got.out != "" || !strings.Contains(got.errs, c.wantErr) {
				t.Errorf("got %+v, want %q", got, c.wantErr)
			}
		})
	}
	t.Run("a baseline that somebody has broken", func(t *testing.T) {
		t.Parallel()
		cfg := motoConfig(t)
		store := ssmstore.Store{Client: ssm.NewFromConfig(cfg), Prefix: prefixOf(t)}
		put(t, store, "", "{")
		got := runCommand(t, &cfg, "", "explain", "--group-id", group, "--rule", "ingress tcp 22 10.0.0.0/8", "--prefix", store.Prefix)
		if got.status != 1 || !strings.Contains(got.errs, "version 1 is broken, so nothing is judged by it and nothing revoked: not JSON") {
			t.Errorf("got %+v", got)
		}
	})
}
