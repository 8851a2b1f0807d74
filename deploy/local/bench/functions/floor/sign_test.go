package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/google/go-cmp/cmp"
)

func TestTheFloorSignsAsTheSDKDoes(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 11, 7, 0, 0, time.UTC)
	const body, host = `{"Names":["/a"]}`, "ssm.us-east-1.amazonaws.com"
	header := [][2]string{{"content-type", "application/x-amz-json-1.1"}, {"x-amz-target", "AmazonSSM.GetParameters"}}
	signed := credentials{"AKIAIOSFODNN7EXAMPLE", "secret", "token"}.sign(now, "us-east-1", "ssm", host, header, body)
	got := signed[len(signed)-1][1]

	request, err := http.NewRequest(http.MethodPost, "https://"+host+"/", nil) // without a body: the SDK would sign its length too
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range header {
		request.Header.Set(field[0], field[1])
	}
	keys := aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "secret", SessionToken: "token"}
	if err := v4.NewSigner().SignHTTP(t.Context(), keys, request, digest(body), "ssm", "us-east-1", now); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(request.Header.Get("Authorization"), got); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(got, "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, ") {
		t.Errorf("signed %s", got)
	}
}
