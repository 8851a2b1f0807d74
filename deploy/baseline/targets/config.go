package targets

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Config returns the AWS configuration of a target, after it has asked STS that the
// credentials are of the target's account. options come before those of the target:
// they say how to retry, for example.
func Config(ctx context.Context, t Target, options ...func(*config.LoadOptions) error) (aws.Config, error) {
	options = append(options[:len(options):len(options)], config.WithRegion(t.Region))
	if t.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(t.Profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("load the AWS configuration of %s: %w", t.credentials(), err)
	}
	if t.Role != "" {
		if err := assume(ctx, &cfg, t); err != nil {
			return aws.Config{}, err
		}
	}
	identity, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return aws.Config{}, fmt.Errorf("ask STS for the account of the credentials of %s: %w", t.credentials(), err)
	}
	if got := aws.ToString(identity.Account); got != t.Account {
		return aws.Config{}, fmt.Errorf("the credentials of %s are for account %s, not for %s: correct the file of targets", t.credentials(), got, t.Account)
	}
	return cfg, nil
}

// credentials says where a target's credentials come from.
func (t Target) credentials() string {
	switch {
	case t.Profile != "":
		return fmt.Sprintf("the profile %q", t.Profile)
	case t.Role != "":
		return "the role " + t.Role
	}
	return "the environment"
}

// assume replaces the credentials of cfg by those of the target's role. The SDK gets
// new ones before they expire.
func assume(ctx context.Context, cfg *aws.Config, t Target) error {
	client := sts.NewFromConfig(*cfg)
	caller, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return fmt.Errorf("ask STS who is to assume the role %s: %w", t.Role, err)
	}
	provider := stscreds.NewAssumeRoleProvider(client, t.Role, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = sessionName(aws.ToString(caller.Arn))
		if t.ExternalID != "" {
			o.ExternalID = &t.ExternalID
		}
	})
	cfg.Credentials = aws.NewCredentialsCache(provider)
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return fmt.Errorf("assume the role %s as %s: %w", t.Role, aws.ToString(caller.Arn), err)
	}
	return nil
}

// notInSessionNames is what a session's name can't have (STS API reference,
// AssumeRole, RoleSessionName).
var notInSessionNames = regexp.MustCompile(`[^A-Za-z0-9_+=,.@-]`)

// sessionName is the name of whoever assumes a role: CloudTrail and the history of a
// parameter then say who it was. A user's name and a session's name are the last
// part of the ARN.
func sessionName(arn string) string {
	name := arn[strings.LastIndexAny(arn, "/:")+1:]
	name = notInSessionNames.ReplaceAllString(name, "-")
	if len(name) < 2 {
		name = "sgwarden-" + name
	}
	return name[:min(len(name), 64)]
}
