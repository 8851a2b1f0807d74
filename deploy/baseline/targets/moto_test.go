package targets_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/targets"
	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
)

const (
	production = "111122223333"
	staging    = "444455556666"
)

func roleOf(account string) string { return "arn:aws:iam::" + account + ":role/sgwarden-operator" }

func TestMain(m *testing.M) { os.Exit(localtest.Run(m)) }

// world is a local AWS with two accounts. The environment is that of somebody who has
// long-term credentials of neither account.
func world(t *testing.T) (url string) {
	t.Helper()
	url = localtest.SharedMoto(t)
	t.Setenv("AWS_PROFILE", "")
	t.Setenv("AWS_SESSION_TOKEN", "")
	for _, setting := range awsconfig.Environment(url, awsconfig.Keys) {
		name, value, _ := strings.Cut(setting, "=")
		t.Setenv(name, value)
	}
	for _, account := range []string{production, staging} {
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			put(t, url, account, region)
		}
	}
	return url
}

// sessionOf returns credentials of another account.
func sessionOf(t *testing.T, url, account string) aws.Credentials {
	t.Helper()
	answer, err := sts.NewFromConfig(awsconfig.New(url, awsconfig.Keys)).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String(roleOf(account)), RoleSessionName: aws.String("test"),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := answer.Credentials
	return aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}
}

// put writes a parameter that says where it is.
func put(t *testing.T, url, account, region string) {
	t.Helper()
	cfg := awsconfig.New(url, sessionOf(t, url, account))
	cfg.Region = region
	if _, err := ssm.NewFromConfig(cfg).PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: aws.String("/where/" + account + "-" + region), Value: aws.String("x"), Type: types.ParameterTypeString, Overwrite: aws.Bool(true),
	}); err != nil {
		t.Fatal(err)
	}
}

// profile writes a file of credentials with one profile in it.
func profile(t *testing.T, name string, keys aws.Credentials) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "credentials")
	text := fmt.Sprintf("[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\naws_session_token = %s\n", name, keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", path)
}

// list is a verb: it lists the parameters of a target.
func list(ctx context.Context, t targets.Target, out, _ io.Writer) (int, error) {
	cfg, err := targets.Config(ctx, t)
	if err != nil {
		return 1, err
	}
	answer, err := ssm.NewFromConfig(cfg).GetParametersByPath(ctx, &ssm.GetParametersByPathInput{Path: aws.String("/where")})
	if err != nil {
		return 1, fmt.Errorf("list the parameters: %w", err)
	}
	for _, p := range answer.Parameters {
		fmt.Fprintln(out, *p.Name)
	}
	return 0, nil
}

func TestAVerbRunsOverTwoAccountsAndTwoRegions(t *testing.T) {
	url := world(t)
	profile(t, "stage", sessionOf(t, url, staging))
	path := filepath.Join(t.TempDir(), "targets.yaml")
	if err := os.WriteFile(path, []byte(`schema: 1
targets:
  - account: "111122223333"
    name: production
    regions: [us-east-1, eu-west-1]
    role: arn:aws:iam::111122223333:role/sgwarden-operator
  - account: "777788889999"
    name: wrong
    regions: [us-east-1]
    profile: stage
  - account: "444455556666"
    name: staging
    regions: [eu-west-1, us-east-1]
    profile: stage
`), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := targets.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	summary, err := targets.Run(t.Context(), all, targets.Options{Out: &out, Errs: &errs}, list)
	if err != nil {
		t.Fatal(err)
	}
	const want = `== production us-east-1 ==
/where/111122223333-us-east-1

== production eu-west-1 ==
/where/111122223333-eu-west-1

== wrong us-east-1 ==

== staging eu-west-1 ==
/where/444455556666-eu-west-1

== staging us-east-1 ==
/where/444455556666-us-east-1
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	const wantErrs = "wrong us-east-1: the credentials of the profile \"stage\" are for account 444455556666, not for 777788889999: correct the file of targets\n"
	if diff := cmp.Diff(wantErrs, errs.String()); diff != "" {
		t.Error(diff)
	}
	if got := summary.String(); got != "5 targets: 4 fine, 1 failed: wrong us-east-1" || summary.Status() != 1 {
		t.Errorf("%s, status %d", got, summary.Status())
	}
}

// TestCredentialsComeFromWhereTheTargetSays runs where the environment has credentials
// of moto's own account, 123456789012.
func TestCredentialsComeFromWhereTheTargetSays(t *testing.T) {
	url := world(t)
	profile(t, "stage", sessionOf(t, url, staging))
	cases := map[string]struct {
		target targets.Target
		isARN  string // of the caller; empty: it fails
		want   string
	}{
		"the environment":                  {targets.Target{Account: "123456789012"}, "arn:aws:sts::123456789012:user/moto", ""},
		"the environment of another":       {targets.Target{Account: staging}, "", "the credentials of the environment are for account 123456789012, not for 444455556666"},
		"a profile, against environment":   {targets.Target{Account: staging, Profile: "stage"}, "arn:aws:sts::444455556666:assumed-role/sgwarden-operator/test", ""},
		"a profile of another account":     {targets.Target{Account: production, Profile: "stage"}, "", `the credentials of the profile "stage" are for account 444455556666, not for 111122223333`},
		"a profile that is not there":      {targets.Target{Account: staging, Profile: "none"}, "", `load the AWS configuration of the profile "none": `},
		"a role, named after who takes it": {targets.Target{Account: production, Role: roleOf(production), ExternalID: "x1"}, "arn:aws:sts::111122223333:assumed-role/sgwarden-operator/moto", ""},
		"a role of another account":        {targets.Target{Account: production, Role: roleOf(staging)}, "", "the credentials of the role " + roleOf(staging) + " are for account 444455556666, not for 111122223333"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.target.Region = "eu-west-1"
			cfg, err := targets.Config(t.Context(), c.target)
			if err != nil || c.isARN == "" {
				if c.want == "" || err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v, want %q", err, c.want)
				}
				return
			}
			identity, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
			if err != nil {
				t.Fatal(err)
			}
			if *identity.Arn != c.isARN || cfg.Region != "eu-west-1" {
				t.Errorf("%s in %s, want %s", *identity.Arn, cfg.Region, c.isARN)
			}
		})
	}
}

// TestOptionsReachEveryClient: a retryer that is not made is no retryer of the SDK's own.
func TestOptionsReachEveryClient(t *testing.T) {
	url := world(t)
	made := 0
	cfg, err := targets.Config(t.Context(), targets.Target{Account: production, Region: "us-east-1", Role: roleOf(production)},
		config.WithRetryer(func() aws.Retryer { made++; return retry.NewStandard() }))
	if err != nil {
		t.Fatal(err)
	}
	before := made
	if _, err := ssm.NewFromConfig(cfg).GetParametersByPath(t.Context(), &ssm.GetParametersByPathInput{Path: aws.String("/where")}); err != nil {
		t.Fatal(err)
	}
	if before == 0 || made == before {
		t.Errorf("%d retryers for STS, %d for SSM at %s", before, made-before, url)
	}
}

func TestAnInterruptEndsTheLookAtTheAccount(t *testing.T) {
	world(t)
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	if _, err := targets.Config(ctx, targets.Target{Account: production, Region: "us-east-1", Role: roleOf(production)}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
