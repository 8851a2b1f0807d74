package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTheDocumentsOfABacktestInFiles(t *testing.T) {
	t.Parallel()
	const (
		group     = "sg-0a1b2c3d4e5f60718"
		web       = "schema: 1\ngroupId: " + group + "\ningress: []\n"
		guardrail = "schema: 1\nforbid: []\n"
		approval  = `{"schema": 1, "rules": ["ingress tcp 22 203.0.113.7/32"], "expires": "2020-11-26T05:40:00Z", "reason": "INC-1"}`
		pause     = `{"schema": 1, "until": "2020-11-25T23:00:00Z", "reason": "migration"}`
		trust     = `{"schema": 1, "principals": [{"arn": "arn:aws:iam::111122223333:role/ci", "pendingHours": 24}]}`
		list      = "schema: 1\nprefixListId: pl-0a1b2c3d4e5f60718\nentries: [{cidr: 10.0.0.0/8}]\n"
	)
	cases := map[string]struct {
		files map[string]string
		says  string // empty: no error
	}{
		"one of each kind": {map[string]string{
			"web.yaml": web, "guardrail.yaml": guardrail, "approvals/" + group + "/inc.json": approval, "pause.json": pause, "trust.json": trust, "list.yaml": list,
		}, ""},
		"an approval that names no group": {map[string]string{"web.yaml": web, "inc.json": approval}, "inc.json: an approval does not say its group"},
		"two guardrails":                  {map[string]string{"a.yaml": guardrail, "b.yaml": guardrail}, "b.yaml: there is another file of this kind"},
		"nothing to judge by":             {map[string]string{"trust.json": trust}, "there is no baseline and no guardrail to judge by"},
		"a baseline with an error":        {map[string]string{"web.yaml": "schema: 1\ngroupId: " + group + "\ningres: []\n"}, "web.yaml:"},
		"an approval without an end":      {map[string]string{"web.yaml": web, "approvals/" + group + "/inc.json": `{"schema": 1, "rules": ["ingress tcp 22 203.0.113.7/32"], "reason": "INC-1"}`}, "expires"},
		"an approval with a wrong rule":   {map[string]string{"web.yaml": web, "approvals/" + group + "/inc.json": strings.Replace(approval, "tcp 22", "tcp x", 1)}, "inc.json"},
		"two baselines of the same group": {map[string]string{"a.yaml": web, "b.yaml": web}, "both for " + group},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range c.files {
				path := filepath.Join(dir, file)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			d, err := documentsInFiles([]string{dir})
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("got %v, want %s", err, c.says)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			from := time.Date(2020, 11, 24, 23, 0, 0, 0, time.UTC)
			if len(d.Baselines) != 1 || d.Guardrail == nil || d.Trust == nil || d.Pause == nil || !d.PausedFrom.Equal(from) ||
				len(d.Approvals[group]) != 1 || d.Approvals[group][0].Name != "inc" {
				t.Errorf("got %+v", d)
			}
		})
	}
}
