package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
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
			got := compare.Live(document(t, nothing), c.grounds, []secgroup.LiveRule{{Rule: rulesOf(t, live)[0]}}, now)
			if diff := cmp.Diff(c.want, texts(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
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
	// A rule that the file permits by itself stays.
	write(t, file, "schema: 1\ngroupId: "+id+"\ningress:\n  - {protocol: tcp, ports: '22', sources: [203.0.113.7/32]}\negress: []\n")
	if got := capture(); got.status != 0 || strings.Contains(got.out, "tcp 22 203.0.113.7/32 is left out") || !strings.Contains(contents(t, dir)["approved.yaml"], "203.0.113.7") {
		t.Errorf("got %+v", got)
	}
}
