package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/explain"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// youngBaseline answers for a group whose baseline of version 2 was written at a
// time, an hour after version 1 permitted ssh.
func youngBaseline(t *testing.T, head string, written time.Time) *awsstub.Stub {
	t.Helper()
	seconds := func(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }
	name := "/sg-baseline/groups/" + group
	value := func(ingress string) string {
		return `{"schema":1,"groupId":"` + group + `",` + head + `"ingress":[` + ingress + `],"egress":[]}`
	}
	old := awsstub.Parameter{
		Name: name, Type: "String", Version: 1, LastModifiedDate: seconds(written.Add(-time.Hour)),
		Value: value(`{"protocol":"tcp","ports":"22","sources":["203.0.113.7/32"]}`),
	}
	young := awsstub.Parameter{Name: name, Type: "String", Version: 2, LastModifiedDate: seconds(written), Value: value("")}
	stub := awsstub.New(0, map[string]awsstub.Handler{
		"DescribeSecurityGroups": noGroups,
		"GetParameterHistory": func(awsstub.Request) (any, error) {
			return awsstub.HistoryAnswer{Parameters: []awsstub.Parameter{old, young}}, nil
		},
		"GetParameters": func(awsstub.Request) (any, error) {
			return awsstub.ParametersAnswer{Parameters: []awsstub.Parameter{young}}, nil
		},
		"GetParametersByPath": func(awsstub.Request) (any, error) { return awsstub.HistoryAnswer{}, nil },
	})
	t.Cleanup(stub.Close)
	return stub
}

func TestExplainKnowsTheGrace(t *testing.T) {
	t.Parallel()
	const (
		ssh     = "ingress tcp 22 203.0.113.7/32"
		revoked = "violation ingress tcp 22 203.0.113.7/32 | no baseline rule permits tcp 22 from 203.0.113.7/32 | revoke it, and alert"
		inGrace = "permitted ingress tcp 22 203.0.113.7/32 | permitted until %s by version 1 (grace) | leave it until then, then revoke it, and alert"
	)
	cases := map[string]struct {
		head, env string // of the baseline, and GRACE_MINUTES
		rule      string
		age       time.Duration
		want      string
		asked     int // for the history
	}{
		"a version that is young":                    {"", "", ssh, 4 * time.Minute, fmt.Sprintf(inGrace, "12:06 UTC"), 1},
		"a version that is young, by the functions'": {"", "60", ssh, 30 * time.Minute, fmt.Sprintf(inGrace, "12:30 UTC"), 1},
		"a version that is young, by its own":        {`"graceMinutes":1440,`, "", ssh, 30 * time.Minute, fmt.Sprintf(inGrace, "2026-11-22 11:30 UTC"), 1},
		"a version that is old":                      {"", "", ssh, 11 * time.Minute, revoked, 0},
		"a version that has no grace":                {`"graceMinutes":0,`, "", ssh, time.Minute, revoked, 0},
		"no grace by the functions'":                 {"", "0", ssh, time.Minute, revoked, 0},
		"a rule that no version permitted":           {"", "", "ingress tcp 25 203.0.113.7/32", time.Minute, "violation ingress tcp 25 203.0.113.7/32 | no baseline rule permits tcp 25 from 203.0.113.7/32 | revoke it, and alert", 1},
		"a version that only alerts":                 {`"mode":"alert",`, "", ssh, time.Minute, "violation ingress tcp 22 203.0.113.7/32 | no baseline rule permits tcp 22 from 203.0.113.7/32 | alert only (mode: alert)", 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stub := youngBaseline(t, c.head, now.Add(-c.age).Truncate(time.Minute))
			got := explainIn(t, stub.Config(), map[string]string{"GRACE_MINUTES": c.env}, "--group-id", group, "--rule", c.rule)
			if diff := cmp.Diff([]string{c.want}, judgedLines(t, got.out)); diff != "" {
				t.Error(diff)
			}
			if asked := len(stub.Requests("GetParameterHistory")); asked != c.asked {
				t.Errorf("the history was asked for %d times, want %d", asked, c.asked)
			}
		})
	}
	for _, wrong := range []string{"soon", "-1", "1441", "10m", "1.5"} {
		got := explainIn(t, youngBaseline(t, "", now).Config(), map[string]string{"GRACE_MINUTES": wrong}, "--group-id", group, "--rule", ssh)
		expect(t, got, 1, fmt.Sprintf("GRACE_MINUTES is %q: want a whole number from 0 to 1440", wrong))
		stub := youngBaseline(t, "", now)
		cfg := stub.Config()
		a := &app{Account: account.Account{Getenv: func(string) string { return wrong }, Now: func() time.Time { return now }, Config: &cfg}, in: strings.NewReader("")}
		expect(t, run(t, a, "diff", "--prefix", "/sg-baseline"), 1, fmt.Sprintf("GRACE_MINUTES is %q", wrong))
		if asked := len(stub.Requests()); asked > 0 {
			t.Errorf("AWS was asked %d times before", asked)
		}
	}
	stub := youngBaseline(t, "", now)
	stub.Inject("GetParameterHistory", 20, awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "no", Status: 400}})
	got := explainIn(t, stub.Config(), nil, "--group-id", group, "--rule", ssh)
	expect(t, got, 2, "the baseline is new and its earlier versions can't be read, so nothing is revoked until 12:10 UTC")
}

