package awsenv

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"
)

// sent is what a client sends of a call: all that the environment has a say in.
type sent struct {
	URL, Scope, Token, Agent string
	Err                      bool
}

var errSent = errors.New("that is all")

// send has the clients of all services make a call each, and returns what they send.
func send(t *testing.T, cfg aws.Config) map[string]sent {
	t.Helper()
	all := map[string]sent{}
	for name, call := range map[string]func(context.Context, aws.Config) error{
		"ec2": func(ctx context.Context, cfg aws.Config) error {
			_, err := ec2.NewFromConfig(cfg).DescribeSecurityGroups(ctx, nil)
			return err
		},
		"ssm": func(ctx context.Context, cfg aws.Config) error {
			_, err := ssm.NewFromConfig(cfg).GetParameters(ctx, &ssm.GetParametersInput{Names: []string{"/a"}})
			return err
		},
		"sns": func(ctx context.Context, cfg aws.Config) error {
			_, err := sns.NewFromConfig(cfg).Publish(ctx, &sns.PublishInput{Message: aws.String("m"), TopicArn: aws.String("t")})
			return err
		},
	} {
		var s sent
		cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
		cfg.HTTPClient = clientFunc(func(r *http.Request) (*http.Response, error) {
			scope, _, _ := strings.Cut(r.Header.Get("Authorization"), ", SignedHeaders")
			s = sent{URL: r.URL.Scheme + "://" + r.URL.Host, Scope: scope, Token: r.Header.Get("X-Amz-Security-Token"), Agent: r.Header.Get("User-Agent")}
			return nil, errSent
		})
		err := call(t.Context(), cfg)
		s.Err = !errors.Is(err, errSent)
		all[name] = s
	}
	return all
}

type clientFunc func(*http.Request) (*http.Response, error)

