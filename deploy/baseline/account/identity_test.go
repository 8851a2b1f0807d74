package account

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/local/awsconfig"
	"github.com/sgwarden/sgwarden/deploy/local/localtest"
	"github.com/sgwarden/sgwarden/pkg/awsstub"
)

func TestWhoseCredentialsAreInUseAndWhere(t *testing.T) {
	t.Parallel()
	server := localtest.Moto(t)
	cfg := awsconfig.New(server.URL, awsconfig.Keys)
	says := func() string {
		a := &Account{Config: &cfg, Prefix: "/p", Errs: os.Stderr}
		i, err := a.Identity(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return i.String()
	}
	if diff := cmp.Diff("account 123456789012, region us-east-1, prefix /p", says()); diff != "" {
		t.Error(diff)
	}
	if _, err := iam.NewFromConfig(cfg).CreateAccountAlias(t.Context(), &iam.CreateAccountAliasInput{AccountAlias: aws.String("acme-prod")}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("account 123456789012 (acme-prod), region us-east-1, prefix /p", says()); diff != "" {
		t.Error(diff)
	}
}

func TestAnAliasThatMayNotBeReadIsLeftOut(t *testing.T) {
	t.Parallel()
	stub := awsstub.New(0, map[string]awsstub.Handler{"ListAccountAliases": func(awsstub.Request) (any, error) {
		return nil, &awsstub.Error{Code: "AccessDenied", Message: "no", Status: 403}
	}})
	t.Cleanup(stub.Close)
	cfg := stub.Config()
	i, err := (&Account{Config: &cfg}).Identity(t.Context())
	if err != nil || i.Account != "123456789012" || i.Alias != "" {
		t.Errorf("got %+v, %v", i, err)
	}
}

func TestCredentialsThatAreRefusedAreAnError(t *testing.T) {
	t.Parallel()
	stub := awsstub.New(0, map[string]awsstub.Handler{"GetCallerIdentity": func(awsstub.Request) (any, error) {
		return nil, &awsstub.Error{Code: "ExpiredToken", Message: "the token has expired", Status: 403}
	}})
	t.Cleanup(stub.Close)
	cfg := stub.Config()
	_, err := (&Account{Config: &cfg}).Identity(t.Context())
	if err == nil || !strings.Contains(err.Error(), "ask AWS whose credentials are in use") || errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
