package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/names"
	"github.com/sgwarden/sgwarden/deploy/baseline/nearest"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// ErrNoGroup says that a group isn't in EC2.
var ErrNoGroup = errors.New("there is no such security group")

// IsTarget reports whether text names a group, or a prefix list by its id.
func IsTarget(text string) bool { return IsGroup(text) || strings.HasPrefix(text, "pl-") }

// IsGroup reports whether text names a group: by an id, or as name:web.
func IsGroup(text string) bool {
	_, isName := baseline.Name(text)
	return isName || strings.HasPrefix(text, "sg-")
}

// FindGroups returns the live groups that people name by id or as name:web, in the
// same order. One that isn't there is an ErrNoGroup, which says where it was looked for.
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

// FindIDs returns the ids of groups that people name by id or as name:web, in the same
// order. A name is looked up in EC2. An id is taken as it is, since a group that was
// deleted from EC2 may still have a baseline.
func (a *Account) FindIDs(ctx context.Context, texts ...string) ([]string, error) {
	ids := make([]string, len(texts))
	for i, text := range texts {
		if _, isName := baseline.Name(text); !isName {
			if err := CheckGroupID(text); err != nil {
				return nil, err
			}
			ids[i] = text
			continue
		}
		group, err := a.FindGroup(ctx, text)
		if err != nil {
			return nil, err
		}
		ids[i] = group.ID
	}
	return ids, nil
}

// FindTargets is FindIDs that also takes ids of prefix lists. A list that was deleted from
// EC2 may still have a document, so these are taken as they are, too.
func (a *Account) FindTargets(ctx context.Context, texts ...string) ([]string, error) {
	ids := make([]string, len(texts))
	for i, text := range texts {
		if rule.IsPrefixListID(text) {
			ids[i] = text
			continue
		}
		found, err := a.FindIDs(ctx, text)
		if err != nil {
			return nil, err
		}
		ids[i] = found[0]
	}
	return ids, nil
}

func (a *Account) findGroup(ctx context.Context, d names.Directory, text string) (secgroup.Group, error) {
	if name, isName := baseline.Name(text); isName {
		group, err := d.Find(name, "")
		if err == nil || !errors.Is(err, names.ErrNone) {
			return group, err
		}
		where, identityErr := a.Identity(ctx)
		if identityErr != nil {
			return group, identityErr
		}
		return group, reportOnly{fmt.Sprintf("no security group of account %s, region %s, is called %q%s", where.Account, where.Region, name, d.Nearly(name)), ErrNoGroup}
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
	meant, err := a.idNear(ctx, text)
	if err != nil {
		return secgroup.Group{}, err
	}
	return secgroup.Group{}, reportOnly{fmt.Sprintf("there is no security group %s in account %s, region %s: check the id, the region (AWS_REGION) and the account (AWS_PROFILE)%s",
		text, where.Account, where.Region, meant), ErrNoGroup}
}

// reportOnly is an error with its own words.
type reportOnly struct {
	text string
	kind error
}

func (t reportOnly) Error() string { return t.text }

func (t reportOnly) Unwrap() error { return t.kind }

// idNear asks whether the id of another group was meant. It is empty where no id is
// near.
func (a *Account) idNear(ctx context.Context, id string) (string, error) {
	client, err := a.Groups(ctx)
	if err != nil {
		return "", err
	}
	live, err := client.List(ctx, ec2groups.Selection{})
	if err != nil {
		return "", err
	}
	called := map[string]string{}
	var ids []string
	for _, g := range live {
		ids, called[g.ID] = append(ids, g.ID), g.Name
	}
	near := nearest.To(id, ids)
	if near == "" {
		return "", nil
	}
	return fmt.Sprintf("; did you mean %s (%s)?", near, cmp.Or(called[near], "without a name")), nil
}

// FindGroupOrList looks for the live group or prefix list of an id. what says which of
// both the id is of. The error says where it was looked for.
func (a *Account) FindGroupOrList(ctx context.Context, id string) (what string, err error) {
	if rule.IsPrefixListID(id) {
		_, err = a.FindList(ctx, id)
		return "the prefix list", err
	}
	_, err = a.FindGroup(ctx, id)
	return "the group", err
}

// withoutBaseline returns an ErrNoBaseline that says in which account and region the
// baseline was looked for, and whether EC2 has the group or prefix list.
func (a *Account) withoutBaseline(ctx context.Context, store ssmstore.Store, id string) error {
	where, err := a.Identity(ctx)
	if err != nil {
		return err
	}
	missing := fmt.Sprintf("%s has no baseline at %s in account %s, region %s", id, Parameter(store, id), where.Account, where.Region)
	what, err := a.FindGroupOrList(ctx, id)
	switch {
	case errors.Is(err, ErrNoGroup), errors.Is(err, ErrNoList):
		return reportOnly{fmt.Sprintf("there is no baseline at %s, and %v", Parameter(store, id), err), ErrNoBaseline}
	case err != nil && !errors.Is(err, ErrChanging):
		return fmt.Errorf("%s, and it is not known whether EC2 has %s: %w", missing, what, err)
	}
	return reportOnly{missing + ", so it isn't guarded: capture and push one first (or is it another --prefix, region or account?)", ErrNoBaseline}
}

func anyName(texts []string) bool {
	for _, text := range texts {
		if _, isName := baseline.Name(text); isName {
			return true
		}
	}
	return false
}

// CheckGroupID refuses what is no id of a security group, which as a
// parameter's name would only be "not found".
func CheckGroupID(s string) error {
	if !rule.IsGroupID(s) {
		return fmt.Errorf("%q is not the id of a security group, such as sg-0a1b2c3d4e5f60718; a group's name is written as name:%s", s, cmp.Or(s, "web"))
	}
	return nil
}
