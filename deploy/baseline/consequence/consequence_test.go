package consequence_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sgwarden/sgwarden/deploy/baseline/consequence"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/trail"
)

const (
	group   = "sg-0a"
	length  = 10 * time.Minute
	nothing = "ingress: []\negress: []\n"
	ssh     = "ingress: [{protocol: tcp, ports: '22', sources: [10.1.0.0/16]}]\negress: []\n"
	sshLive = "ingress tcp 22 10.1.0.0/16"
)

var now = time.Date(2026, 11, 21, 14, 54, 0, 0, time.UTC)

func document(t interface{ Fatal(...any) }, yaml string) *baseline.Document {
	doc, err := yamlfile.Decode([]byte("schema: 1\ngroupId: "+group+"\n"+yaml), group)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func liveRules(t interface{ Fatal(...any) }, texts ...string) []secgroup.LiveRule {
	var live []secgroup.LiveRule
	for _, text := range texts {
		r, err := rule.Parse(text)
		if err != nil {
			live = append(live, secgroup.LiveRule{Text: text, NotCanonical: errors.New("it has no canonical form")})
			continue
		}
		live = append(live, secgroup.LiveRule{Rule: r})
	}
	return live
}

// version is one that Parameter Store has; text "" can't be read.
func version(t interface{ Fatal(...any) }, number int64, yaml string, written time.Time) baseline.Version {
	v := baseline.Version{Stored: baseline.Stored{Version: number, ModifiedAt: written}}
	if yaml == "" {
		v.ReadError = errors.New("its parts are gone")
		return v
	}
	data, err := baseline.Encode(document(t, yaml))
	if err != nil {
		t.Fatal(err)
	}
	v.Value = data
	return v
}

func TestWhatBecomesOfLiveRules(t *testing.T) {
	t.Parallel()
	approval := func(text string) []*baseline.Approval {
		return []*baseline.Approval{{Name: "oncall", Rules: []rule.Rule{liveRules(t, text)[0].Rule}, Expires: now.Add(time.Hour), Reason: "INC-1"}}
	}
	pause := &baseline.Pause{Until: now.Add(2 * time.Hour), Reason: "CHG-77"}
	shortPause := &baseline.Pause{Until: now.Add(time.Minute), Reason: "CHG-77"}
	cases := map[string]struct {
		inForce   string // written an hour ago; empty for none
		file      string
		live      []string
		approvals []*baseline.Approval
		pause     *baseline.Pause
		want      []string
		revokes   int
	}{
		"nothing where all is permitted":                           {"", ssh, []string{sshLive}, nil, nil, nil, 0},
		"a new baseline revokes at once":                           {"", nothing, []string{sshLive}, nil, nil, []string{"revoked at once       ingress tcp 22 10.1.0.0/16  # no baseline rule permits tcp 22 from 10.1.0.0/16"}, 1},
		"a rule that was permitted is revoked when the grace ends": {ssh, nothing, []string{sshLive}, nil, nil, []string{"revoked at 15:04 UTC  ingress tcp 22 10.1.0.0/16  # when the grace ends: version 1 permits the rule until then"}, 1},
		"a rule that was not permitted is revoked at once":         {nothing, nothing, []string{sshLive}, nil, nil, []string{"revoked at once       ingress tcp 22 10.1.0.0/16  # no baseline rule permits tcp 22 from 10.1.0.0/16"}, 1},
		"a direction that becomes guarded has a grace":             {"ingress: []\n", nothing, []string{"egress all all 0.0.0.0/0"}, nil, nil, []string{"revoked at 15:04 UTC  egress all all 0.0.0.0/0  # when the grace ends: version 1 permits the rule until then"}, 1},
		"the file's own grace counts":                              {ssh, "graceMinutes: 60\n" + nothing, []string{sshLive}, nil, nil, []string{"revoked at 15:54 UTC  ingress tcp 22 10.1.0.0/16  # when the grace ends: version 1 permits the rule until then"}, 1},
		"no grace at all":                                          {ssh, "graceMinutes: 0\n" + nothing, []string{sshLive}, nil, nil, []string{"revoked at once       ingress tcp 22 10.1.0.0/16  # no baseline rule permits tcp 22 from 10.1.0.0/16"}, 1},
		"mode alert only reports":                                  {ssh, "mode: alert\ngraceMinutes: 0\n" + nothing, []string{sshLive}, nil, nil, []string{"only reported         ingress tcp 22 10.1.0.0/16  # mode alert: no baseline rule permits tcp 22 from 10.1.0.0/16"}, 0},
		"an approval keeps a rule":                                 {"", nothing, []string{sshLive}, approval(sshLive), nil, nil, 0},
		"an approval that no live rule uses is reported":           {"", nothing, nil, approval(sshLive), nil, []string{"unused approval       oncall  # it permits no live rule"}, 0},
		"a pause puts it off":                                      {"", nothing, []string{sshLive}, nil, pause, []string{"revoked at 16:54 UTC  ingress tcp 22 10.1.0.0/16  # when the pause ends (CHG-77)"}, 1},
		"a pause that ends before the grace doesn't":               {ssh, nothing, []string{sshLive}, nil, shortPause, []string{"revoked at 15:04 UTC  ingress tcp 22 10.1.0.0/16  # when the grace ends: version 1 permits the rule until then"}, 1},
		"a permitted rule that is not live is missing":             {"", ssh, nil, nil, nil, []string{"missing               ingress tcp 22 10.1.0.0/16  # permitted, and not live"}, 0},
		"with restore, a missing rule is restored":                 {"", "restore: true\n" + ssh, nil, nil, nil, []string{"restored              ingress tcp 22 10.1.0.0/16"}, 0},
		"in mode alert, a missing rule stays missing":              {"", "mode: alert\nrestore: true\n" + ssh, nil, nil, nil, []string{"missing               ingress tcp 22 10.1.0.0/16  # permitted, and not live"}, 0},
		"what only a violation carries is authorised first": {"", ssh, []string{"ingress tcp 22 10.0.0.0/8"}, nil, nil, []string{
			"revoked at once       ingress tcp 22 10.0.0.0/8  # only part of tcp 22 from 10.0.0.0/8 is permitted, by ingress tcp 22 10.1.0.0/16",
			"authorised first      ingress tcp 22 10.1.0.0/16  # live only within a rule that will be revoked",
		}, 1},
		"a rule without canonical form is not judged": {"", nothing, []string{"ingress of a strange kind"}, nil, nil, []string{"not judged            ingress of a strange kind  # only reported, never revoked"}, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var history []baseline.Version
			var inForce baseline.Stored
			if c.inForce != "" {
				history = append(history, version(t, 1, c.inForce, now.Add(-time.Hour)))
				inForce = history[0].Stored
			}
			doc := document(t, c.file)
			s := consequence.Situation{Approvals: c.approvals, Pause: c.pause}
			var err error
			if s.Grace, s.Unknown, err = consequence.GraceAfter(doc, inForce, history, length, now); err != nil {
				t.Fatal(err)
			}
			got := consequence.Of(doc, s, liveRules(t, c.live...), now)
			if diff := cmp.Diff(c.want, linesOf(got)); diff != "" {
				t.Error(diff)
			}
			if got.Revokes() != c.revokes {
				t.Errorf("it revokes %d, want %d", got.Revokes(), c.revokes)
			}
		})
	}
}

