package main

import (
	"context"

	"github.com/sgwarden/sgwarden/deploy/baseline/consequence"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
)

// listConsequences says what enforcing the file of a prefix list does to live entries.
func (p planner) listConsequences(ctx context.Context, s surroundings, g *pushed, history []baseline.Version) (err error) {
	now, doc, list := p.Now(), g.file.List, s.lists.There[g.ID()]
	situation := consequence.ListSituation{Pause: s.pause}
	if situation.ReportOnly, err = p.ReportOnly(ctx, list); err != nil {
		return err
	}
	if situation.ReportOnly != "" && doc.Enforces() {
		g.Remarks = append(g.Remarks, situation.ReportOnly+": sgwarden tells of changes and can't undo them, so write mode: alert")
	}
	live := consequence.OfList(doc, situation, list.Entries, now)
	g.Live = &live
	if !live.Finds() {
		return nil
	}
	if g.Result == pushUnchanged {
		err = p.presentListGrace(ctx, s, g, &situation)
	} else {
		situation.Grace, situation.Unknown, err = consequence.ListGraceAfter(doc, g.stored.Stored, history, s.grace, now)
	}
	live = consequence.OfList(doc, situation, list.Entries, now)
	return err
}

// presentListGrace is what the grace of the version in force permits, if it lasts still.
func (p planner) presentListGrace(ctx context.Context, s surroundings, g *pushed, into *consequence.ListSituation) error {
	grace, unknown, err := p.ListGrace(ctx, s.store, g.file.List, g.stored.Stored, s.grace)
	into.Grace = grace
	if unknown != "" {
		into.Unknown = judge.ListGraceEnd(g.file.List, g.stored.Stored, s.grace, p.Now())
	}
	return err
}
