package account

import (
	"context"
	"fmt"

	"github.com/sgwarden/sgwarden/deploy/baseline/names"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// FindGroups returns the live groups that people name by id or as name:web, in the
// same order. One that isn't there is an error, which says where it was looked for.
func (a *Account) FindGroups(ctx context.Context, texts ...string) ([]secgroup.Group, error) {
	selection := ec2groups.Selection{}
	if !anyName(texts) {
		for _, text := range texts {
			if err := CheckGroupID(text); err != nil {
				return nil, err
			}
		}
		selection.IDs = texts
	}
	client, err := a.Groups(ctx)
	if err != nil {
		return nil, err
	}
	// All groups of the region rather than those of some names: in EC2's filters a
	// name's * is a wildcard, and a misspelt name is compared with all others.
	live, err := client.List(ctx, selection)
	if err != nil {
		return nil, err
	}
	directory, err := names.New(live, "")
	if err != nil {
		return nil, err
	}
	found := make([]secgroup.Group, len(texts))
	for i, text := range texts {
		if found[i], err = a.findGroup(ctx, directory, text); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// FindGroup returns the live group that people name by id or as name:web.
func (a *Account) FindGroup(ctx context.Context, text string) (secgroup.Group, error) {
	found, err := a.FindGroups(ctx, text)
	if err != nil {
		return secgroup.Group{}, err
	}
	return found[0], nil
}

func (a *Account) findGroup(ctx context.Context, d names.Directory, text string) (secgroup.Group, error) {
	if name, isName := baseline.Name(text); isName {
		return d.Find(name, "")
	}
	if err := CheckGroupID(text); err != nil {
		return secgroup.Group{}, err
	}
	if g, exists := d.ByID[text]; exists {
		return g, nil
	}
	where, err := a.Identity(ctx)
	if err != nil {
		return secgroup.Group{}, err
	}
	return secgroup.Group{}, fmt.Errorf("there is no security group %s in account %s, region %s: check the id, the region (AWS_REGION) and the account (AWS_PROFILE)", text, where.Account, where.Region)
}

func anyName(texts []string) bool {
	for _, text := range texts {
		if _, isName := baseline.Name(text); isName {
			return true
		}
	}
	return false
}
