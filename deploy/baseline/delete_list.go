package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/entries"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// id is that of the group or prefix list.
func (g deleted) id() string { return cmp.Or(g.PrefixListID, g.GroupID) }

func (g deleted) name() string { return cmp.Or(g.PrefixListName, g.GroupName) }

func (g deleted) isList() bool { return g.PrefixListID != "" }

// planList reads what the deletion of a prefix list's document is about.
func (d deletion) planList(ctx context.Context, store ssmstore.Store, id string) (deleted, error) {
	stored, err := account.ReadDocument(ctx, store, id)
	switch {
	case err != nil:
		return deleted{}, err
	case !stored.Exists():
		return deleted{}, d.noBaseline(ctx, store, id)
	case stored.ReadError != nil:
		return deleted{}, fmt.Errorf("%s can't be read, so its text can't be kept: use credentials that may use its KMS key: %w", stored.Parameter, stored.ReadError)
	}
	one := deleted{
		PrefixListID: id, Parameter: stored.Parameter, Version: stored.Version,
		Released: []string{}, Guardrail: []string{}, Approvals: []string{}, stored: stored,
	}
	list, err := d.FindList(ctx, id)
	if one.Exists = !errors.Is(err, account.ErrNoList); err != nil && one.Exists {
		return deleted{}, err
	}
	one.PrefixListName = list.Name
	if one.list, one.problem = baseline.DecodePrefixList(stored.Value, id); one.problem != nil {
		one.Raw = string(stored.Value)
		return one, nil
	}
	one.PrefixListName = cmp.Or(list.Name, one.list.PrefixListName)
	one.Settings, one.Rules = compare.SettingsText(entries.AsBaseline(one.list)), len(one.list.Entries)
	if one.Exists {
		one.Released = compare.Group{Changes: compare.Entries(one.list, judge.ListGrace{}, list.Entries, "", d.Now())}.Violating()
	}
	one.Document, err = baseline.EncodePrefixList(one.list)
	return one, err
}

// listLines says what protection of a prefix list ends, a line each.
func (g deleted) listLines() []string {
	var lines []string
	if !g.Exists {
		lines = append(lines, "the prefix list does not exist in this account and region, so no protection ends")
	}
	if g.problem != nil {
		return append(lines, g.brokenText())
	}
	lines = append(lines, fmt.Sprintf("it approves %s (%s)", words.Count(g.Rules, "entry"), g.Settings))
	if len(g.Released) > 0 {
		lines = append(lines, "! live entries that nothing permits, and that nobody would remove or report any more:")
		for _, e := range g.Released {
			lines = append(lines, "    "+e)
		}
	}
	if g.Exists {
		lines = append(lines, "! then nobody watches the entries of this prefix list")
	}
	return lines
}
