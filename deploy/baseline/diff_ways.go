package main

import (
	"context"
	"fmt"

	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/ec2groups"
	"github.com/sgwarden/sgwarden/pkg/secgroup"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

func (a *app) compareStoreFiles(ctx context.Context, store ssmstore.Store, files []file) (*comparison, error) {
	stored, err := a.storedBaselines(ctx, store, idsOf(files))
	if err != nil {
		return nil, err
	}
	c := &comparison{From: "parameter-store", To: "files", Groups: []groupDiff{}}
	for _, f := range files {
		g, err := storeFileDiff(stored[f.doc.GroupID], f)
		if err != nil {
			c.fail(f.doc.GroupID, err)
			continue
		}
		c.add(g)
	}
	return c.sort(), nil
}

// storeFileDiff tells what pushing a file would change.
func storeFileDiff(stored baseline.GroupDocument, f file) (groupDiff, error) {
	g := groupDiff{GroupID: f.doc.GroupID, GroupName: f.doc.GroupName, File: f.path}
	before, err := decodeStored(stored)
	if err != nil {
		return g, err
	}
	if before == nil {
		g.Remarks = []string{fmt.Sprintf("has no baseline in Parameter Store yet; with this it would be guarded (%s)", settingsText(f.doc))}
	}
	g.Changes = compareDocuments(before, f.doc)
	return g, nil
}

func idsOf(files []file) []string {
	ids := make([]string, len(files))
	for i, f := range files {
		ids[i] = f.doc.GroupID
	}
	return ids
}

func (a *app) compareFilesLive(ctx context.Context, groups ec2groups.Groups, files []file) (*comparison, error) {
	there, live, err := a.liveGroups(ctx, groups, ec2groups.Selection{IDs: idsOf(files)})
	if err != nil {
		return nil, err
	}
	c := &comparison{From: "files", To: "live", Groups: []groupDiff{}}
	for _, f := range files {
		g := groupDiff{GroupID: f.doc.GroupID, GroupName: f.doc.GroupName, File: f.path}
		c.add(a.liveDiff(g, f.doc, there, live))
	}
	return c.sort(), nil
}

// liveGroups reads groups, by id, and their rules.
func (a *app) liveGroups(ctx context.Context, groups ec2groups.Groups, s ec2groups.Selection) (there map[string]secgroup.Group, live map[string][]secgroup.LiveRule, err error) {
	found, err := groups.List(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	there = make(map[string]secgroup.Group, len(found))
	ids := make([]string, len(found))
	for i, g := range found {
		ids[i], there[g.ID] = g.ID, g
	}
	live, err = a.liveRules(ctx, groups, ids)
	return there, live, err
}

func (a *app) liveDiff(g groupDiff, doc *baseline.Document, there map[string]secgroup.Group, live map[string][]secgroup.LiveRule) groupDiff {
	found, exists := there[g.GroupID]
	if !exists {
		g.Changes = []difference{}
		g.Remarks = []string{"there is no such group in this account and region (any more), but there is a baseline for it"}
		return g
	}
	g.GroupName = found.Name
	g.Changes = compareLive(doc, live[g.GroupID], a.now())
	return g
}

func (a *app) compareStoreLive(ctx context.Context, store ssmstore.Store, groups ec2groups.Groups) (*comparison, error) {
	stored, err := a.storedBaselines(ctx, store, nil)
	if err != nil {
		return nil, err
	}
	there, live, err := a.liveGroups(ctx, groups, ec2groups.Selection{})
	if err != nil {
		return nil, err
	}
	c := &comparison{From: "parameter-store", To: "live", Groups: []groupDiff{}}
	for id, d := range stored {
		doc, err := decodeStored(d)
		if err != nil {
			c.fail(id, err)
			continue
		}
		c.add(a.liveDiff(groupDiff{GroupID: id, GroupName: doc.GroupName}, doc, there, live))
	}
	if err := c.judgeUnguarded(ctx, store, stored, there, live); err != nil {
		return nil, err
	}
	return c.sort(), nil
}

// judgeUnguarded judges the groups without a baseline by the guardrail.
func (c *comparison) judgeUnguarded(ctx context.Context, store ssmstore.Store, stored map[string]baseline.GroupDocument,
	there map[string]secgroup.Group, live map[string][]secgroup.LiveRule,
) error {
	value, err := store.ReadGuardrail(ctx)
	if err != nil {
		return err
	}
	guardrail := &baseline.Guardrail{}
	if value.Unreadable != nil {
		return fmt.Errorf("read the guardrail: %w", value.Unreadable)
	}
	if value.Exists() {
		if guardrail, err = baseline.DecodeGuardrail(value.Value); err != nil {
			return fmt.Errorf("the guardrail at %s is broken: %w", value.Parameter, err)
		}
	}
	for id, group := range there {
		if _, guarded := stored[id]; guarded {
			continue
		}
		g := groupDiff{GroupID: id, GroupName: group.Name, Changes: compareGuardrail(guardrail, live[id])}
		if !g.differs() {
			c.Unguarded++
			continue
		}
		g.Remarks = []string{"has no baseline, and breaks the guardrail"}
		c.Groups = append(c.Groups, g)
	}
	return nil
}
