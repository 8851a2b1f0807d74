package account

import (
	"context"
	"fmt"
	"slices"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// few is how many groups are read one by one, rather than among all of the region.
const few = 20

// LiveRules reads the rules of groups, by id.
func (a *Account) LiveRules(ctx context.Context, groups ec2groups.Groups, ids []string) (map[string][]secgroup.LiveRule, error) {
	live := make(map[string][]secgroup.LiveRule, len(ids))
	for _, id := range ids {
		live[id] = nil
	}
	if len(ids) <= few {
		for id := range live {
			rules, err := groups.Rules(ctx, id)
			if err != nil {
				return nil, err
			}
			live[id] = rules
		}
		return live, nil
	}
	p := a.Progress("reading rules", 0)
	defer p.Clear()
	for r, err := range groups.AllRules(ctx) {
		if err != nil {
			return nil, err
		}
		if _, wanted := live[r.GroupID]; wanted {
			live[r.GroupID] = append(live[r.GroupID], r.LiveRule)
		}
		p.Step()
	}
	return live, nil
}

// Baselines reads the baselines of groups and the documents of prefix lists, by id; nil
// ids are all that there are. Groups and lists without one aren't in it.
func (a *Account) Baselines(ctx context.Context, store ssmstore.Store, ids []string) (map[string]baseline.GroupDocument, error) {
	found := map[string]baseline.GroupDocument{}
	if ids != nil && len(ids) <= few {
		for _, id := range ids {
			stored, err := ReadDocument(ctx, store, id)
			if err != nil {
				return nil, err
			}
			if stored.Exists() {
				found[id] = baseline.GroupDocument{GroupID: id, Stored: stored}
			}
		}
		return found, nil
	}
	wanted := map[string]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	p := a.Progress("reading baselines", 0)
	defer p.Clear()
	for d, err := range store.AllBaselines(ctx) {
		if err != nil {
			return nil, err
		}
		if ids == nil || wanted[d.GroupID] {
			found[d.GroupID] = d
		}
		p.Step()
	}
	if ids != nil && !slices.ContainsFunc(ids, rule.IsPrefixListID) {
		return found, nil
	}
	for d, err := range store.AllPrefixLists(ctx) {
		if err != nil {
			return nil, err
		}
		if ids == nil || wanted[d.PrefixListID] {
			found[d.PrefixListID] = baseline.GroupDocument{GroupID: d.PrefixListID, Stored: d.Stored}
		}
		p.Step()
	}
	return found, nil
}

// LiveGroups reads groups, by id, and their rules.
func (a *Account) LiveGroups(ctx context.Context, groups ec2groups.Groups, s ec2groups.Selection) (there map[string]secgroup.Group, live map[string][]secgroup.LiveRule, err error) {
	found, err := groups.List(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	there = make(map[string]secgroup.Group, len(found))
	ids := make([]string, len(found))
	for i, g := range found {
		ids[i], there[g.ID] = g.ID, g
	}
	live, err = a.LiveRules(ctx, groups, ids)
	return there, live, err
}

// DecodeGuardrail decodes the guardrail. Where there is none, it forbids nothing.
func DecodeGuardrail(stored baseline.Stored) (*baseline.Guardrail, error) {
	switch {
	case stored.ReadError != nil:
		return nil, fmt.Errorf("read the guardrail: %w", stored.ReadError)
	case !stored.Exists():
		return &baseline.Guardrail{}, nil
	}
	guardrail, err := baseline.DecodeGuardrail(stored.Value)
	if err != nil {
		return nil, fmt.Errorf("the guardrail at %s is broken: %w", stored.Parameter, err)
	}
	return guardrail, nil
}
