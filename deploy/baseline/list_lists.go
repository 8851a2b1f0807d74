package main

import (
	"context"
	"errors"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/overview"
	"github.com/sgwarden/sgwarden/pkg/baseline"
)

// addList adds a row for a prefix list that has a document. A list whose entries are not
// known, since it is being changed, says so in its row.
func (l *listing) addList(ctx context.Context, d baseline.GroupDocument) error {
	l.baselines++
	row := overview.Row{
		PrefixListID: d.GroupID, Status: overview.Guarded,
		Baseline: &overview.Written{Parameter: account.Parameter(l.store, d.GroupID), Version: d.Stored.Version, ModifiedAt: d.Stored.ModifiedAt.UTC(), ModifiedBy: l.authors[d.GroupID]},
	}
	doc, err := account.DecodeList(d)
	if err != nil {
		row.Status, row.Remarks = overview.Broken, []string{err.Error()}
		l.add(row)
		return nil
	}
	row.PrefixListName = doc.PrefixListName
	row.SetList(doc)
	list, err := l.app.FindList(ctx, d.GroupID)
	switch {
	case errors.Is(err, account.ErrNoList):
		row.Status = overview.NoList
	case errors.Is(err, account.ErrChanging):
		row.PrefixListName, row.Remarks = list.Name, []string{err.Error()}
	case err != nil:
		return err
	default:
		g, err := l.app.storeListDiff(ctx, l.store, d, l.grace)
		if err != nil {
			return err
		}
		row.PrefixListName, row.Drift, row.Changes, row.Remarks = list.Name, g.Drift(), g.Changes, g.Remarks
	}
	l.add(row)
	return nil
}