func explainIn(t *testing.T, cfg aws.Config, env map[string]string, args ...string) ran {
	t.Helper()
	a := &app{Account: account.Account{Getenv: func(name string) string { return env[name] }, Now: func() time.Time { return now }, Config: &cfg}, in: strings.NewReader("")}
	return run(t, a, append(append([]string{"explain"}, args...), "--output", "json")...)
}

const trusted = `{"schema":1,"principals":[{"arn":"arn:aws:iam::111122223333:role/terraform-ci","pendingHours":24}]}`

func TestExplainKnowsApprovalsAndThePause(t *testing.T) {
	t.Parallel()
	const (
		ssh    = "ingress tcp 22 203.0.113.7/32"
		oncall = `{"schema":1,"rules":["ingress tcp 22 203.0.113.0/24","ingress tcp 22 20.0.0.0/24"],"expires":"2026-11-21T20:00:00Z","reason":"INC-1"}`
		over   = `{"schema":1,"rules":["ingress tcp 22 203.0.113.0/24"],"expires":"2026-11-21T11:00:00Z","reason":"INC-1"}`
		paused = `{"schema":1,"until":"2026-11-21T14:00:00Z","reason":"CHG-77"}`
		ended  = `{"schema":1,"until":"2026-11-21T11:00:00Z","reason":"CHG-77"}`
		closed = `{"schema":1,"groupId":"` + group + `","graceMinutes":0,"ingress":[],"egress":[]}`
		strict = `{"schema":1,"mode":"enforce","forbid":[{"direction":"ingress","protocol":"tcp","ports":"22","widest":{"ipv4":32}}]}`
		half   = `{"schema":1,"rules":["ingress tcp 22 203.0.113.0/25"],"expires":"2026-11-21T20:00:00Z","reason":"INC-1"}`
		other  = `{"schema":1,"rules":["ingress tcp 22 203.0.113.128/25"],"expires":"2026-11-21T18:00:00Z","reason":"INC-2"}`

		violation = "violation ingress tcp 22 203.0.113.7/32 | no baseline rule permits tcp 22 from 203.0.113.7/32 | "
	)
	cases := map[string]struct {
		parameters map[string]string // below the prefix
		rule       string
		want       string
		says       string // a note
	}{
		"an approval":   {map[string]string{"groups/": closed, "approvals//oncall": oncall}, ssh, "permitted ingress tcp 22 203.0.113.7/32 | permitted by the approval oncall until 2026-11-21T20:00:00Z | leave it", ""},
		"two approvals": {map[string]string{"groups/": closed, "approvals//a": half, "approvals//b": other}, "ingress tcp 22 203.0.113.0/24", "permitted ingress tcp 22 203.0.113.0/24 | permitted only with the approvals a, b, until 2026-11-21T18:00:00Z | leave it", ""},
		"an approval that ended": {
			map[string]string{"groups/": closed, "approvals//oncall": over},
			ssh,
			"violation ingress tcp 22 203.0.113.7/32 | the approval oncall (INC-1) ended at 2026-11-21T11:00:00Z; no baseline rule permits tcp 22 from 203.0.113.7/32 | revoke it, and alert", "",
		},
		"an approval that is not needed": {
			map[string]string{"groups/": onlySSH, "approvals//oncall": oncall},
			ssh,
			"permitted ingress tcp 22 203.0.113.7/32 | permitted by ingress tcp 22 203.0.113.7/32 | leave it", "",
		},
		"an approval against the guardrail": {
			map[string]string{"guardrail": strict, "approvals//oncall": oncall},
			"ingress tcp 22 20.0.0.0/24",
			"permitted ingress tcp 22 20.0.0.0/24 | permitted by the approval oncall until 2026-11-21T20:00:00Z | leave it", "",
		},
		"an approval of what the guardrail permits": {
			map[string]string{"guardrail": strict, "approvals//oncall": oncall},
			ssh,
			"permitted ingress tcp 22 203.0.113.7/32 | there is no baseline, and it breaks nothing of the guardrail | leave it", "",
		},
		"a broken approval":      {map[string]string{"groups/": closed, "approvals//oncall": "{"}, ssh, violation + "revoke it, and alert", "/oncall permits nothing: not JSON"},
		"a pause":                {map[string]string{"groups/": closed, "pause": paused}, ssh, violation + "would be reported only: sgwarden is paused until 2026-11-21T14:00:00Z (CHG-77)", ""},
		"a pause that has ended": {map[string]string{"groups/": closed, "pause": ended}, ssh, violation + "revoke it, and alert", ""},
		"a broken pause":         {map[string]string{"groups/": closed, "pause": "{"}, ssh, violation + "revoke it, and alert", "pauses nothing: not JSON"},
		"a pause before the guardrail": {
			map[string]string{"guardrail": strict, "pause": paused},
			"ingress tcp 22 20.0.0.0/24",
			"violation ingress tcp 22 20.0.0.0/24 | the guardrail permits tcp 22 from public addresses only up to a /32, and 20.0.0.0/24 is wider | would be reported only: sgwarden is paused until 2026-11-21T14:00:00Z (CHG-77)", "",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := explainIn(t, storeOf(t, c.parameters), nil, "--group-id", group, "--rule", c.rule)
			if diff := cmp.Diff([]string{c.want}, judgedLines(t, got.out)); diff != "" {
				t.Error(diff)
			}
			if !strings.Contains(got.out, c.says) || c.says == "" && strings.Contains(got.out, `"notes"`) {
				t.Errorf("want the note %q in %s", c.says, got.out)
			}
		})
	}
}

