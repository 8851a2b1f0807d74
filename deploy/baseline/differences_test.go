package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// document is a baseline of rules for good: "# ..." is a description, and
// settings stand before them.
func document(t *testing.T, yaml string) *baseline.Document {
	t.Helper()
	doc, err := yamlfile.Decode([]byte("schema: 1\ngroupId: sg-0a\n"+yaml), "sg-0a")
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// texts writes differences as people see them.
func texts(differences []compare.Difference) []string {
	lines := []string{}
	for _, d := range differences {
		lines = append(lines, d.Text(func(_, text string) string { return text }, 0))
	}
	return lines
}

const (
	sshFromTwo  = "ingress: [{protocol: tcp, ports: '22', sources: [10.1.0.0/16, 10.2.0.0/16], description: ssh}]\negress: []\n"
	sshAsTwo    = "ingress: [{protocol: '6', ports: '22', sources: [10.2.0.0/16], description: ssh}, {protocol: tcp, ports: '22', sources: [10.1.0.0/16], description: ssh}]\negress: []\n"
	onlyIngress = "ingress: [{protocol: tcp, ports: '22', sources: [10.1.0.0/16], description: ssh}]\n"
	sshFromOne  = onlyIngress + "egress: []\n"
	sshFromAll  = "ingress: [{protocol: tcp, ports: '22', sources: [10.0.0.0/8]}]\negress: []\n"
	nothing     = "ingress: []\negress: []\n"
	anException = "exceptions: [{direction: egress, protocol: tcp, ports: '25', destinations: [10.0.0.1/32], expires: 2026-12-01T09:00:00+01:00, reason: INC-1, approvedBy: ana}]\n"
)

func TestDocumentsAreComparedByWhatTheyMean(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		from, to string
		want     []string
	}{
		"the same":                         {sshFromTwo, sshFromTwo, []string{}},
		"grouped and ordered in other way": {sshFromTwo, sshAsTwo, []string{}},
		"defaults written out":             {sshFromOne, "mode: enforce\nmatch: covered\nrestore: false\n" + sshFromOne, []string{}},
		"other settings": {
			"groupName: web\n" + sshFromOne, "groupName: www\nmode: alert\nmatch: exact\nrestore: true\n" + sshFromOne,
			[]string{"~ groupName: web -> www", "~ mode: enforce -> alert", "~ match: covered -> exact", "~ restore: false -> true"},
		},
		"a grace of its own":       {sshFromOne, "graceMinutes: 30\n" + sshFromOne, []string{"~ graceMinutes: (none) -> 30"}},
		"no grace any more at all": {"graceMinutes: 30\n" + sshFromOne, "graceMinutes: 0\n" + sshFromOne, []string{"~ graceMinutes: 30 -> 0"}},
		"a rule more":              {sshFromOne, sshFromTwo, []string{"+ ingress tcp 22 10.2.0.0/16"}},
		"a rule less":              {sshFromTwo, sshFromOne, []string{"- ingress tcp 22 10.2.0.0/16"}},
		"a description":            {sshFromOne, "ingress: [{protocol: tcp, ports: '22', sources: [10.1.0.0/16]}]\negress: []\n", []string{`~ ingress tcp 22 10.1.0.0/16: description "ssh" -> ""`}},
		"an empty one":             {sshFromOne, nothing, []string{"- ingress tcp 22 10.1.0.0/16"}},
		"from there not":           {"", sshFromOne, []string{"+ ingress tcp 22 10.1.0.0/16"}},
		"a wider rule instead of a narrow one": {sshFromOne, sshFromAll, []string{
			"+ ingress tcp 22 10.0.0.0/8", "- ingress tcp 22 10.1.0.0/16  # still permitted by ingress tcp 22 10.0.0.0/8",
		}},
		"a narrow rule instead of a wider one": {sshFromAll, sshFromOne, []string{
			"- ingress tcp 22 10.0.0.0/8", "+ ingress tcp 22 10.1.0.0/16  # permitted already by ingress tcp 22 10.0.0.0/8",
		}},
		"a direction that is not guarded any more": {
			onlyIngress + "egress: [{protocol: tcp, ports: '443', destinations: [10.0.0.0/8]}]\n" + anException, onlyIngress,
			[]string{
				"~ egress: guarded -> not guarded",
				"- egress tcp 25 10.0.0.1/32  # exception until 2026-12-01T08:00:00Z (INC-1, approved by ana); still permitted since egress is not guarded",
				"- egress tcp 443 10.0.0.0/8  # still permitted since egress is not guarded",
			},
		},
		"a direction that becomes guarded": {
			onlyIngress, onlyIngress + "egress: [{protocol: tcp, ports: '443', destinations: [10.0.0.0/8]}]\n",
			[]string{"~ egress: not guarded -> guarded", "+ egress tcp 443 10.0.0.0/8  # permitted already while egress was not guarded"},
		},
		"a new one that guards one direction": {"", onlyIngress, []string{"+ ingress tcp 22 10.1.0.0/16"}},
		"an exception more":                   {nothing, nothing + anException, []string{"+ egress tcp 25 10.0.0.1/32  # exception until 2026-12-01T08:00:00Z (INC-1, approved by ana)"}},
		"an exception less":                   {nothing + anException, nothing, []string{"- egress tcp 25 10.0.0.1/32  # exception until 2026-12-01T08:00:00Z (INC-1, approved by ana)"}},
		"an exception made a rule": {nothing + anException, "ingress: []\negress: [{protocol: tcp, ports: '25', destinations: [10.0.0.1/32]}]\n", []string{
			"- egress tcp 25 10.0.0.1/32  # exception until 2026-12-01T08:00:00Z (INC-1, approved by ana); still permitted by egress tcp 25 10.0.0.1/32",
			"+ egress tcp 25 10.0.0.1/32",
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var from *baseline.Document
			if c.from != "" {
				from = document(t, c.from)
			}
			if diff := cmp.Diff(c.want, texts(compare.Documents(from, document(t, c.to)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestANewBaselineIsShownWithItsSettings(t *testing.T) {
	t.Parallel()
	for settings, want := range map[string]string{
		"":                                "mode enforce",
		"mode: enforce\nmatch: covered\n": "mode enforce",
		"mode: alert\n":                   "mode alert",
		"mode: alert\nmatch: exact\nrestore: true\n": "mode alert, match exact, restore true",
		"restore: true\n":   "mode enforce, restore true",
		"graceMinutes: 0\n": "mode enforce, graceMinutes 0",
		onlyIngress:         "mode enforce, egress not guarded",
		"egress: []\n":      "mode enforce, ingress not guarded",
	} {
		if !strings.Contains(settings, "gress:") {
			settings += nothing
		}
		g, err := storeFileDiff(baseline.GroupDocument{}, basefile.File{Contents: basefile.Contents{Doc: document(t, settings)}})
		if diff := cmp.Diff([]string{"has no baseline in Parameter Store yet; with this it would be guarded (" + want + ")"}, g.Remarks); err != nil || diff != "" {
			t.Errorf("%q: %v %s", settings, err, diff)
		}
	}
}

func TestLiveRulesAreJudgedAsEnforcementDoes(t *testing.T) {
	t.Parallel()
	expired := "exceptions: [{direction: ingress, protocol: tcp, ports: '25', sources: [10.0.0.1/32], expires: 2026-01-01T09:00:00Z, reason: INC-1}]\n"
	cases := map[string]struct {
		doc  string
		live []string
		want []string
	}{
		"as approved":             {sshFromOne, []string{"ingress tcp 22 10.1.0.0/16"}, []string{}},
		"covered":                 {sshFromAll, []string{"ingress tcp 22 10.0.0.0/9", "ingress tcp 22 10.128.0.0/9"}, []string{}},
		"a running exception":     {nothing + anException, []string{"egress tcp 25 10.0.0.1/32"}, []string{}},
		"an exception not used":   {nothing + anException, nil, []string{}},
		"a violation":             {nothing, []string{"ingress tcp 22 0.0.0.0/0"}, []string{"+ ingress tcp 22 0.0.0.0/0  # would be revoked: no baseline rule permits tcp 22 from 0.0.0.0/0"}},
		"a violation, mode alert": {"mode: alert\n" + nothing, []string{"ingress tcp 22 0.0.0.0/0"}, []string{"+ ingress tcp 22 0.0.0.0/0  # would be reported (mode alert): no baseline rule permits tcp 22 from 0.0.0.0/0"}},
		"covered, but match exact": {"match: exact\n" + sshFromAll, []string{"ingress tcp 22 10.0.0.0/8", "ingress tcp 22 10.1.0.0/16"}, []string{
			"+ ingress tcp 22 10.1.0.0/16  # would be revoked: ingress tcp 22 10.0.0.0/8 would cover it, but the baseline asks for exact matches and none is ingress tcp 22 10.1.0.0/16",
		}},
		"missing":                      {sshFromOne, nil, []string{"- ingress tcp 22 10.1.0.0/16  # missing: would be reported"}},
		"missing, restore":             {"restore: true\n" + sshFromOne, nil, []string{"- ingress tcp 22 10.1.0.0/16  # missing: would be restored"}},
		"missing, restore, mode alert": {"mode: alert\nrestore: true\n" + sshFromOne, nil, []string{"- ingress tcp 22 10.1.0.0/16  # missing: would be reported (mode alert)"}},
		"widened": {sshFromOne, []string{"ingress tcp 22 10.0.0.0/8"}, []string{
			"+ ingress tcp 22 10.0.0.0/8  # would be revoked: only part of tcp 22 from 10.0.0.0/8 is permitted, by ingress tcp 22 10.1.0.0/16",
			"- ingress tcp 22 10.1.0.0/16  # live only within a rule that isn't permitted: would be authorised before that one is revoked",
		}},
		"an expired exception": {nothing + expired, []string{"ingress tcp 25 10.0.0.1/32"}, []string{
			"+ ingress tcp 25 10.0.0.1/32  # would be revoked: the exception (INC-1) expired at 2026-01-01T09:00:00Z; no baseline rule permits tcp 25 from 10.0.0.1/32",
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var live []secgroup.LiveRule
			for _, text := range c.live {
				r, err := rule.Parse(text)
				if err != nil {
					t.Fatal(err)
				}
				live = append(live, secgroup.LiveRule{Rule: r})
			}
			doc := document(t, c.doc)
			got := compare.Live(doc, judge.Grounds{}, live, now)
			if diff := cmp.Diff(c.want, texts(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