func (f clientFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// TestTheConfigurationIsThatOfTheSDK compares what the clients send with a configuration
// of this package and with one of the SDK's module config, in the same environment.
func TestTheConfigurationIsThatOfTheSDK(t *testing.T) {
	keys := []string{"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=token"}
	for name, environment := range map[string][]string{
		"as Lambda sets it":                 {"AWS_REGION=us-east-1", "AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023"},
		"China":                             {"AWS_REGION=cn-north-1"},
		"GovCloud":                          {"AWS_REGION=us-gov-west-1"},
		"a region that nobody knows yet":    {"AWS_REGION=xx-north-9"},
		"the other name of the region":      {"AWS_DEFAULT_REGION=eu-west-3"},
		"both names of the region":          {"AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=eu-west-3"},
		"an endpoint for all":               {"AWS_REGION=us-east-1", "AWS_ENDPOINT_URL=http://127.0.0.1:4566"},
		"an endpoint for one":               {"AWS_REGION=us-east-1", "AWS_ENDPOINT_URL_SSM=https://vpce-1.ssm.us-east-1.vpce.amazonaws.com"},
		"an endpoint for each":              {"AWS_REGION=us-east-1", "AWS_ENDPOINT_URL=http://a", "AWS_ENDPOINT_URL_EC2=http://b", "AWS_ENDPOINT_URL_SNS=http://c"},
		"endpoints that are ignored":        {"AWS_REGION=us-east-1", "AWS_ENDPOINT_URL=http://a", "AWS_ENDPOINT_URL_EC2=http://b", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"},
		"endpoints that are not ignored":    {"AWS_REGION=us-east-1", "AWS_ENDPOINT_URL=http://a", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=False"},
		"FIPS":                              {"AWS_REGION=us-east-1", "AWS_USE_FIPS_ENDPOINT=TRUE"},
		"no FIPS":                           {"AWS_REGION=us-east-1", "AWS_USE_FIPS_ENDPOINT=false"},
		"dual stack":                        {"AWS_REGION=us-east-1", "AWS_USE_DUALSTACK_ENDPOINT=true"},
		"FIPS and dual stack":               {"AWS_REGION=us-gov-east-1", "AWS_USE_DUALSTACK_ENDPOINT=true", "AWS_USE_FIPS_ENDPOINT=true"},
		"a name for the user agent":         {"AWS_REGION=us-east-1", "AWS_SDK_UA_APP_ID=sgwarden"},
		"a mode of defaults":                {"AWS_REGION=us-east-1", "AWS_DEFAULTS_MODE=standard"},
		"a preferred way of signing":        {"AWS_REGION=us-east-1", "AWS_AUTH_SCHEME_PREFERENCE=sigv4a, sigv4"},
		"a clock that is not corrected":     {"AWS_REGION=us-east-1", "AWS_DISABLE_CLOCK_SKEW_CORRECTION=true"},
		"attempts, which the retryer knows": {"AWS_REGION=us-east-1", "AWS_MAX_ATTEMPTS=9", "AWS_RETRY_MODE=adaptive"},
	} {
		t.Run(name, func(t *testing.T) {
			setEnvironment(t, append(environment, keys...))
			ours, err := Config(os.Getenv)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := config.LoadDefaultConfig(t.Context(), config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(send(t, theirs), send(t, ours)); diff != "" {
				t.Errorf("-SDK +ours: %s", diff)
			}
			for what, same := range map[string]bool{
				"the mode of defaults": ours.DefaultsMode == theirs.DefaultsMode, "the ways of signing": cmp.Equal(ours.AuthSchemePreference, theirs.AuthSchemePreference),
				"the clock": ours.DisableClockSkewCorrection == theirs.DisableClockSkewCorrection, "the name": ours.AppID == theirs.AppID,
			} {
				if !same {
					t.Error(what, "differs")
				}
			}
		})
	}
}

// setEnvironment leaves no other variable of AWS's.
func setEnvironment(t *testing.T, environment []string) {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, value, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, value) // which puts it back
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	for _, variable := range environment {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
}

func TestAnEnvironmentThatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		environment map[string]string
		want        string // empty: it is fine
	}{
		"all that is needed":       {map[string]string{"AWS_REGION": "us-east-1"}, ""},
		"no region":                {nil, "AWS_REGION is missing"},
		"FIPS is a word":           {map[string]string{"AWS_REGION": "us-east-1", "AWS_USE_FIPS_ENDPOINT": "yes"}, `AWS_USE_FIPS_ENDPOINT is "yes": want true or false`},
		"dual stack is a word":     {map[string]string{"AWS_REGION": "us-east-1", "AWS_USE_DUALSTACK_ENDPOINT": "1"}, `AWS_USE_DUALSTACK_ENDPOINT is "1"`},
		"ignoring is a word":       {map[string]string{"AWS_REGION": "us-east-1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "on"}, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"},
		"attempts are a word":      {map[string]string{"AWS_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "many"}, `AWS_MAX_ATTEMPTS is "many"`},
		"a way of trying again":    {map[string]string{"AWS_REGION": "us-east-1", "AWS_RETRY_MODE": "often"}, `AWS_RETRY_MODE is "often"`},
		"a mode that nobody knows": {map[string]string{"AWS_REGION": "us-east-1", "AWS_DEFAULTS_MODE": "fast"}, `AWS_DEFAULTS_MODE is "fast"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Config(func(name string) string { return c.environment[name] })
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestCredentialsThatAreMissingAreAnErrorOfTheCall(t *testing.T) {
	t.Parallel()
	cfg, err := Config(func(name string) string { return map[string]string{"AWS_REGION": "us-east-1"}[name] })
	if err != nil {
		t.Fatal(err)
	}
	_, err = ssm.NewFromConfig(cfg).GetParameters(t.Context(), &ssm.GetParametersInput{Names: []string{"/a"}})
	if err == nil || !strings.Contains(err.Error(), "there are no credentials in the environment: AWS_ACCESS_KEY_ID") {
		t.Errorf("got %v", err)
	}
}
