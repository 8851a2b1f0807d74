package account

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/sgwarden/sgwarden/pkg/awserr"
)

// Identity says whose credentials are in use, and where.
type Identity struct {
	Account string `json:"account"`         // twelve digits
	Alias   string `json:"alias,omitempty"` // of the account; empty where there is none, or where it can't be read
	Region  string `json:"region"`
	Prefix  string `json:"prefix"` // of the documents in Parameter Store
	ARN     string `json:"arn"`    // of the caller, such as arn:aws:sts::111122223333:assumed-role/operator/ana
}

// Identity asks AWS whose credentials are in use. The first answer is kept. An account
// alias is only for people, so an alias that can't be read is left out: many operators
// may not call iam:ListAccountAliases.
func (a *Account) Identity(ctx context.Context) (Identity, error) {
	if a.identity != nil {
		return *a.identity, nil
	}
	cfg, err := a.AWS(ctx)
	if err != nil {
		return Identity{}, err
	}
	caller, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Identity{}, fmt.Errorf("ask AWS whose credentials are in use: %w", awserr.WithSentinel(err))
	}
	i := Identity{Account: aws.ToString(caller.Account), ARN: aws.ToString(caller.Arn), Region: cfg.Region, Prefix: a.Prefix}
	aliases, err := iam.NewFromConfig(cfg).ListAccountAliases(ctx, &iam.ListAccountAliasesInput{})
	if err == nil && len(aliases.AccountAliases) > 0 {
		i.Alias = aliases.AccountAliases[0] // an account has one at most (IAM User Guide, "Your AWS account ID and its alias")
	}
	a.identity = &i
	return i, nil
}

// String says where a verb works, such as "account 111122223333 (acme-prod), region
// us-east-1, prefix /sg-baseline".
func (i Identity) String() string {
	alias := ""
	if i.Alias != "" {
		alias = " (" + i.Alias + ")"
	}
	return fmt.Sprintf("account %s%s, region %s, prefix %s", i.Account, alias, i.Region, i.Prefix)
}
