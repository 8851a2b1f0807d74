package baseline_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/baseline/yamlfile"
)

func TestVersionsAreCompared(t *testing.T) {
	t.Parallel()
	const head = "schema: 1\ngroupId: sg-0a\n"
	const https = "ingress: [{protocol: tcp, ports: 443, sources: [10.0.0.0/8]}]\n"
	const both = https + "egress: []\n"
	exception := func(expires string) string {
		return "exceptions: [{direction: egress, protocol: tcp, ports: 22, destinations: [self], expires: " + expires + "}]\n"
	}
	cases := map[string]struct {
		before, after string
		want          baseline.Difference
	}{
		"the first one permits all it has more":           {"", https + "mode: alert\n", baseline.Difference{More: []string{"ingress tcp 443 10.0.0.0/8"}}},
		"the same is no difference":                       {https, https, baseline.Difference{}},
		"another spelling and description is none":        {both, "egress: []\ningress: [{protocol: 6, ports: 443-443, sources: [10.0.0.0/8], description: x}]\n", baseline.Difference{}},
		"what a wider rule covers is not less":            {https, "ingress: [{protocol: all, sources: [10.0.0.0/8]}]\n", baseline.Difference{More: []string{"ingress all all 10.0.0.0/8"}}},
		"a narrower rule is less":                         {https, "ingress: [{protocol: tcp, ports: 443, sources: [10.0.0.0/9]}]\n", baseline.Difference{Less: []string{"ingress tcp 443 10.0.0.0/8"}}},
		"an exception is reported with its end":           {both, both + exception("2026-12-01T10:00:00+01:00"), baseline.Difference{More: []string{"egress tcp 22 sg-0a until 2026-12-01T09:00:00Z"}}},
		"a longer exception is another one":               {both + exception("2026-12-01T09:00:00Z"), both + exception("2026-12-02T09:00:00Z"), baseline.Difference{More: []string{"egress tcp 22 sg-0a until 2026-12-02T09:00:00Z"}, Less: []string{"egress tcp 22 sg-0a until 2026-12-01T09:00:00Z"}}},
		"an exception made permanent permits more":        {"egress: []\n" + exception("2026-12-01T09:00:00Z"), "egress: [{protocol: tcp, ports: 22, destinations: [self]}]\n", baseline.Difference{More: []string{"egress tcp 22 sg-0a"}, Less: []string{"egress tcp 22 sg-0a until 2026-12-01T09:00:00Z"}}},
		"one that has expired permits nothing":            {both, both + exception("2026-11-21T12:00:00Z"), baseline.Difference{}},
		"settings are listed beside what they hold for":   {https, https + "mode: alert\nmatch: exact\nrestore: true\n", baseline.Difference{Settings: []string{"mode: alert, was enforce", "match: exact, was covered", "restore: true, was false"}}},
		"a grace period of none is reported":              {https + "graceMinutes: 10\n", https + "graceMinutes: 0\n", baseline.Difference{Settings: []string{"graceMinutes: 0, was 10"}}},
		"a grace period that is set is reported":          {https, https + "graceMinutes: 0\n", baseline.Difference{Settings: []string{"graceMinutes: 0, was not set"}}},
		"a grace period that is not set any more":         {https + "graceMinutes: 0\n", https, baseline.Difference{Settings: []string{"graceMinutes: not set, was 0"}}},
		"the same grace period is not a setting":          {https + "graceMinutes: 10\n", https + "graceMinutes: 10\n", baseline.Difference{}},
		"the grace period of a first one is not reported": {"", "ingress: []\ngraceMinutes: 0\n", baseline.Difference{}},
		"a default that is written out is not a setting":  {https, https + "mode: enforce\nmatch: covered\n", baseline.Difference{}},
		"egress that is not guarded any more": {
			https + "egress: [{protocol: tcp, ports: 25, destinations: [self]}]\n" + exception("2026-12-01T09:00:00Z"), https,
			baseline.Difference{Settings: []string{"egress: not guarded any more, was guarded"}},
		},
		"egress that becomes guarded": {
			https, https + "egress: [{protocol: tcp, ports: 25, destinations: [self]}]\n" + exception("2026-12-01T09:00:00Z"),
			baseline.Difference{Settings: []string{"egress: guarded, was not guarded"}},
		},
		"one direction guarded instead of the other": {
			https, "egress: [{protocol: all, destinations: [self]}]\n",
			baseline.Difference{Settings: []string{"ingress: not guarded any more, was guarded", "egress: guarded, was not guarded"}},
		},
		"the rules of a direction that stays guarded are reported": {
			both, "ingress: []\n",
			baseline.Difference{Less: []string{"ingress tcp 443 10.0.0.0/8"}, Settings: []string{"egress: not guarded any more, was guarded"}},
		},
		"a first one that guards one direction has no setting to list": {"", "egress: []\n", baseline.Difference{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read := func(text string) *baseline.Document {
				if text == "" {
					return nil
				}
				doc, err := yamlfile.Decode([]byte(head+text), "")
				if err != nil {
					t.Fatal(err)
				}
				return doc
			}
			got := baseline.Compare(read(c.before), read(c.after), time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if none := len(c.want.More)+len(c.want.Less)+len(c.want.Settings) == 0; got.None() != none {
				t.Errorf("None is %v", got.None())
			}
		})
	}
}
