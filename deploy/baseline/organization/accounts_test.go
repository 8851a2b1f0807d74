package organization_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sgwarden/sgwarden/deploy/baseline/organization"
)

// tree is an organisation: pages of accounts and of units, by unit. The whole organisation
// is under "".
type tree struct {
	accounts map[string][][]types.Account
	units    map[string][][]string
	refuses  string // a unit whose accounts can't be listed
}

func page[T any](pages [][]T, token *string) (items []T, next *string) {
	at := 0
	if token != nil {
		at = len(*token)
	}
	if at >= len(pages) {
		return nil, nil
	}
	if at+1 < len(pages) {
		next = aws.String(strings.Repeat("x", at+1))
	}
	return pages[at], next
}

func (t tree) ListAccounts(_ context.Context, in *organizations.ListAccountsInput, _ ...func(*organizations.Options)) (*organizations.ListAccountsOutput, error) {
	if t.refuses == "all" {
		return nil, errors.New("refused")
	}
	accounts, next := page(t.accounts[""], in.NextToken)
	return &organizations.ListAccountsOutput{Accounts: accounts, NextToken: next}, nil
}

func (t tree) ListAccountsForParent(_ context.Context, in *organizations.ListAccountsForParentInput, _ ...func(*organizations.Options)) (*organizations.ListAccountsForParentOutput, error) {
	if t.refuses == *in.ParentId {
		return nil, errors.New("refused")
	}
	accounts, next := page(t.accounts[*in.ParentId], in.NextToken)
	return &organizations.ListAccountsForParentOutput{Accounts: accounts, NextToken: next}, nil
}

func (t tree) ListOrganizationalUnitsForParent(_ context.Context, in *organizations.ListOrganizationalUnitsForParentInput, _ ...func(*organizations.Options)) (*organizations.ListOrganizationalUnitsForParentOutput, error) {
	ids, next := page(t.units[*in.ParentId], in.NextToken)
	out := &organizations.ListOrganizationalUnitsForParentOutput{NextToken: next}
	for _, id := range ids {
		out.OrganizationalUnits = append(out.OrganizationalUnits, types.OrganizationalUnit{Id: aws.String(id)})
	}
	return out, nil
}

func active(id string) types.Account {
	return types.Account{Id: aws.String(id), Name: aws.String("n" + id), Arn: aws.String("arn:aws-cn:organizations::1:account/o-1/" + id), State: types.AccountStateActive}
}

func TestAccountsAreListedOnceEach(t *testing.T) {
	t.Parallel()
	world := tree{
		accounts: map[string][][]types.Account{
			"":   {{active("4")}, {}, {active("1"), active("3")}, {active("2")}},
			"r":  {{active("1")}},
			"ou": {{active("2")}, {active("3")}},
			"in": {{active("4")}},
		},
		units: map[string][][]string{"r": {{"ou"}}, "ou": {{}, {"in"}}},
	}
	for name, c := range map[string]struct {
		units []string
		want  string
	}{
		"of the whole organisation, an empty page among the pages": {nil, "1 2 3 4"},
		"of a unit and those below":                                {[]string{"ou"}, "2 3 4"},
		"of the root":                                              {[]string{"r"}, "1 2 3 4"},
		"of a unit that is given with the one above it":            {[]string{"in", "ou"}, "2 3 4"},
		"of an empty unit":                                         {[]string{"empty"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			accounts, err := organization.Accounts(t.Context(), world, c.units)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, a := range accounts {
				ids = append(ids, a.ID)
			}
			if diff := cmp.Diff(c.want, strings.Join(ids, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatAnAccountIs(t *testing.T) {
	t.Parallel()
	ofState := func(state types.AccountState, status types.AccountStatus) types.Account {
		a := active("1")
		a.State, a.Status = state, status
		return a
	}
	for name, c := range map[string]struct {
		account types.Account
		want    organization.Account
		active  bool
	}{
		"active":                     {active("1"), organization.Account{ID: "1", Name: "n1", Partition: "aws-cn", State: "ACTIVE"}, true},
		"suspended":                  {ofState("SUSPENDED", ""), organization.Account{ID: "1", Name: "n1", Partition: "aws-cn", State: "SUSPENDED"}, false},
		"the state is the newer one": {ofState("PENDING_CLOSURE", "ACTIVE"), organization.Account{ID: "1", Name: "n1", Partition: "aws-cn", State: "PENDING_CLOSURE"}, false},
		"there is only a status":     {ofState("", "ACTIVE"), organization.Account{ID: "1", Name: "n1", Partition: "aws-cn", State: "ACTIVE"}, true},
		"nothing is known":           {types.Account{}, organization.Account{Partition: "aws"}, false},
	} {
		got, err := organization.Accounts(t.Context(), tree{accounts: map[string][][]types.Account{"": {{c.account}}}}, nil)
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: %v, %v", name, got, err)
		}
		if diff := cmp.Diff(c.want, got[0]); diff != "" || got[0].IsActive() != c.active {
			t.Errorf("%s: active %t, %s", name, got[0].IsActive(), diff)
		}
	}
}

func TestWhatCannotBeListedIsReported(t *testing.T) {
	t.Parallel()
	for refuses, want := range map[string]string{"all": "list the accounts of the organisation: ", "ou": "list the accounts of the organisational unit ou: "} {
		var units []string
		if refuses == "ou" {
			units = []string{"r"}
		}
		_, err := organization.Accounts(t.Context(), tree{refuses: refuses, units: map[string][][]string{"r": {{"ou"}}}}, units)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v", err)
		}
	}
}
