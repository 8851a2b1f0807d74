package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/ec2lists"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// PrefixLists checks that each document of a managed prefix list can be used, and that EC2 has
// the list. It makes no check where there is no such document.
func PrefixLists(ctx context.Context, store ssmstore.Store, lists ec2lists.Lists) []Check {
	const name = "prefix lists"
	var ids []string
	var problems []Check
	for document, err := range store.AllPrefixLists(ctx) {
		if err != nil {
			return []Check{unknown(name, "ssm:GetParametersByPath", err)}
		}
		ids = append(ids, document.PrefixListID)
		if _, err := document.Stored.PrefixList(document.PrefixListID); err != nil {
			problems = append(problems, unusable(document.Stored, err, "aws ssm get-parameter-history --name "+document.Stored.Parameter))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	found := make([][]Check, len(ids))
	inParallel(len(ids), func(i int) { found[i] = listIsThere(ctx, store, lists, ids[i]) })
	problems = append(problems, slices.Concat(found...)...)
	return orPassed(problems, passed(name, "%s of managed prefix lists: all can be used, and EC2 has the lists", words.Count(len(ids), "document")))
}

func listIsThere(ctx context.Context, store ssmstore.Store, lists ec2lists.Lists, id string) []Check {
	name := "prefix list " + id
	_, err := lists.List(ctx, id)
	switch {
	case errors.Is(err, secgroup.ErrNotFound):
		return []Check{{name, Warn, fmt.Sprintf("%s is the document of a list that EC2 no longer has", store.PrefixList(id)), "aws ssm delete-parameter --name " + store.PrefixList(id)}}
	case err != nil:
		return []Check{unknown(name, "ec2:DescribeManagedPrefixLists and ec2:GetManagedPrefixListEntries", err)}
	}
	return nil
}