// linesOf are the lines as people see them, without their heading and indent.
func linesOf(l consequence.Live) []string {
	var lines []string
	for line := range strings.Lines(l.Text(func(_, text string) string { return text }, now)) {
		if line != "  live rules:\n" {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

func TestWhereAnEarlierVersionCannotBeReadNothingGoesBeforeTheGraceEnds(t *testing.T) {
	t.Parallel()
	history := []baseline.Version{version(t, 6, "", now.Add(-time.Hour))}
	doc := document(t, nothing)
	grace, unknown, err := consequence.GraceAfter(doc, history[0].Stored, history, length, now)
	if err != nil || !unknown.Equal(now.Add(length)) {
		t.Fatalf("unknown until %v, %v", unknown, err)
	}
	got := consequence.Of(doc, consequence.Situation{Grace: grace, Unknown: unknown}, liveRules(t, sshLive), now)
	want := []string{"revoked at 15:04 UTC  ingress tcp 22 10.1.0.0/16  # when the grace ends: earlier versions of the baseline can't be read"}
	if diff := cmp.Diff(want, linesOf(got)); diff != "" {
		t.Error(diff)
	}
}

func TestAWriteThatComesLaterHasALaterGrace(t *testing.T) {
	t.Parallel()
	history := []baseline.Version{version(t, 1, ssh, now.Add(-time.Hour))}
	doc := document(t, nothing)
	grace, _, err := consequence.GraceAfter(doc, history[0].Stored, history, length, now)
	if err != nil {
		t.Fatal(err)
	}
	live := liveRules(t, sshLive, "ingress tcp 23 10.1.0.0/16")
	planned := consequence.Of(doc, consequence.Situation{Grace: grace}, live, now)
	paused := consequence.Of(doc, consequence.Situation{Grace: grace, Pause: &baseline.Pause{Until: now.Add(12 * time.Minute)}}, live, now)
	for what, c := range map[string][2]string{
		"as planned":                          {planned.Next(now), "1 live rule revoked at once, 1 live rule revoked at 15:04 UTC"},
		"five minutes later":                  {planned.Delayed(5 * time.Minute).Next(now), "1 live rule revoked at once, 1 live rule revoked at 15:09 UTC"},
		"paused":                              {paused.Next(now), "2 live rules revoked at 15:06 UTC"},
		"paused, and five minutes later":      {paused.Delayed(5 * time.Minute).Next(now), "2 live rules revoked at 15:09 UTC"},
		"the plan itself stays as it was":     {planned.Next(now), "1 live rule revoked at once, 1 live rule revoked at 15:04 UTC"},
		"nothing is said where nothing is to": {consequence.Of(document(t, ssh), consequence.Situation{}, live[:1], now).Next(now), ""},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: got %q, want %q", what, c[0], c[1])
		}
	}
}

// TestThePlanIsWhatEnforcementDoesThen plans a push, and then judges as enforcement
// does right after the push and when the grace has ended.
func TestThePlanIsWhatEnforcementDoesThen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		inForce, file := drawDocument(t, "in force"), drawDocument(t, "file")
		history := []baseline.Version{version(t, 1, inForce, now.Add(-48*time.Hour))}
		doc := document(t, file)
		live := liveRules(t, drawRules(t, "live")...)
		grace, unknown, err := consequence.GraceAfter(doc, history[0].Stored, history, length, now)
		if err != nil {
			t.Fatal(err)
		}
		plan := consequence.Of(doc, consequence.Situation{Grace: grace, Unknown: unknown}, live, now)
		written := version(t, 2, file, now)
		history = append(history, written)
		revoked := func(at time.Time) []string {
			then, err := judge.GraceOf(doc, written.Stored, history, length, at)
			if err != nil {
				t.Fatal(err)
			}
			rules := []string{}
			for _, v := range judge.ByBaseline(doc, judge.Grounds{Grace: then}, trail.Trigger{MayRemove: true}, live, at).Violations {
				rules = append(rules, v.Rule.String())
			}
			slices.Sort(rules)
			return rules
		}
		if diff := cmp.Diff(revoked(now), plan.RevokedAtOnce); diff != "" {
			t.Fatalf("right after the push: %s", diff)
		}
		all := slices.Clone(plan.RevokedAtOnce)
		for _, r := range plan.RevokedAt {
			if slices.Contains(revoked(r.At.Add(-time.Second)), r.Rule) {
				t.Fatalf("%s is revoked before %v", r.Rule, r.At)
			}
			all = append(all, r.Rule)
		}
		slices.Sort(all)
		if diff := cmp.Diff(revoked(now.Add(doc.Grace(length))), all); diff != "" {
			t.Fatalf("when the grace has ended: %s", diff)
		}
	})
}

