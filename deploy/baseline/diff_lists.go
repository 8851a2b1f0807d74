package main

import (
	"context"
	"errors"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// addList takes up a prefix list, which may turn out not to differ. One list that can't
// be compared hides no other.
func (c *comparison) addList(g compare.Group, err error) {
	if err != nil {
		c.fail(g.ID(), err)
		return
	}
	c.add(g)
}

// storeListDiff judges a prefix list by its document in Parameter Store, as
// storeLiveDiff does a group.
func (a *app) storeListDiff(ctx context.Context, store ssmstore.Store, d baseline.GroupDocument, length time.Duration) (compare.Group, error) {
	g := compare.About(d.GroupID, "")
	doc, err := account.DecodeList(d)
	if err != nil {
		return g, err
	}
	g.PrefixListName = doc.PrefixListName
	grace, note, err := a.ListGrace(ctx, store, doc, d.Stored, length)
	if err != nil {
		return g, err
	}
	g, err = a.liveListDiff(ctx, g, doc, grace)
	if err == nil && note != "" && compare.Violations(g.Changes) > 0 && doc.Enforces() {
		g.Remarks = append(g.Remarks, note)
	}
	return g, err
}

// liveListDiff adds how the live entries of a prefix list differ from its document.
func (a *app) liveListDiff(ctx context.Context, g compare.Group, doc *baseline.PrefixList, grace judge.ListGrace) (compare.Group, error) {
	g.Changes = []compare.Difference{}
	list, err := a.FindList(ctx, g.ID())
	if errors.Is(err, account.ErrNoList) {
		g.Remarks = []string{"there is no such prefix list in this account and region (any more), but there is a baseline for it"}
		return g, nil
	}
	if err != nil {
		return g, err
	}
	reportOnly, err := a.ReportOnly(ctx, list)
	if err != nil {
		return g, err
	}
	g.PrefixListName = list.Name
	g.Changes = compare.Entries(doc, grace, list.Entries, reportOnly, a.Now())
	return g, nil
}
