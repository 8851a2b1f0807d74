package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/spf13/cobra"

	"github.com/sgwarden/sgwarden/deploy/baseline/organization"
	"github.com/sgwarden/sgwarden/deploy/baseline/targets"
)

// targeting is what the verb targets is asked to do.
type targeting struct {
	*app
	organization bool
	units        []string
	regions      []string
	role         string
}

func targetsCommand(a *app) *cobra.Command {
	t := targeting{app: a}
	c := &cobra.Command{
		Use:   "targets --organization --regions A,B --role NAME [--ou ID,ID]",
		Short: "Make a file for --targets of an organisation's accounts",
		Long: `Prints a file for --targets: each active account of the organisation, or of some organisational units and of the units
below them, with the regions and with a role of that name to assume. The account of the credentials in use gets no role.
Accounts that are suspended or closed are left out, with a remark.

Needs the credentials of the management account, or of a delegated administrator of some service: Organizations tells no
others. They must be permitted organizations:ListAccounts, or with --ou ListAccountsForParent and
ListOrganizationalUnitsForParent.`,
		Example: `  baseline targets --organization --regions us-east-1,eu-west-1 --role sgwarden-operator > targets.yaml
  baseline diff --targets targets.yaml
  baseline targets --organization --ou ou-a1b2-c3d4e5f6 --regions us-east-1 --role sgwarden-operator`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := t.check(); err != nil {
				return err
			}
			return t.print(c.Context())
		},
	}
	c.Flags().BoolVar(&t.organization, "organization", false, "take the accounts of the organisation")
	c.Flags().StringSliceVar(&t.units, "ou", nil, "take only the accounts of these organisational units and of those below them; the root's id will do too")
	c.Flags().StringSliceVar(&t.regions, "regions", nil, "regions of each account")
	c.Flags().StringVar(&t.role, "role", "", "name of the role to assume in each account, with its path, if it has one: operators/sgwarden")
	return c
}

// Forms of ids (Organizations API reference, ListAccountsForParent, ParentId).
var unitPattern = regexp.MustCompile(`^(ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32})$`)

func (t *targeting) check() error {
	switch {
	case !t.organization:
		return misused("targets: say where the accounts come from: --organization")
	case len(t.regions) == 0:
		return misused("targets: --regions is missing: which regions, such as --regions us-east-1,eu-west-1?")
	case t.role == "":
		return misused("targets: --role is missing: which role is to be assumed in each account?")
	}
	for _, unit := range t.units {
		if !unitPattern.MatchString(unit) {
			return misused("targets: --ou %q: want the id of an organisational unit, such as ou-a1b2-c3d4e5f6, or of the root, such as r-a1b2", unit)
		}
	}
	return nil
}

func (t *targeting) print(ctx context.Context) error {
	cfg, err := t.AWS(ctx)
	if err != nil {
		return err
	}
	caller, err := t.Identity(ctx)
	if err != nil {
		return err
	}
	accounts, err := organization.Accounts(ctx, organizations.NewFromConfig(cfg), t.units)
	if err != nil {
		return err
	}
	entries := t.entries(accounts, caller.Account)
	if len(entries) == 0 {
		return errors.New("no account there is active, so there are no targets")
	}
	file, err := targets.Compose(entries, t.output == "json")
	if err != nil {
		return err
	}
	_, err = t.out.Write(file)
	return err
}

// entries are the active accounts. It reports the others.
func (t *targeting) entries(accounts []organization.Account, own string) []targets.Entry {
	names := map[string]string{}
	for _, a := range accounts {
		if a.IsActive() {
			names[a.ID] = a.Name
		}
	}
	names = targets.Names(names)
	var entries []targets.Entry
	for _, a := range accounts {
		if !a.IsActive() {
			fmt.Fprintf(t.Errs, "left out: account %s (%s) is %s\n", a.ID, a.Name, strings.ToLower(a.State))
			continue
		}
		e := targets.Entry{Account: a.ID, Name: names[a.ID], Regions: t.regions}
		if a.ID != own {
			e.Role = fmt.Sprintf("arn:%s:iam::%s:role/%s", a.Partition, a.ID, t.role)
		}
		entries = append(entries, e)
	}
	return entries
}
