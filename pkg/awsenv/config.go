// Package awsenv makes the SDK's configuration from the environment of a Lambda
// function. It stands in for the SDK's own module config, which brings clients of four
// services (SSO, OIDC, sign-in and STS) and a parser of ~/.aws/config: a megabyte of
// binary, and a third of a function's start. A test compares the behaviour of the two.
package awsenv

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/logging"
)

// Config returns the configuration that the environment says: region, credentials,
// endpoints and what else the SDK documents as environment variables for the services
// that the functions call (SDKs and Tools Reference Guide, "Environment variables
// list"). It reads neither ~/.aws nor instance metadata, which a Lambda function doesn't
// have. A value that the SDK doesn't know is an error, and so is a region that is missing.
//
// Credentials that are missing are an error of the first call, as with the SDK: a
// function that makes no call needs none.
func Config(getenv func(string) string) (aws.Config, error) {
	source := environment{getenv}
	cfg := aws.Config{
		Region:        source.first("AWS_REGION", "AWS_DEFAULT_REGION"),
		Credentials:   aws.NewCredentialsCache(credentials{source}),
		Logger:        logging.NewStandardLogger(os.Stderr),
		AppID:         getenv("AWS_SDK_UA_APP_ID"),
		ConfigSources: []any{source},
	}
	var wrong []error
	if cfg.Region == "" {
		wrong = append(wrong, errors.New("AWS_REGION is missing: want a region such as us-east-1"))
	}
	for _, set := range []func(*aws.Config, environment) error{setEndpoint, setDefaultsMode, setAuthSchemes, setSwitches, checkRetries} {
		wrong = append(wrong, set(&cfg, source))
	}
	return cfg, errors.Join(wrong...)
}

// credentials are those of the environment. Lambda sets them for the whole life of a
// process (Lambda Developer Guide, "Defined runtime environment variables").
type credentials struct{ environment }

// Retrieve reads the credentials.
func (c credentials) Retrieve(context.Context) (aws.Credentials, error) {
	found := aws.Credentials{
		AccessKeyID:     c.first("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"),
		SecretAccessKey: c.first("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"),
		SessionToken:    c.getenv("AWS_SESSION_TOKEN"),
		AccountID:       c.getenv("AWS_ACCOUNT_ID"),
		Source:          "EnvConfigCredentials",
	}
	if found.AccessKeyID == "" || found.SecretAccessKey == "" {
		return aws.Credentials{}, errors.New("there are no credentials in the environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are missing")
	}
	return found, nil
}

// ProviderSources names, for the SDK's user agent, where the credentials come from.
func (credentials) ProviderSources() []aws.CredentialSource {
	return []aws.CredentialSource{aws.CredentialSourceEnvVars}
}

func setEndpoint(cfg *aws.Config, e environment) error {
	ignored, _, err := e.GetIgnoreConfiguredEndpoints(context.Background())
	if url := e.getenv("AWS_ENDPOINT_URL"); url != "" && !ignored {
		cfg.BaseEndpoint = &url
	}
	return err
}

func setDefaultsMode(cfg *aws.Config, e environment) error {
	cfg.DefaultsMode = aws.DefaultsModeLegacy
	text := e.getenv("AWS_DEFAULTS_MODE")
	if text == "" {
		return nil
	}
	if !cfg.DefaultsMode.SetFromString(text) {
		return fmt.Errorf("AWS_DEFAULTS_MODE is %q: the SDK knows no such mode", text)
	}
	if cfg.DefaultsMode == aws.DefaultsModeAuto {
		cfg.RuntimeEnvironment = aws.RuntimeEnvironment{EnvironmentIdentifier: aws.ExecutionEnvironmentID(e.getenv("AWS_EXECUTION_ENV")), Region: e.getenv("AWS_REGION")}
	}
	return nil
}

func setAuthSchemes(cfg *aws.Config, e environment) error {
	for scheme := range strings.SplitSeq(e.getenv("AWS_AUTH_SCHEME_PREFERENCE"), ",") {
		if scheme = strings.TrimSpace(scheme); scheme != "" {
			cfg.AuthSchemePreference = append(cfg.AuthSchemePreference, scheme)
		}
	}
	return nil
}

// setSwitches reports values that are neither true nor false, also of those that the
// clients ask for by themselves, which could report them only at the first call.
func setSwitches(cfg *aws.Config, e environment) error {
	_, _, fips := e.GetUseFIPSEndpoint(context.Background())
	_, _, dual := e.GetUseDualStackEndpoint(context.Background())
	asItIs, _, skew := e.truth("AWS_DISABLE_CLOCK_SKEW_CORRECTION")
	cfg.DisableClockSkewCorrection = asItIs
	return errors.Join(fips, dual, skew)
}

// checkRetries reports what the SDK would not take for a number of attempts or a way of
// trying again. The functions have a retryer of their own, which leaves both aside, as
// the SDK's own configuration does then.
func checkRetries(_ *aws.Config, e environment) error {
	var wrong []error
	if text := e.getenv("AWS_MAX_ATTEMPTS"); text != "" {
		if _, err := strconv.Atoi(text); err != nil {
			wrong = append(wrong, fmt.Errorf("AWS_MAX_ATTEMPTS is %q: want a whole number", text))
		}
	}
	if text := e.getenv("AWS_RETRY_MODE"); text != "" {
		if _, err := aws.ParseRetryMode(text); err != nil {
			wrong = append(wrong, fmt.Errorf("AWS_RETRY_MODE is %q: want standard or adaptive", text))
		}
	}
	return errors.Join(wrong...)
}

// Roots returns the certificates of AWS_CA_BUNDLE, the name of a PEM file, instead
// of the system's; nil where the variable is not set.
func Roots(getenv func(string) string) (*x509.CertPool, error) {
	name := getenv("AWS_CA_BUNDLE")
	if name == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read AWS_CA_BUNDLE: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("AWS_CA_BUNDLE is %q: the file holds no certificate in PEM", name)
	}
	return roots, nil
}
