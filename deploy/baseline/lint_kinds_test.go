package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLintOfOtherDocuments has for each kind a file with something wrong and, as a
// twin, one without.
func TestLintOfOtherDocuments(t *testing.T) {
	t.Parallel()
	valid := map[string]string{
		"approval.yaml":  "schema: 1\nrules:\n  - ingress tcp 22 203.0.113.7/32\nexpires: 2026-11-26T05:40:00Z\nreason: INC-1234\n",
		"guardrail.yaml": "schema: 1\nmode: alert\nforbid:\n  - {direction: ingress, protocol: tcp, ports: \"22\", widest: {ipv4: 24, ipv6: 48}}\n",
		"pause.json":     `{"schema": 1, "until": "2026-11-21T23:00:00Z", "reason": "migration CHG-77"}`,
		"trust.yml":      "schema: 1\nprincipals:\n  - arn: arn:aws:iam::111122223333:role/terraform-ci\n    pendingHours: 24\n",
	}
	wrong := map[string]string{
		"approval.yaml":  "schema: 1\nrules:\n  - ingress tcp 22 self\nexpires: 2027-11-26T05:40:00Z\n",
		"ended.yaml":     "schema: 1\nrules:\n  - ingress tcp 22 203.0.113.7/32\nexpires: 2026-11-21T11:00:00Z\nreason: INC-1234\n",
		"guardrail.yaml": "schema: 1\nmode: off\nforbid:\n  - {direction: ingress, protocol: tcp, ports: \"22\", widest: {ipv4: 33}}\n",
		"pause.json":     "{\"schema\": 1,\n \"until\": \"2026-11-23T23:00:00Z\",\n \"reason\": \"\"}",
		"trust.yml":      "schema: 1\nprincipals:\n  - arn: arn:aws:iam::111122223333:role/*\n    pendingHours: 200\n",
	}
	const mixed = "schema: 1\ngroupId: sg-0c\ningress: []\negress: []\nrules: []\n"
	cases := map[string]struct {
		files  map[string]string
		golden string
		status int
		errs   string
	}{
		"nothing is wrong":                           {valid, "lint-kinds-clean", 0, ""},
		"all that is wrong is listed with positions": {wrong, "lint-kinds-errors", 1, "baseline: 10 errors to correct before a push\n"},
		"a baseline with a foreign field is one":     {map[string]string{"a.yaml": mixed}, "lint-kinds-baseline", 1, "baseline: 1 error to correct before a push\n"},
		"two files of one kind are no conflict":      {map[string]string{"a.yaml": valid["trust.yml"], "b.yaml": valid["trust.yml"]}, "lint-kinds-two", 0, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range c.files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got := runCommand(t, nil, "", "lint", dir)
			if got.status != c.status || got.errs != c.errs {
				t.Errorf("got %d %q", got.status, got.errs)
			}
			goldenText(t, c.golden, strings.ReplaceAll(got.out, dir+"/", ""))
		})
	}
}