const onlySSH = `{"schema":1,"groupId":"` + group + `","ingress":[{"protocol":"tcp","ports":"22","sources":["203.0.113.7/32"]}],"egress":[]}`

// storeOf has parameters whose names stand below the prefix. The group's id is left
// out of the names, as in groups/ and approvals//oncall.
func storeOf(t *testing.T, parameters map[string]string) aws.Config {
	t.Helper()
	p := newParameterStore(t)
	for name, value := range parameters {
		name = strings.NewReplacer("groups/", "groups/"+group, "approvals//", "approvals/"+group+"/").Replace(name)
		p.set("/sg-baseline/"+name, value)
	}
	return knowing(t, p.configOf())
}

func TestExplainKnowsWhoIsTrusted(t *testing.T) {
	t.Parallel()
	const (
		closed = `{"schema":1,"groupId":"` + group + `","graceMinutes":0,"ingress":[],"egress":[]}`
		waits  = "would wait for approval for 24 hours, since arn:aws:iam::111122223333:role/terraform-ci is trusted; then revoke it"
		paused = `{"schema":1,"until":"2026-11-21T14:00:00Z","reason":"CHG-77"}`
	)
	cases := map[string]struct {
		trust, pause, mode string
		role, cidr, port   string // of the event
		would              string
	}{
		"a trusted principal's rule":                  {trusted, "", "", "terraform-ci", "10.0.0.0/8", "8080", waits},
		"a trusted principal's rule of high severity": {trusted, "", "", "terraform-ci", "10.0.0.0/8", "22", "revoke it, and alert"},
		"a trusted principal's rule for the world":    {trusted, "", "", "terraform-ci", "0.0.0.0/0", "8080", "revoke it, and alert"},
		"somebody else's rule":                        {trusted, "", "", "admin", "10.0.0.0/8", "8080", "revoke it, and alert"},
		"a trusted principal's rule during a pause":   {trusted, paused, "", "terraform-ci", "10.0.0.0/8", "8080", "would be reported only: sgwarden is paused until 2026-11-21T14:00:00Z (CHG-77)"},
		"a trusted principal's rule in mode alert":    {trusted, "", `"mode":"alert",`, "terraform-ci", "10.0.0.0/8", "8080", "alert only (mode: alert)"},
		"nobody is trusted":                           {"", "", "", "terraform-ci", "10.0.0.0/8", "8080", "revoke it, and alert"},
		"nobody is trusted, since the list is broken": {"{", "", "", "terraform-ci", "10.0.0.0/8", "8080", "revoke it, and alert"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parameters := map[string]string{"groups/": strings.Replace(closed, `"ingress"`, c.mode+`"ingress"`, 1)}
			for name, value := range map[string]string{"trust": c.trust, "pause": c.pause} {
				if value != "" {
					parameters[name] = value
				}
			}
			event := filepath.Join(t.TempDir(), "event.json")
			write(t, event, eventOf(c.role, c.cidr, c.port))
			cfg := storeOf(t, parameters)
			a := &app{Account: account.Account{Getenv: func(string) string { return "" }, Now: func() time.Time { return now }, Config: &cfg, Prefix: "/sg-baseline"}}
			trigger, nothing, err := explain.ReadEvent(nil, event)
			if err != nil || nothing != "" {
				t.Fatal(err, nothing)
			}
			trigger.Principal = "arn:aws:iam::111122223333:role/" + c.role
			g, err := explain.Read(t.Context(), &a.Account, trigger, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			got := g.Explain(trigger, now)
			if len(got.Rules) != 1 || got.Rules[0].Verdict != explain.VerdictViolation || got.Rules[0].Would != c.would {
				t.Errorf("got %+v, want %q", got.Rules, c.would)
			}
			if isBroken := c.trust == "{"; isBroken != strings.Contains(strings.Join(got.Notes, "\n"), "nobody is trusted: not JSON") {
				t.Errorf("the notes are wrong: %s", got.Notes)
			}
		})
	}
}

