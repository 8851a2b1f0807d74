package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/words"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/rule"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

func (a *app) compareStoreFiles(ctx context.Context, store ssmstore.Store, files []basefile.File) (*comparison, error) {
	stored, err := a.Baselines(ctx, store, idsOf(files))
	if err != nil {
		return nil, err
	}
	c := &comparison{From: "parameter-store", To: "files", Groups: []compare.Group{}}
	for _, f := range files {
		g, err := storeFileDiff(stored[f.ID()], f)
		if err != nil {
			c.fail(f.ID(), err)
			continue
		}
		c.add(g)
	}
	return c.sort(), nil
}

// storeFileDiff says what pushing a file would change.
func storeFileDiff(stored baseline.GroupDocument, f basefile.File) (compare.Group, error) {
	is := f.Says()
	g := compare.About(f.ID(), is.GroupName)
	g.File = f.Path
	before, err := account.Decode(stored)
	if err != nil {
		return g, err
	}
	if before == nil {
		g.Remarks = []string{fmt.Sprintf("has no baseline in Parameter Store yet; with this it would be guarded (%s)", compare.SettingsText(is))}
	}
	g.Changes = compare.Documents(before, is)
	return g, nil
}

func idsOf(files []basefile.File) []string {
	ids := make([]string, len(files))
	for i, f := range files {
		ids[i] = f.ID()
	}
	return ids
}

func (a *app) compareFilesLive(ctx context.Context, store ssmstore.Store, files []basefile.File) (*comparison, error) {
	ids := groupsOf(idsOf(files))
	approved, err := a.StoredApprovals(ctx, store, ids)
	if err != nil {
		return nil, err
	}
	shared, err := store.ReadShared(ctx)
	if err != nil {
		return nil, err
	}
	there, live, err := a.liveOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	c := &comparison{From: "files", To: "live", Groups: []compare.Group{}}
	c.remark(shared.Pause, approved, a.Now())
	for _, f := range files {
		if f.List != nil {
			g := compare.About(f.ID(), f.List.PrefixListName)
			g.File = f.Path
			c.addList(a.liveListDiff(ctx, g, f.List, judge.ListGrace{}))
			continue
		}
		g := compare.Group{GroupID: f.Doc.GroupID, GroupName: f.Doc.GroupName, File: f.Path}
		grounds := judge.Grounds{Approvals: approved.Of[f.Doc.GroupID]}
		c.add(a.liveDiff(g, f.Doc, grounds, there, live))
		c.remarkApprovals(g.GroupID, grounds.Approvals, live[g.GroupID], a.Now())
	}
	return c.sort(), nil
}

func (a *app) liveDiff(g compare.Group, doc *baseline.Document, grounds judge.Grounds, there map[string]secgroup.Group, live map[string][]secgroup.LiveRule) compare.Group {
	found, exists := there[g.GroupID]
	if !exists {
		g.Changes = []compare.Difference{}
		g.Remarks = []string{"there is no such group in this account and region (any more), but there is a baseline for it"}
		return g
	}
	g.GroupName = found.Name
	g.Changes = compare.Live(doc, grounds, live[g.GroupID], a.Now())
	return g
}

// compareStoreLive compares the groups and prefix lists of some ids; nil ids are all.
func (a *app) compareStoreLive(ctx context.Context, store ssmstore.Store, ids []string) (*comparison, error) {
	length, err := a.DefaultGrace()
	if err != nil {
		return nil, err
	}
	stored, err := a.Baselines(ctx, store, ids)
	if err != nil {
		return nil, err
	}
	groupIDs := ids
	if ids != nil {
		groupIDs = groupsOf(ids)
	}
	approved, err := a.StoredApprovals(ctx, store, groupIDs)
	if err != nil {
		return nil, err
	}
	shared, err := store.ReadShared(ctx)
	if err != nil {
		return nil, err
	}
	guardrail, err := account.DecodeGuardrail(shared.Guardrail)
	if err != nil {
		return nil, err
	}
	there, live, err := a.liveOrAll(ctx, groupIDs)
	if err != nil {
		return nil, err
	}
	if err := a.somethingThere(ctx, store, ids, stored, approved, shared, there); err != nil {
		return nil, err
	}
	c := &comparison{From: "parameter-store", To: "live", Groups: []compare.Group{}}
	c.remark(shared.Pause, approved, a.Now())
	for id, d := range stored {
		if rule.IsPrefixListID(id) {
			c.addList(a.storeListDiff(ctx, store, d, length))
			continue
		}
		g, err := a.storeLiveDiff(ctx, store, d, judge.Grounds{Approvals: approved.Of[id]}, length, there, live)
		if err != nil {
			c.fail(id, err)
			continue
		}
		c.add(g)
		c.remarkApprovals(id, approved.Of[id], live[id], a.Now())
	}
	for id, group := range there {
		if _, guarded := stored[id]; !guarded {
			c.addUnguarded(group, guardrail, approved.Of[id], live[id], a.Now())
			c.remarkApprovals(id, approved.Of[id], live[id], a.Now())
		}
	}
	return c.sort(), nil
}

