package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
)

func TestDoctorRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ args, want string }{
		"no name of a stack": {"--stack-name=", `--stack-name "" is not the name of a stack`},
		"an argument":        {"sgwarden", `doctor: the argument "sgwarden" is one too many`},
		"no flag of it":      {"--days 3", "unknown flag: --days"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, &aws.Config{}, "", append([]string{"doctor"}, strings.Fields(c.args)...)...)
			if got.status != 1 || got.out != "" || !strings.Contains(got.errs, c.want) {
				t.Errorf("got %+v, want %q", got, c.want)
			}
		})
	}
}

// TestDoctorWithOutputJSONHasEachCheck looks at a stack that has nothing but queues, so that many
// checks fail.
func TestDoctorWithOutputJSONHasEachCheck(t *testing.T) {
	t.Parallel()
	b := newLetterBox(t, "doctor-json")
	b.put(t, "NotifierFailures", "x")
	got := runCommand(t, &b.config, "", "doctor", "--stack-name", b.stack, "--regions", "none", "--prefix", prefixOf(t), "--output", "json")
	var checks []map[string]string
	if err := json.Unmarshal([]byte(got.out), &checks); err != nil {
		t.Fatalf("%v: %+v", err, got)
	}
	found := map[string]map[string]string{}
	for _, c := range checks {
		found[c["check"]] = c
		if len(c) != 4 {
			t.Errorf("a check has not four members: %v", c)
		}
	}
	if got.status != 2 || got.errs != "" {
		t.Errorf("status %d, errors %q", got.status, got.errs)
	}
	for check, status := range map[string]string{"identity": "ok", "stack": "ok", "queue NotifierFailures": "FAIL", "mode": "FAIL", "rules": "FAIL"} {
		if found[check]["status"] != status {
			t.Errorf("%s: got %v, want status %s", check, found[check], status)
		}
	}
	if hint := found["queue NotifierFailures"]["hint"]; hint != "deploy/redrive.sh --stack-name doctor-json" {
		t.Errorf("hint %q", hint)
	}
}

// TestDoctorsHintsWorkInTheRegionThatWasLookedAt: somebody pastes them into a shell of another region.
func TestDoctorsHintsWorkInTheRegionThatWasLookedAt(t *testing.T) {
	t.Parallel()
	b := newLetterBox(t, "doctor-hints")
	b.put(t, "NotifierFailures", "x")
	doctor := []string{"doctor", "--stack-name", b.stack, "--regions", "none", "--prefix", prefixOf(t)}
	const hint, there = "-> deploy/redrive.sh --stack-name doctor-hints\n", "-> AWS_REGION=us-east-1 deploy/redrive.sh --stack-name doctor-hints\n"
	for name, c := range map[string]struct {
		elsewhere bool
		args      []string
		want      string
	}{
		"the region of the environment": {false, nil, hint},
		"a region that was asked for":   {false, []string{"--region", "us-east-1"}, there},
		"the region of a target":        {true, nil, there},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := b.config.Copy()
			a := &app{Account: account.Account{Getenv: func(string) string { return "" }, Now: func() time.Time { return now }, Config: &cfg}, in: strings.NewReader(""), elsewhere: c.elsewhere}
			if got := run(t, a, append(slices.Clone(doctor), c.args...)...); !strings.Contains(got.out, c.want) {
				t.Errorf("no %q in\n%s%s", c.want, got.out, got.errs)
			}
		})
	}
}

func TestDoctorNeedsTheStack(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	got := runCommand(t, &cfg, "", "doctor", "--stack-name", "none")
	if want := "baseline: there is no stack none in region us-east-1: see --stack-name and --region\n"; got.status != 1 || got.out != "" || got.errs != want {
		t.Errorf("got %+v, want %q", got, want)
	}
}

// TestDoctorRunsOverTargets finds no stack in any of them, which stops no other.
func TestDoctorRunsOverTargets(t *testing.T) {
	t.Parallel()
	e := newFolder(t)
	got := e.run(t, "doctor", "--stack-name", "none", "--regions", "eu-west-1,eu-west-2", "--targets", "four.yaml")
	if n := strings.Count(got.out+got.errs, "there is no stack none in region"); n != 4 || got.status != 1 {
		t.Errorf("%d targets of 4 said that there is no stack: %+v", n, got)
	}
}
