// Package account reads what an AWS account and region has: security groups, their
// rules, and the documents in Parameter Store.
package account

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/sgwarden/sgwarden/deploy/baseline/terminal"
	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// Account is an AWS account and region, as verbs read them. Where config is nil, the
// first use loads the configuration from the ordinary AWS environment.
type Account struct {
	Config *aws.Config
	Prefix string // of the documents in Parameter Store
	Getenv func(string) string
	Now    func() time.Time
	Errs   io.Writer // where progress is shown, if that is a terminal

	identity *Identity // nil until it is asked for
}

// AWS loads the configuration once.
func (a *Account) AWS(ctx context.Context) (aws.Config, error) {
	if a.Config != nil {
		return *a.Config, nil
	}
	loaded, err := config.LoadDefaultConfig(ctx, config.WithRetryer(func() aws.Retryer {
		return Patient(awserr.Retryer())
	}))
	if err != nil {
		return loaded, fmt.Errorf("load the AWS configuration: %w", err)
	}
	if loaded.Region == "" {
		return loaded, errors.New("no region: set AWS_REGION, or choose a profile with AWS_PROFILE")
	}
	a.Config = &loaded
	return loaded, nil
}

func (a *Account) Store(ctx context.Context) (ssmstore.Store, error) {
	cfg, err := a.AWS(ctx)
	return ssmstore.Store{Client: ssm.NewFromConfig(cfg), Prefix: a.Prefix}, err
}

func (a *Account) Groups(ctx context.Context) (ec2groups.Groups, error) {
	cfg, err := a.AWS(ctx)
	return ec2groups.Groups{Client: ec2.NewFromConfig(cfg)}, err
}

// Progress begins a line on a terminal; end the line with Clear. A total of 0 is
// not known.
func (a *Account) Progress(what string, total int) *terminal.Progress {
	return terminal.Start(a.Errs, what, total)
}
