package wiring_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/functions/wiring"
	"github.com/sgwarden/sgwarden/pkg/awsenv"
)

// asked is where clients really send their calls.
func asked(t *testing.T, cfg aws.Config) []string {
	t.Helper()
	var hosts []string
	cfg.HTTPClient = clientFunc(func(r *http.Request) (*http.Response, error) {
		hosts = append(hosts, r.URL.Scheme+"://"+r.URL.Host)
		return nil, errStopped
	})
	cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	_, err := ec2.NewFromConfig(cfg).DescribeSecurityGroups(t.Context(), nil)
	_, ssmErr := ssm.NewFromConfig(cfg).GetParameters(t.Context(), &ssm.GetParametersInput{Names: []string{"/a"}})
	_, snsErr := sns.NewFromConfig(cfg).Publish(t.Context(), &sns.PublishInput{Message: aws.String("m")})
	for _, err := range []error{err, ssmErr, snsErr} {
		if !errors.Is(err, errStopped) {
			t.Fatal(err)
		}
	}
	return hosts
}

type clientFunc func(*http.Request) (*http.Response, error)

func (f clientFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// TestConnectionsAreOpenedToWhereTheCallsGo in every partition, and where the environment
// says otherwise.
func TestConnectionsAreOpenedToWhereTheCallsGo(t *testing.T) {
	t.Parallel()
	for name, environment := range map[string]map[string]string{
		"us-east-1":            {"AWS_REGION": "us-east-1"},
		"China":                {"AWS_REGION": "cn-north-1"},
		"GovCloud with FIPS":   {"AWS_REGION": "us-gov-west-1", "AWS_USE_FIPS_ENDPOINT": "true"},
		"an isolated region":   {"AWS_REGION": "us-iso-east-1"},
		"a region of tomorrow": {"AWS_REGION": "xx-north-9"},
		"dual stack":           {"AWS_REGION": "us-east-1", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
		"an endpoint for all":  {"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566"},
		"a VPC endpoint":       {"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL_SSM": "https://vpce-1.ssm.us-east-1.vpce.amazonaws.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"] = "AKID", "secret"
			cfg, err := awsenv.Config(func(name string) string { return environment[name] })
			if err != nil {
				t.Fatal(err)
			}
			var opened []string
			for _, w := range wiring.Endpoints(context.Background(), cfg, wiring.Calls{EC2: 1, SSM: 1, SNS: 1}) {
				opened = append(opened, w.URL.Scheme+"://"+w.URL.Host)
			}
			if diff := cmp.Diff(asked(t, cfg), opened); diff != "" {
				t.Errorf("-asked +opened: %s", diff)
			}
		})
	}
}

func TestAServiceThatIsNotCalledGetsNoConnection(t *testing.T) {
	t.Parallel()
	cfg := aws.Config{Region: "us-east-1"}
	got := wiring.Endpoints(t.Context(), cfg, wiring.Calls{SSM: 2})
	if len(got) != 1 || got[0].URL.Host != "ssm.us-east-1.amazonaws.com" || got[0].Count != 2 {
		t.Errorf("got %v", got)
	}
}
