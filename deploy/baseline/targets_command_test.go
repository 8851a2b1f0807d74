package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
)

// runIn runs the command with a configuration, and returns what it prints.
func runIn(t *testing.T, cfg aws.Config, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	a := &app{Account: account.Account{Config: &cfg, Getenv: func(string) string { return "" }, Now: time.Now, Errs: &e}, in: strings.NewReader(""), out: &o}
	status = a.run(context.Background(), args)
	return status, o.String(), e.String()
}

// TestTargetsOfAnOrganization is the only test that has an organisation in the shared moto. Where there is none, moto lists no
// accounts, and AWS refuses.
func TestTargetsOfAnOrganization(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(t)
	call := []string{"targets", "--organization", "--regions", "us-east-1,eu-west-1", "--role", "operators/sgwarden"}
	if status, _, errs := runIn(t, cfg, call...); status != 1 || !strings.Contains(errs, "no account there is active") {
		t.Errorf("without an organisation: %d, %s", status, errs)
	}
	client := organizations.NewFromConfig(cfg)
	if _, err := client.CreateOrganization(t.Context(), &organizations.CreateOrganizationInput{FeatureSet: "ALL"}); err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, name := range []string{"Web shop", "old shop"} {
		made, err := client.CreateAccount(t.Context(), &organizations.CreateAccountInput{AccountName: &name, Email: aws.String(strings.ReplaceAll(name, " ", "-") + "@example.com")})
		if err != nil {
			t.Fatal(err)
		}
		ids[name] = *made.CreateAccountStatus.AccountId
	}
	if _, err := client.CloseAccount(t.Context(), &organizations.CloseAccountInput{AccountId: aws.String(ids["old shop"])}); err != nil {
		t.Fatal(err)
	}
	status, out, errs := runIn(t, cfg, call...)
	shop := "  - account: \"" + ids["Web shop"] + "\"\n    name: Web-shop\n    regions: [us-east-1, eu-west-1]\n    role: arn:aws:iam::" + ids["Web shop"] + ":role/operators/sgwarden\n"
	own := "  - account: \"123456789012\"\n    name: master\n    regions: [us-east-1, eu-west-1]\n"
	want := "schema: 1\ntargets:\n"
	if first := own + shop; ids["Web shop"] > "123456789012" {
		want += first
	} else {
		want += shop + own
	}
	if diff := cmp.Diff(want, out); diff != "" || status != 0 {
		t.Errorf("status %d, %s %s", status, diff, errs)
	}
	if diff := cmp.Diff("left out: account "+ids["old shop"]+" (old shop) is suspended\n", errs); diff != "" {
		t.Error(diff)
	}
}

func TestTargetsSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no source":   {[]string{"--regions", "us-east-1", "--role", "r"}, "say where the accounts come from: --organization"},
		"no regions":  {[]string{"--organization", "--role", "r"}, "--regions is missing"},
		"no role":     {[]string{"--organization", "--regions", "us-east-1"}, "--role is missing"},
		"a bad unit":  {[]string{"--organization", "--regions", "us-east-1", "--role", "r", "--ou", "sales"}, `--ou "sales": want the id`},
		"--targets":   {[]string{"--targets", os.DevNull}, "targets makes a file of accounts and regions: run it without --targets"},
		"an argument": {[]string{"now"}, `the argument "now" is one too many`},
	} {
		status, out, errs := runIn(t, aws.Config{}, append([]string{"targets"}, c.args...)...)
		if status != 1 || out != "" || !strings.Contains(errs, c.want) {
			t.Errorf("%s: %d, %q, %q", name, status, out, errs)
		}
	}
}
