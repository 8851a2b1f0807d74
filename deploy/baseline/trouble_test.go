package main

import (
	"strings"
	"testing"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// parameterVerbs read one group's parameter, and do nothing else before.
var parameterVerbs = map[string][]string{
	"show":     {"show", group},
	"history":  {"history", group},
	"rollback": {"rollback", group, "--to", "1", "--yes"},
	"allow":    {"allow", group, "ingress tcp 443 10.0.0.0/8", "--for-good", "--allow-missing"},
	"approve":  {"allow", group, "ingress tcp 443 10.0.0.0/8", "--expires", "8h", "--reason", "INC-1", "--allow-missing"},
	"explain":  {"explain", "--group-id", group, "--rule", "ingress tcp 80 10.0.0.0/8"},
}

// TestWithoutRegionOrCredentials runs in the environment of somebody who has
// not set up AWS.
func TestWithoutRegionOrCredentials(t *testing.T) {
	for _, name := range []string{"AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9") // whatever happens, nothing leaves
	for name, args := range parameterVerbs {
		if got := runCommand(t, nil, "", args...); got.status != 1 || got.out != "" || got.errs != "baseline: no region: set AWS_REGION, or choose a profile with AWS_PROFILE\n" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	t.Setenv("AWS_REGION", "us-east-1")
	for name, args := range parameterVerbs {
		if got := runCommand(t, nil, "", args...); got.status != 1 || got.out != "" || !strings.HasPrefix(got.errs, "baseline: no AWS credentials: set AWS_PROFILE, or sign in first\n") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestVerbsThatAreDeniedOrThrottled(t *testing.T) {
	t.Parallel()
	denied := &awsstub.Error{Code: "AccessDeniedException", Message: "User ana is not authorized to perform ssm:X", Status: 400}
	throttled := &awsstub.Error{Code: "ThrottlingException", Message: "Rate exceeded", Status: 400}
	cases := map[string]struct {
		fault   *awsstub.Error
		times   int
		wantErr []string // none: it succeeds
	}{
		"denied":                    {denied, 20, []string{"/sg-baseline/groups/" + group, "not authorized to perform ssm:X", "use others, or have the permission added"}},
		"throttled for a moment":    {throttled, awsstub.Attempts - 1, nil},
		"throttled again and again": {throttled, awsstub.Attempts, []string{"/sg-baseline/groups/" + group, "Rate exceeded"}},
	}
	for verb, args := range parameterVerbs {
		for name, c := range cases {
			t.Run(verb+" "+name, func(t *testing.T) {
				t.Parallel()
				stub := twoVersions(t)
				for _, action := range []string{"GetParameterHistory", "GetParameters", "PutParameter"} {
					stub.Inject(action, c.times, awsstub.Fault{Error: c.fault})
				}
				cfg := stub.Config()
				got := runCommand(t, &cfg, "", args...)
				if len(c.wantErr) == 0 && got.status != 0 || len(c.wantErr) > 0 && got.status != 1 {
					t.Errorf("got %+v", got)
				}
				for _, says := range c.wantErr {
					if !strings.Contains(got.errs, says) {
						t.Errorf("got %+v, want %q", got, says)
					}
				}
			})
		}
	}
}

// twoVersions answers for a group with two versions of its baseline.
func twoVersions(t *testing.T) *awsstub.Stub {
	t.Helper()
	versions := []awsstub.Parameter{
		{Name: "/sg-baseline/groups/" + group, Type: "String", Value: fourVersions[1], Version: 1},
		{Name: "/sg-baseline/groups/" + group, Type: "String", Value: fourVersions[0], Version: 2},
	}
	stub := awsstub.New(0, map[string]awsstub.Handler{
		"GetParameterHistory": func(awsstub.Request) (any, error) { return awsstub.HistoryAnswer{Parameters: versions}, nil },
		"GetParameters": func(awsstub.Request) (any, error) {
			return awsstub.ParametersAnswer{Parameters: versions[1:]}, nil
		},
		"GetParametersByPath":    func(awsstub.Request) (any, error) { return awsstub.HistoryAnswer{}, nil },
		"DescribeSecurityGroups": noGroups,
		"PutParameter":           func(awsstub.Request) (any, error) { return map[string]any{"Version": 3}, nil },
	})
	t.Cleanup(stub.Close)
	return stub
}
