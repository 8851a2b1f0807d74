package main

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

// oneGroupThere answers for a region that has the tests' group, and no other.
func oneGroupThere(awsstub.Request) (any, error) {
	return awsstub.GroupsAnswer{Groups: []types.SecurityGroup{{GroupId: aws.String(group), GroupName: aws.String("web")}}}, nil
}

// knowing makes EC2 have the tests' group, whose id moto can't give. All other calls
// stay with the configuration's server.
func knowing(t *testing.T, cfg aws.Config) aws.Config {
	t.Helper()
	stub := awsstub.New(0, map[string]awsstub.Handler{"DescribeSecurityGroups": oneGroupThere})
	t.Cleanup(stub.Close)
	there, err := url.Parse(*stub.Config().BaseEndpoint)
	if err != nil {
		t.Fatal(err)
	}
	cfg.HTTPClient = detour{to: there}
	return cfg
}

// detour sends the calls of DescribeSecurityGroups elsewhere.
type detour struct{ to *url.URL }

func (d detour) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if bytes.Contains(body, []byte("Action=DescribeSecurityGroups&")) {
		r.URL.Host, r.Host = d.to.Host, d.to.Host
	}
	return http.DefaultClient.Do(r)
}
