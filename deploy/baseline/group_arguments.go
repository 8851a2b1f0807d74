package main

import (
	"context"
	"fmt"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/pkg/awserr"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
)

// groupArgument is a group that an argument names.
type groupArgument struct {
	secgroup.Group // without a name where EC2 was not asked, or doesn't know the group
	exists         bool
}

// groupArguments finds the groups that arguments name, by id or as name:web, each once. A
// group that EC2 doesn't know is an error, unless missing says that it may be missing; a
// name is never missing. Where these credentials may not list groups, ids are taken as
// they are, and note says so: a rule can be approved with access to Parameter Store alone.
func (a *app) groupArguments(ctx context.Context, texts []string, missing bool) (found []groupArgument, note string, err error) {
	ids, err := a.idsOfArguments(ctx, texts)
	if err != nil {
		return nil, "", err
	}
	client, err := a.Groups(ctx)
	if err != nil {
		return nil, "", err
	}
	live, err := client.List(ctx, ec2groups.Selection{IDs: ids})
	refused := awserr.ClassOf(err) == awserr.Denied
	if err != nil && !refused {
		return nil, "", err
	}
	if refused {
		note = fmt.Sprintf("whether the groups exist is not known, since these credentials may not list them: %v", err)
	}
	byID := map[string]secgroup.Group{}
	for _, g := range live {
		byID[g.ID] = g
	}
	for _, id := range ids {
		g, exists := byID[id]
		if !exists && !missing && !refused {
			if g, err = a.FindGroup(ctx, id); err != nil { // which says where it was looked for
				return nil, "", err
			}
			exists = true
		}
		g.ID = id
		found = append(found, groupArgument{g, exists})
	}
	return found, note, nil
}

// idsOfArguments returns the ids of the groups that arguments name, each once.
func (a *app) idsOfArguments(ctx context.Context, texts []string) ([]string, error) {
	var ids []string
	seen := map[string]bool{}
	for _, text := range texts {
		id := text
		if _, isName := baseline.Name(text); isName {
			g, err := a.FindGroup(ctx, text)
			if err != nil {
				return nil, err
			}
			id = g.ID
		} else if err := account.CheckGroupID(text); err != nil {
			return nil, err
		}
		if !seen[id] {
			seen[id], ids = true, append(ids, id)
		}
	}
	return ids, nil
}