func drawRules(t *rapid.T, label string) []string {
	var rules []string
	for _, text := range []string{"ingress tcp 22 10.0.0.0/9", "ingress tcp 22 10.128.0.0/9", "ingress tcp 22 10.0.0.0/8", "ingress all all 10.1.0.0/16", "egress tcp 443 10.0.0.0/8"} {
		if rapid.Bool().Draw(t, label+" "+text) {
			rules = append(rules, text)
		}
	}
	return rules
}

func drawDocument(t *rapid.T, label string) string {
	lists := map[string][]string{"ingress": {}, "egress": {}}
	for _, text := range drawRules(t, label) {
		f := strings.Fields(text)
		peers, ports := map[string]string{"ingress": "sources", "egress": "destinations"}[f[0]], "ports: '"+f[2]+"', "
		if f[1] == "all" {
			ports = ""
		}
		lists[f[0]] = append(lists[f[0]], fmt.Sprintf("{protocol: %s, %s%s: [%s]}", f[1], ports, peers, f[3]))
	}
	text := fmt.Sprintf("ingress: [%s]\nmatch: %s\n", strings.Join(lists["ingress"], ", "), rapid.SampledFrom([]string{"covered", "exact"}).Draw(t, label+" match"))
	if rapid.Bool().Draw(t, label+" guards egress") {
		text += fmt.Sprintf("egress: [%s]\n", strings.Join(lists["egress"], ", "))
	}
	if rapid.Bool().Draw(t, label+" has a grace") {
		text += fmt.Sprintf("graceMinutes: %d\n", rapid.SampledFrom([]int{0, 1, 30}).Draw(t, label+" grace"))
	}
	return text
}

func TestMachinesGetListsAndNoNulls(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(consequence.Of(document(t, nothing), consequence.Situation{}, nil, now))
	want := `{"revokedAtOnce":[],"revokedAt":[],"reported":[],"authorisedFirst":[],"missing":[],"restored":[],"notJudged":[],"unusedApprovals":[]}`
	if diff := cmp.Diff(want, string(got)); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
