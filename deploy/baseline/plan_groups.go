package main

import (
	"cmp"
	"context"
	"fmt"
	"sync"

	"github.com/sgwarden/sgwarden/deploy/baseline/account"
	"github.com/sgwarden/sgwarden/deploy/baseline/basefile"
	"github.com/sgwarden/sgwarden/deploy/baseline/compare"
	"github.com/sgwarden/sgwarden/deploy/baseline/consequence"
	"github.com/sgwarden/sgwarden/deploy/baseline/lineage"
	"github.com/sgwarden/sgwarden/pkg/baseline"
	"github.com/sgwarden/sgwarden/pkg/judge"
	"github.com/sgwarden/sgwarden/pkg/ssmstore"
)

// sideBySide is how many histories are read at the same time. Parameter Store answers
// some 40 calls a second in an account and region (SSM User Guide, "Increasing
// Parameter Store throughput").
const sideBySide = 8

// plan reads files, and says for each what pushing it would do.
func (p planner) plan(ctx context.Context, paths []string) (*pushPlan, ssmstore.Store, error) {
	files, err := readFiles(paths)
	if err != nil {
		return nil, ssmstore.Store{}, err
	}
	plan := &pushPlan{Groups: make([]*pushed, len(files))}
	s, err := p.surroundings(ctx, idsOf(files), plan)
	if err != nil {
		return nil, ssmstore.Store{}, err
	}
	if err := p.each(ctx, s, files, plan.Groups); err != nil {
		return nil, ssmstore.Store{}, err
	}
	for _, g := range plan.Groups {
		if g.Result == pushNotWritten && g.Live != nil {
			plan.Revokes += g.Live.Revokes()
		}
	}
	return plan, s.store, nil
}

// each plans files side by side, in the order of the files. The first error ends it.
func (p planner) each(ctx context.Context, s surroundings, files []basefile.File, into []*pushed) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	progress := p.Progress("comparing baselines", len(files))
	defer progress.Clear()
	var one sync.Mutex
	next := 0
	take := func() (i int, more bool) {
		one.Lock()
		defer one.Unlock()
		i, next = next, next+1
		if i > 0 && i <= len(files) {
			progress.Step()
		}
		return i, i < len(files) && ctx.Err() == nil
	}
	var workers sync.WaitGroup
	for range min(sideBySide, len(files)) {
		workers.Go(func() {
			for i, more := take(); more; i, more = take() {
				g, err := p.one(ctx, s, files[i])
				if err != nil {
					stop(fmt.Errorf("%s: %w", files[i].Path, err))
					return
				}
				into[i] = g
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// one says what pushing a file would do. The error is of AWS.
func (p planner) one(ctx context.Context, s surroundings, f basefile.File) (*pushed, error) {
	stored := s.stored[f.ID()]
	g := &pushed{file: f, stored: stored, Version: stored.Stored.Version, Result: pushNotWritten}
	diff, unusable := storeFileDiff(stored, f)
	g.Group = diff
	exists := g.find(s)
	if unusable == nil && stored.Stored.Exists() {
		g.before, _ = account.Decode(stored) // no error, as just now
	}
	var history []baseline.Version
	var err error
	switch {
	case unusable != nil:
		history, err = p.replaceUnusable(ctx, s, g, unusable)
	case !g.Differs():
		g.Result = pushUnchanged
	case g.before == nil:
		g.remarkStamp()
	default:
		history, err = p.replace(ctx, s, g)
	}
	if err != nil {
		return nil, err
	}
	if changing := s.lists.Changing[g.ID()]; changing != nil {
		g.refuse(again, changing.Error())
		return g, nil
	}
	if !exists {
		g.miss(p.allowMissing, s.identity)
		return g, nil
	}
	return g, p.consequences(ctx, s, g, history)
}

// find takes the name that EC2 has, where the file has none, and reports whether EC2 has
// the group or prefix list.
func (g *pushed) find(s surroundings) bool {
	if g.IsList() {
		list, exists := s.lists.There[g.ID()]
		g.PrefixListName = cmp.Or(g.PrefixListName, list.Name)
		return exists
	}
	group, exists := s.there[g.ID()]
	g.GroupName = cmp.Or(g.GroupName, group.Name)
	return exists
}

// replaceUnusable plans to replace a baseline that is broken or can't be read.
func (p planner) replaceUnusable(ctx context.Context, s surroundings, g *pushed, unusable error) ([]baseline.Version, error) {
	if !p.force {
		g.refuse(byForce, unusable.Error())
	}
	g.Remarks = []string{fmt.Sprintf("replaces version %d, which can't be read", g.Version)}
	g.Changes = compare.Documents(nil, g.file.Says())
	if g.stored.Stored.ReadError != nil {
		// Nobody knows here what the baseline permits, and what stays permitted for the grace.
		return []baseline.Version{{Stored: g.stored.Stored}}, nil
	}
	return s.store.History(ctx, g.stored.Stored.Parameter)
}

// replace plans to replace a baseline, if the file undoes nothing of what others
// changed since the last push.
func (p planner) replace(ctx context.Context, s surroundings, g *pushed) ([]baseline.Version, error) {
	history, err := s.store.History(ctx, g.stored.Stored.Parameter)
	if err != nil {
		return nil, err
	}
	if n := len(history); n == 0 || history[n-1].Version != g.Version {
		g.refuse(again, fmt.Sprintf("%s was version %d: %v", g.stored.Stored.Parameter, g.Version, ssmstore.ErrChanged))
		return history, nil
	}
	inForce := lineage.StatusOf(g.file.Says(), g.file.Version, lineage.Decode(g.ID(), history))
	switch {
	case inForce.Verdict != lineage.Foreign, p.isTaken(s.identity, g.stored.Stored.Parameter, g.file.Path, g.before):
		if text := inForce.EarlierText(); text != "" {
			g.Remarks = append(g.Remarks, text)
		}
	case p.force:
		for _, c := range inForce.Undone {
			g.Remarks = append(g.Remarks, "--force undoes what others changed: "+c.String())
		}
	default:
		advice := byChoice
		if _, found := originOf(g.file, history); found {
			advice = byPull
		}
		g.refuse(advice, inForce.Text(g.ID()))
	}
	return history, nil
}

// consequences says what enforcing the file does to live rules or entries.
func (p planner) consequences(ctx context.Context, s surroundings, g *pushed, history []baseline.Version) error {
	if g.IsList() {
		return p.listConsequences(ctx, s, g, history)
	}
	now, doc := p.Now(), g.file.Doc
	situation := consequence.Situation{Approvals: s.approved.Of[g.GroupID], Pause: s.pause}
	live := consequence.Of(doc, situation, s.live[g.GroupID], now)
	g.Live = &live
	if !live.Finds() {
		return nil
	}
	var err error
	if g.Result == pushUnchanged {
		err = p.presentGrace(ctx, s, g, &situation)
	} else {
		situation.Grace, situation.Unknown, err = consequence.GraceAfter(doc, g.stored.Stored, history, s.grace, now)
	}
	live = consequence.Of(doc, situation, s.live[g.GroupID], now)
	return err
}

// presentGrace is what the grace of the version in force permits, if it lasts still.
func (p planner) presentGrace(ctx context.Context, s surroundings, g *pushed, into *consequence.Situation) error {
	grace, unknown, err := p.Grace(ctx, s.store, g.file.Doc, g.stored.Stored, s.grace)
	into.Grace = grace
	if unknown != "" {
		into.Unknown = judge.GraceEnd(g.file.Doc, g.stored.Stored, s.grace, p.Now())
	}
	return err
}