// somethingThere returns an error where there is nothing to compare: a prefix or groups
// that are mistyped, or another account or region than was meant.
func (a *app) somethingThere(ctx context.Context, store ssmstore.Store, ids []string, stored map[string]baseline.GroupDocument, approved account.Approvals, shared baseline.Documents, there map[string]secgroup.Group) error {
	for _, id := range ids {
		_, exists := there[id]
		switch {
		case exists, stored[id].Stored.Exists():
		case rule.IsPrefixListID(id):
			where, err := a.Identity(ctx)
			return errors.Join(err, fmt.Errorf("there is no document of the prefix list %s at %s in account %s, region %s: capture the list and push its file first", id, account.Parameter(store, id), where.Account, where.Region))
		default:
			_, err := a.FindGroup(ctx, id)
			return err
		}
	}
	if ids != nil || len(stored)+len(approved.Of)+len(approved.Unusable) > 0 || shared.Guardrail.Exists() || shared.Pause.Exists() || shared.Trust.Exists() {
		return nil
	}
	where, err := a.Identity(ctx)
	if err != nil {
		return err
	}
	groups := fmt.Sprintf("; nothing guards the %s there: capture and push baselines first", words.Count(len(there), "group"))
	if len(there) == 0 {
		groups = ", and no security group"
	}
	return fmt.Errorf("there is no baseline, approval or guardrail under %s in account %s, region %s%s (or is it another --prefix, region or account?)", a.Prefix, where.Account, where.Region, groups)
}

// storeLiveDiff judges a group by its baseline. Where a rule would be revoked, what
// was permitted until recently counts too; length is how long where the baseline
// doesn't say.
func (a *app) storeLiveDiff(ctx context.Context, store ssmstore.Store, d baseline.GroupDocument, grounds judge.Grounds, length time.Duration,
	there map[string]secgroup.Group, live map[string][]secgroup.LiveRule,
) (compare.Group, error) {
	doc, err := account.Decode(d)
	if err != nil {
		return compare.Group{}, err
	}
	empty := compare.Group{GroupID: d.GroupID, GroupName: doc.GroupName}
	g := a.liveDiff(empty, doc, grounds, there, live)
	if !compare.Revokes(doc, g.Changes) {
		return g, nil
	}
	grace, note, err := a.Grace(ctx, store, doc, d.Stored, length)
	switch {
	case err != nil:
		return compare.Group{}, err
	case note != "":
		g.Remarks = append(g.Remarks, note)
	case len(grace.Former) > 0:
		grounds.Grace = grace
		g = a.liveDiff(empty, doc, grounds, there, live)
	}
	return g, nil
}

// addUnguarded judges a group without a baseline by the guardrail.
func (c *comparison) addUnguarded(group secgroup.Group, guardrail *baseline.Guardrail, approved []*baseline.Approval, live []secgroup.LiveRule, now time.Time) {
	g := compare.Group{GroupID: group.ID, GroupName: group.Name}
	g.Changes = compare.Guardrail(guardrail, judge.Grounds{Approvals: approved}, live, now)
	if !g.Differs() {
		c.Unguarded++
		return
	}
	g.Remarks = []string{"has no baseline, and breaks the guardrail"}
	c.Groups = append(c.Groups, g)
}
