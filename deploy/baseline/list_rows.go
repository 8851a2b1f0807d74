package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/overview"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// listing is an overview that is being made. Of the baselines no more than a page is kept in memory
// at a time.
type listing struct {
	app   *app
	store ssmstore.Store
	o     *overview.Overview
	ids   []string      // that were asked for; nil: all
	grace time.Duration // where a baseline doesn't say one

	guardrail *baseline.Guardrail
	approved  account.Approvals
	there     map[string]secgroup.Group
	live      map[string][]secgroup.LiveRule
	authors   map[string]string
	baselines int                          // that were found
	took      func(baseline.GroupDocument) // called for each document that was read; may be nil
	empty     bool                         // no document is for all groups
}

// addBaselines adds a row for each baseline.
func (l *listing) addBaselines(ctx context.Context) error {
	if l.ids != nil {
		found, err := l.app.Baselines(ctx, l.store, l.ids)
		for _, id := range slices.Sorted(maps.Keys(found)) {
			if err == nil {
				err = l.addBaseline(ctx, found[id])
			}
		}
		return err
	}
	p := l.app.Progress("judging groups", len(l.there))
	defer p.Clear()
	for d, err := range l.store.AllBaselines(ctx) {
		if err == nil {
			err = l.addBaseline(ctx, d)
		}
		if err != nil {
			return err
		}
		p.Step()
	}
	for d, err := range l.store.AllPrefixLists(ctx) {
		if err == nil {
			err = l.addBaseline(ctx, baseline.GroupDocument{GroupID: d.PrefixListID, Stored: d.Stored})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *listing) addBaseline(ctx context.Context, d baseline.GroupDocument) error {
	if l.took != nil {
		l.took(d)
	}
	if rule.IsPrefixListID(d.GroupID) {
		return l.addList(ctx, d)
	}
	l.baselines++
	group, exists := l.there[d.GroupID]
	row := overview.Row{
		GroupID: d.GroupID, GroupName: group.Name, VpcID: group.VpcID, Status: overview.Guarded,
		Baseline: &overview.Written{Parameter: l.store.Parameter(d.GroupID), Version: d.Stored.Version, ModifiedAt: d.Stored.ModifiedAt.UTC(), ModifiedBy: l.authors[d.GroupID]},
	}
	approved := l.approved.Of[d.GroupID]
	row.SetApprovals(approved, l.app.Now())
	doc, err := account.Decode(d)
	if err != nil {
		row.Status, row.Remarks = overview.Broken, []string{err.Error()}
		l.add(row)
		return nil
	}
	row.SetBaseline(doc)
	if !exists {
		row.Status, row.GroupName = overview.NoGroup, doc.GroupName
		l.add(row)
		return nil
	}
	g, err := l.app.storeLiveDiff(ctx, l.store, d, judge.Grounds{Approvals: approved}, l.grace, l.there, l.live)
	if err != nil {
		return fmt.Errorf("%s: %w", d.GroupID, err)
	}
	row.Drift, row.Changes, row.Remarks = g.Drift(), g.Changes, g.Remarks
	l.add(row)
	return nil
}

// add takes up a row. Its group is done with.
func (l *listing) add(row overview.Row) {
	l.o.Groups = append(l.o.Groups, row)
	delete(l.there, row.GroupID)
	delete(l.live, row.GroupID)
}

// addUnguarded adds the groups that are left, which have no baseline.
func (l *listing) addUnguarded() {
	for id, group := range l.there {
		approved := l.approved.Of[id]
		row := overview.Row{GroupID: id, GroupName: group.Name, VpcID: group.VpcID, Status: overview.NoBaseline}
		if len(l.guardrail.Forbid) > 0 {
			row.Mode = string(baseline.Alert)
			if l.guardrail.Enforces() {
				row.Mode = string(baseline.Enforce)
			}
		}
		row.SetApprovals(approved, l.app.Now())
		g := compare.Group{Changes: compare.Guardrail(l.guardrail, judge.Grounds{Approvals: approved}, l.live[id], l.app.Now())}
		row.Drift, row.Changes = g.Drift(), g.Changes
		l.o.Groups = append(l.o.Groups, row)
	}
}
