// Package organization lists the accounts of an AWS organisation.
package organization

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/sgwarden/sgwarden/pkg/awserr"
)

// Account is an account of an organisation.
type Account struct {
	ID, Name string
	// Partition is that of the account's ARN, such as aws-cn.
	Partition string
	// State is ACTIVE, or why the account can't be used, such as SUSPENDED.
	State string
}

// IsActive reports whether somebody can work in the account.
func (a Account) IsActive() bool { return a.State == string(types.AccountStateActive) }

// Lister is the part of the client of AWS Organizations that Accounts needs.
type Lister interface {
	organizations.ListAccountsAPIClient
	organizations.ListAccountsForParentAPIClient
	organizations.ListOrganizationalUnitsForParentAPIClient
}

// Accounts returns the accounts of some organisational units, those of units below them
// too, or of the whole organisation where units is empty. Each is there once, sorted by
// id. The id of the root may stand for a unit.
func Accounts(ctx context.Context, client Lister, units []string) ([]Account, error) {
	var found []types.Account
	var err error
	if len(units) == 0 {
		found, err = all(ctx, client)
	}
	for _, unit := range units {
		var below []types.Account
		if below, err = under(ctx, client, unit); err != nil {
			break
		}
		found = append(found, below...)
	}
	if err != nil {
		return nil, err
	}
	accounts := make([]Account, len(found))
	for i, a := range found {
		accounts[i] = account(a)
	}
	slices.SortFunc(accounts, func(a, b Account) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(accounts, func(a, b Account) bool { return a.ID == b.ID }), nil
}

// account takes the state, and where there is none the status: AWS has announced to end
// Status on 9 September 2026 (Organizations API reference, Account), and simulators may
// not have State yet.
func account(a types.Account) Account {
	parts := strings.Split(aws.ToString(a.Arn), ":")
	return Account{
		ID: aws.ToString(a.Id), Name: aws.ToString(a.Name), Partition: cmp.Or(append(parts, "", "")[1], "aws"),
		State: cmp.Or(string(a.State), string(a.Status)),
	}
}

// all lists the accounts of the whole organisation. A page may be empty and still not be
// the last one (Organizations API reference, ListAccounts); the paginator knows.
func all(ctx context.Context, client Lister) (found []types.Account, err error) {
	for pages := organizations.NewListAccountsPaginator(client, nil); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the accounts of the organisation: %w", awserr.WithSentinel(err))
		}
		found = append(found, page.Accounts...)
	}
	return found, nil
}

// under lists the accounts of a unit and of the units below it.
func under(ctx context.Context, client Lister, unit string) (found []types.Account, err error) {
	for pages := organizations.NewListAccountsForParentPaginator(client, &organizations.ListAccountsForParentInput{ParentId: &unit}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the accounts of the organisational unit %s: %w", unit, awserr.WithSentinel(err))
		}
		found = append(found, page.Accounts...)
	}
	for pages := organizations.NewListOrganizationalUnitsForParentPaginator(client, &organizations.ListOrganizationalUnitsForParentInput{ParentId: &unit}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the units below the organisational unit %s: %w", unit, awserr.WithSentinel(err))
		}
		for _, u := range page.OrganizationalUnits {
			below, err := under(ctx, client, aws.ToString(u.Id))
			if err != nil {
				return nil, err
			}
			found = append(found, below...)
		}
	}
	return found, nil
}