// eventOf is the event of a role's session that opens tcp.
func eventOf(role, cidr, port string) string {
	return fmt.Sprintf(`{"eventVersion": "1.08", "eventSource": "ec2.amazonaws.com", "eventName": "AuthorizeSecurityGroupIngress", "eventID": "e-1",
  "eventTime": "2026-11-21T11:59:00Z", "awsRegion": "us-east-1", "recipientAccountId": "111122223333",
  "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/%[1]s/session", "accountId": "111122223333",
    "sessionContext": {"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/%[1]s", "userName": "%[1]s"}}},
  "requestParameters": {"groupId": "%[4]s", "ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": %[3]s, "toPort": %[3]s,
    "groups": {}, "ipRanges": {"items": [{"cidrIp": "%[2]s"}]}, "ipv6Ranges": {}, "prefixListIds": {}}]}},
  "responseElements": {"_return": true}}`, role, cidr, port, group)
}

func TestAnExplanationOfAllThatCountsIsWrittenForPeople(t *testing.T) {
	t.Parallel()
	cfg := storeOf(t, map[string]string{
		"groups/":           `{"schema":1,"groupId":"` + group + `","ingress":[],"egress":[]}`,
		"approvals//oncall": `{"schema":1,"rules":["ingress tcp 22 203.0.113.7/32"],"expires":"2026-11-21T20:00:00Z","reason":"INC-1"}`,
		"approvals//typo":   `{"schema":1,"rules":["ingress tcp 22"],"expires":"2026-11-21T20:00:00Z","reason":"INC-1"}`,
		"pause":             `{"schema":1,"until":"2026-11-21T14:00:00Z","reason":"CHG-77"}`,
	})
	got := runCommand(t, &cfg, "", "explain", "--group-id", group, "--rule", "ingress tcp 22 203.0.113.7/32", "--rule", "ingress tcp 25 10.0.0.0/8")
	expect(t, got, 2)
	goldenText(t, "explain-circumstances", got.out)
}
