package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

func rulesOf(t *testing.T, texts ...string) []rule.Rule {
	t.Helper()
	var rules []rule.Rule
	for _, text := range texts {
		r, err := rule.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, r)
	}
	return rules
}

func TestLiveRulesThatOnlyAnApprovalOrTheGracePermits(t *testing.T) {
	t.Parallel()
	const live = "ingress tcp 22 203.0.113.7/32"
	approvedFor := func(d time.Duration) judge.Grounds {
		return judge.Grounds{Approvals: []*baseline.Approval{{Name: "oncall", Rules: rulesOf(t, live), Expires: now.Add(d), Reason: "INC-1"}}}
	}
	former := document(t, "ingress: [{protocol: tcp, ports: '22', sources: [203.0.113.7/32]}]\negress: []\n")
	graceUntil := func(d time.Duration) judge.Grounds {
		return judge.Grounds{Grace: judge.Grace{Until: now.Add(d), Former: []judge.Former{{Version: 6, Document: former}}}}
	}
	cases := map[string]struct {
		grounds judge.Grounds
		want    []string
	}{
		"nothing permits it":         {judge.Grounds{}, []string{"+ ingress tcp 22 203.0.113.7/32  # would be revoked: no baseline rule permits tcp 22 from 203.0.113.7/32"}},
		"an approval permits it":     {approvedFor(time.Hour), []string{}},
		"an approval has ended":      {approvedFor(0), []string{"+ ingress tcp 22 203.0.113.7/32  # would be revoked: the approval oncall (INC-1) ended at 2026-11-21T12:00:00Z; no baseline rule permits tcp 22 from 203.0.113.7/32"}},
		"the grace permits it":       {graceUntil(152 * time.Minute), []string{"+ ingress tcp 22 203.0.113.7/32  # permitted until 14:32 UTC by version 6 (grace), then revoked"}},
		"the grace ends another day": {graceUntil(13 * time.Hour), []string{"+ ingress tcp 22 203.0.113.7/32  # permitted until 2026-11-22 01:00 UTC by version 6 (grace), then revoked"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := compareLive(document(t, nothing), c.grounds, []secgroup.LiveRule{{Rule: rulesOf(t, live)[0]}}, now)
			if diff := cmp.Diff(c.want, texts(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

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
	}
	stub := youngBaseline(t, "", now)
	stub.Inject("GetParameterHistory", 20, awsstub.Fault{Error: &awsstub.Error{Code: "AccessDeniedException", Message: "no", Status: 400}})
	got := explainIn(t, stub.Config(), nil, "--group-id", group, "--rule", ssh)
	expect(t, got, 2, "the baseline is new and its earlier versions can't be read, so nothing is revoked until 12:10 UTC")
}

func explainIn(t *testing.T, cfg aws.Config, env map[string]string, args ...string) ran {
	t.Helper()
	a := &app{getenv: func(name string) string { return env[name] }, in: strings.NewReader(""), now: func() time.Time { return now }, config: &cfg}
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
			map[string]string{"groups/": closed, "approvals//oncall": over}, ssh,
			"violation ingress tcp 22 203.0.113.7/32 | the approval oncall (INC-1) ended at 2026-11-21T11:00:00Z; no baseline rule permits tcp 22 from 203.0.113.7/32 | revoke it, and alert", "",
		},
		"an approval that is not needed": {
			map[string]string{"groups/": onlySSH, "approvals//oncall": oncall}, ssh,
			"permitted ingress tcp 22 203.0.113.7/32 | permitted by ingress tcp 22 203.0.113.7/32 | leave it", "",
		},
		"an approval against the guardrail": {
			map[string]string{"guardrail": strict, "approvals//oncall": oncall}, "ingress tcp 22 20.0.0.0/24",
			"permitted ingress tcp 22 20.0.0.0/24 | permitted by the approval oncall until 2026-11-21T20:00:00Z | leave it", "",
		},
		"an approval of what the guardrail permits": {
			map[string]string{"guardrail": strict, "approvals//oncall": oncall}, ssh,
			"permitted ingress tcp 22 203.0.113.7/32 | there is no baseline, and it breaks nothing of the guardrail | leave it", "",
		},
		"a broken approval":      {map[string]string{"groups/": closed, "approvals//oncall": "{"}, ssh, violation + "revoke it, and alert", "/oncall permits nothing: not JSON"},
		"a pause":                {map[string]string{"groups/": closed, "pause": paused}, ssh, violation + "would be reported only: sgwarden is paused until 2026-11-21T14:00:00Z (CHG-77)", ""},
		"a pause that has ended": {map[string]string{"groups/": closed, "pause": ended}, ssh, violation + "revoke it, and alert", ""},
		"a broken pause":         {map[string]string{"groups/": closed, "pause": "{"}, ssh, violation + "revoke it, and alert", "pauses nothing: not JSON"},
		"a pause before the guardrail": {
			map[string]string{"guardrail": strict, "pause": paused}, "ingress tcp 22 20.0.0.0/24",
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
	return p.configOf()
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
		"a trusted principal's grave rule":            {trusted, "", "", "terraform-ci", "10.0.0.0/8", "22", "revoke it, and alert"},
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
			a := &app{getenv: func(string) string { return "" }, now: func() time.Time { return now }, config: &cfg, prefix: "/sg-baseline"}
			trigger, nothing, err := a.readEvent(event)
			if err != nil || nothing != "" {
				t.Fatal(err, nothing)
			}
			trigger.Principal = "arn:aws:iam::111122223333:role/" + c.role
			g, err := a.groundsFor(t.Context(), trigger, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			got := g.explain(trigger, now)
			if len(got.Rules) != 1 || got.Rules[0].Verdict != verdictViolation || got.Rules[0].Would != c.would {
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

func TestTheDiffSaysWhatElseCounts(t *testing.T) {
	t.Parallel()
	cfg, dir, prefix, at := regionConfig(t, "us-west-2"), t.TempDir(), prefixOf(t), time.Now()
	in := func(d time.Duration) string { return at.Add(d).UTC().Format(time.RFC3339) }
	web := mustMake(t, cfg, "web", "ingress tcp 443 10.0.0.0/8", "ingress tcp 22 203.0.113.7/32", "ingress tcp 25 10.0.0.0/8")
	lone := mustMake(t, cfg, "lone", "ingress tcp 22 0.0.0.0/0")
	do := func(args ...string) ran { return runAt(t, at, &cfg, append(args, "--prefix", prefix)...) }
	permitting := func(ingress string) string {
		return `{"schema":1,"groupId":"` + web + `","graceMinutes":1440,"ingress":[` + ingress + `]}`
	}
	const tls = `{"protocol":"tcp","ports":"443","sources":["10.0.0.0/8"]}`
	putParameter(t, cfg, prefix+"/groups/"+web, permitting(tls+`,{"protocol":"tcp","ports":"25","sources":["10.0.0.0/8"]}`))
	putParameter(t, cfg, prefix+"/groups/"+web, permitting(tls))
	putParameter(t, cfg, prefix+"/guardrail", `{"schema":1,"mode":"enforce","forbid":[{"direction":"ingress","protocol":"tcp","ports":"22"}]}`)
	putParameter(t, cfg, prefix+"/approvals/"+web+"/oncall", `{"schema":1,"rules":["ingress tcp 22 203.0.113.7/32"],"expires":"`+in(8*time.Hour)+`","reason":"INC-1"}`)
	putParameter(t, cfg, prefix+"/approvals/"+web+"/unused", `{"schema":1,"rules":["ingress tcp 3306 203.0.113.7/32"],"expires":"`+in(8*time.Hour)+`","reason":"INC-2"}`)
	putParameter(t, cfg, prefix+"/approvals/"+lone+"/world", `{"schema":1,"rules":["ingress tcp 22 0.0.0.0/0"],"expires":"`+in(48*time.Hour)+`","reason":"INC-3"}`)
	putParameter(t, cfg, prefix+"/approvals/"+lone+"/broken", `{`)
	putParameter(t, cfg, prefix+"/pause", `{"schema":1,"until":"`+in(2*time.Hour)+`","reason":"CHG-77"}`)

	got := do("diff")
	expect(t, got, 2)
	goldenText(t, "diff-circumstances", hideTimes(strings.NewReplacer(web, "sg-web", lone, "sg-lone", prefix, "/PREFIX").Replace(got.out)))
	var found comparison
	if err := json.Unmarshal([]byte(do("diff", "--output", "json").out), &found); err != nil || found.PausedUntil == nil || found.PausedUntil.Format(time.RFC3339) != in(2*time.Hour) {
		t.Errorf("%v: paused until %v", err, found.PausedUntil)
	}
	if c := found.Groups[0].Changes[0]; c.Until == nil || c.Until.Sub(at).Round(time.Hour) != 24*time.Hour {
		t.Errorf("the grace ends at %v", c.Until)
	}

	write(t, filepath.Join(dir, "web.yaml"), "schema: 1\ngroupId: "+web+"\ningress: []\n")
	got = do("diff", dir, "--live")
	expect(t, got, 2)
	goldenText(t, "diff-circumstances-files", hideTimes(strings.NewReplacer(web, "sg-web", dir, "DIR").Replace(got.out)))

	putParameter(t, cfg, prefix+"/pause", `{`)
	expect(t, do("diff"), 2, "! the pause at "+prefix+"/pause pauses nothing: not JSON")
}

func TestACaptureLeavesOutWhatOnlyAnApprovalPermits(t *testing.T) {
	t.Parallel()
	cfg, dir, prefix, at := motoConfig(t), t.TempDir(), prefixOf(t), time.Now()
	ends := at.Add(8 * time.Hour).UTC().Format(time.RFC3339)
	id := mustMake(t, cfg, "approved", "ingress tcp 443 10.0.0.0/8", "ingress tcp 22 203.0.113.7/32", "ingress tcp 25 10.0.0.0/8")
	approve := func(name, rule, expires string) {
		t.Helper()
		putParameter(t, cfg, prefix+"/approvals/"+id+"/"+name, `{"schema":1,"rules":["`+rule+`"],"expires":"`+expires+`","reason":"INC-1"}`)
	}
	approve("oncall", "ingress tcp 22 203.0.113.0/24", ends)
	approve("over", "ingress tcp 25 10.0.0.0/8", "2020-01-01T00:00:00Z")
	approve("tls", "ingress tcp 443 10.0.0.0/8", ends)
	file := filepath.Join(dir, "approved.yaml")
	write(t, file, "schema: 1\ngroupId: "+id+"\ningress:\n  - {protocol: tcp, ports: '443', sources: [10.0.0.0/8]}\negress: []\n")
	capture := func() ran { return runAt(t, at, &cfg, "capture", "--group-id", id, "--out", dir, "--prefix", prefix) }
	got := capture()
	expect(t, got, 0, "ingress tcp 22 203.0.113.7/32 is left out: only the approval oncall permits it until "+ends+"; if the rule is to stay, add it to the file or allow it for good",
		"ingress tcp 25 10.0.0.0/8 is left out: the approval over (INC-1) has ended")
	if text := contents(t, dir)["approved.yaml"]; strings.Contains(text, "203.0.113.7") || strings.Contains(text, `"25"`) || !strings.Contains(text, `"443"`) {
		t.Errorf("got %s", text)
	}
	// What the file permits by itself stays.
	write(t, file, "schema: 1\ngroupId: "+id+"\ningress:\n  - {protocol: tcp, ports: '22', sources: [203.0.113.7/32]}\negress: []\n")
	if got := capture(); got.status != 0 || strings.Contains(got.out, "tcp 22 203.0.113.7/32 is left out") || !strings.Contains(contents(t, dir)["approved.yaml"], "203.0.113.7") {
		t.Errorf("got %+v", got)
	}
}
